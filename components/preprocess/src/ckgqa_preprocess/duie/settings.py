"""Settings of `duie`; every field is a flag, and the text under it is its help."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le, Lt

from ckgqa.runtime.settings import CheckedSettings, InputPath, OutputDataset


@dataclass(frozen=True)
class DuieSettings(CheckedSettings):
    """Settings of `duie`."""

    raw: InputPath
    """The archive: a zip or a folder with schema.json, train.json and dev.json (or DuIE 1.0's names)."""
    sentences: OutputDataset
    """Folder for the sentences, their schema and the report."""
    train: str = ""
    """Name of the training file in the archive, or its path there; empty for train.json or DuIE 1.0's name."""
    dev: str = ""
    """Name of the test file in the archive, or its path there; empty for dev.json or DuIE 1.0's name."""
    schema: str = ""
    """Name of the schema file in the archive, or its path there; empty for schema.json or DuIE 1.0's name."""
    seed: Annotated[int, Ge(0)] = 13
    """Random seed of the split; the same seed puts the same text into the same split."""
    validation_fraction: Annotated[float, Gt(0), Lt(1)] = 0.05
    """Share of train.json for validation; 5 % of DuIE is over 1,000 sentences."""
    max_bad_fraction: Annotated[float, Ge(0), Le(1)] = 0.01
    """Largest share of bad records in a file; more than 1 % means that the file is of another kind or damaged."""

    @property
    def chosen_files(self) -> dict[str, str]:
        """Role -> name of its file in the archive; empty for the standard names."""
        return {"schema": self.schema, "train": self.train, "dev": self.dev}
