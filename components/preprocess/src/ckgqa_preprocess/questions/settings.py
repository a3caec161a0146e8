"""Settings of `questions`; every field is a flag, and the text under it is its help."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from ckgqa.runtime.errors import require
from ckgqa.runtime.optional_inputs import optional_input
from ckgqa.runtime.settings import CheckedSettings, InputDataset, InputPath, OutputDataset, SettingPath, refusal

RawSplit = Literal["random", "wording"]


@dataclass(frozen=True)
class QuestionSettings(CheckedSettings):
    """Settings of `questions`."""

    questions: OutputDataset
    """Folder to write: train.jsonl, validation.jsonl, test.jsonl, labels.json, report.json, report.md."""
    graph_csv: InputDataset | None = None
    """The graph to ask about (ckgqa/graph-csv); may be absent, or an empty folder, if there is an archive."""
    schema: InputPath | None = None
    """The graph's schema: the sentences that it was made from (ckgqa/sentences), or a schema.json; required with a
    graph."""
    raw: InputPath | None = None
    """An archive of labelled questions: a zip or a folder with seq.in, seq.out, label and schema/; may be absent, or an
    empty folder, if there is a graph."""
    templates: SettingPath = ""
    """A file of wordings, or a folder of them, to add to the shipped ones; empty for none."""
    seed: Annotated[int, Ge(0)] = 13
    """Random seed of all sampling; the same seed and input give the same bytes."""
    train_size: Annotated[int, Ge(0)] = 40000
    """Number of generated questions for training; fewer if the graph does not have so many."""
    validation_size: Annotated[int, Ge(0)] = 2000
    """Number of generated questions for validation."""
    test_size: Annotated[int, Ge(0)] = 1600
    """Number of generated questions for the test; 1,600 are over 100 of every shape."""
    max_facts: Annotated[int, Ge(1)] = 200000
    """Approximate number of the graph's edges to read; from a larger graph, the stage reads all facts of a part of the
    subjects, so that memory stays below 1 GB."""
    raw_split: RawSplit = "random"
    """How to split the archive: at random, so that training and test share wordings, or by wording, so that they share
    none."""
    raw_validation_fraction: Annotated[float, Gt(0), Lt(1)] = 0.1
    """Share of the archive for validation if the split is random."""
    raw_test_fraction: Annotated[float, Gt(0), Lt(1)] = 0.2
    """Share of the archive for the test if the split is random."""
    max_bad_fraction: Annotated[float, Ge(0), Le(1)] = 0.01
    """Largest share of bad records in the archive; more than 1 % means that it is of another kind or damaged."""

    def __post_init__(self) -> None:
        super().__post_init__()
        graph, schema, raw = (optional_input(path) for path in (self.graph_csv, self.schema, self.raw))
        require(
            self.raw_validation_fraction + self.raw_test_fraction < 1,
            refusal(
                "--raw-test-fraction",
                self.raw_test_fraction,
                f"less than 1 together with --raw-validation-fraction {self.raw_validation_fraction}",
            ),
        )
        require(
            graph is not None or raw is not None,
            refusal("--graph-csv", _shown(self.graph_csv), "a graph with its --schema, unless --raw names an archive"),
        )
        require(
            graph is None or schema is not None,
            refusal(
                "--schema", _shown(self.schema), "the sentences that the graph was made from, or their schema.json"
            ),
        )
        require(
            not self.templates or Path(self.templates).exists(),
            refusal("--templates", self.templates, "an existing file or folder"),
        )


def _shown(path: Path | None) -> str:
    """Return an input as a refusal shows it."""
    return "''" if path is None else str(path)
