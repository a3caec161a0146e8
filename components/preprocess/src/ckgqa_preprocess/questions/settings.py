"""What `questions` can be told."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ckgqa.runtime.errors import require
from ckgqa.runtime.optional_inputs import optional_input
from ckgqa.runtime.settings import InputPath, OutputPath

RawSplit = Literal["random", "wording"]


@dataclass(frozen=True)
class QuestionSettings:
    """Settings of `questions`."""

    questions: OutputPath
    """Folder to write: train.jsonl, validation.jsonl, test.jsonl, labels.json, report.json, report.md."""
    graph_csv: InputPath | None = None
    """The graph to ask about (ckgqa/graph-csv); may be left out, or an empty folder, where there is an archive."""
    schema: InputPath | None = None
    """The graph's schema: the sentences that it was made from (ckgqa/sentences), or a schema.json; needed with a
    graph."""
    raw: InputPath | None = None
    """An archive of labelled questions: a zip or a folder with seq.in, seq.out, label and schema/; may be left out, or
    an empty folder, where there is a graph."""
    templates: str = ""
    """A file of wordings, or a folder of them, to add to the shipped ones; empty for none."""
    seed: int = 13
    """Seed of every draw; the same seed and input give the same bytes."""
    train_size: int = 40000
    """Generated questions to train on, 0 or more; fewer where the graph does not give so many."""
    validation_size: int = 2000
    """Generated questions to choose by, 0 or more."""
    test_size: int = 1600
    """Generated questions to judge by, 0 or more; 1,600 are over 100 of every shape."""
    max_facts: int = 200000
    """Edges of the graph that are read, about, at least 1; of a larger graph all facts of a part of the subjects, so
    that memory stays below 1 GB."""
    raw_split: RawSplit = "random"
    """How the archive is split: at random, so that the test has wordings that were trained on, or by wording, so that
    it has none."""
    raw_validation_fraction: float = 0.1
    """Share of the archive kept for validation where it is split at random, above 0."""
    raw_test_fraction: float = 0.2
    """Share of the archive kept for the test where it is split at random, above 0."""
    max_bad_fraction: float = 0.01
    """Largest share of bad records in the archive, 0 to 1; more than 1 % means that it is not what it should be."""

    def __post_init__(self) -> None:
        sizes = (self.train_size, self.validation_size, self.test_size)
        held = self.raw_validation_fraction + self.raw_test_fraction
        require(min(sizes) >= 0, f"train_size, validation_size, test_size are {sizes}; 0 or more is expected of each")
        require(self.max_facts >= 1, f"max_facts is {self.max_facts}; at least 1 is expected")
        require(
            self.raw_validation_fraction > 0 and self.raw_test_fraction > 0 and held < 1,
            f"raw_validation_fraction and raw_test_fraction add up to {held}; two numbers above 0 that leave something "
            "to train on are expected",
        )
        require(
            0 <= self.max_bad_fraction <= 1,
            f"max_bad_fraction is {self.max_bad_fraction}; a number from 0 to 1 is expected",
        )
        require(
            optional_input(self.graph_csv) is not None or optional_input(self.raw) is not None,
            "nothing to make questions of: give --graph-csv with --schema, --raw, or both",
        )
        require(
            optional_input(self.graph_csv) is None or optional_input(self.schema) is not None,
            "--graph-csv without --schema; give the sentences that the graph was made from, or their schema.json",
        )
        require(
            not self.templates or Path(self.templates).exists(),
            f"--templates {self.templates}: there is no such file or folder",
        )
