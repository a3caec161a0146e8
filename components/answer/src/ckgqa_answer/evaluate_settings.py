"""What can be set for `evaluate`; every field is a flag, the literal under it its help."""

from dataclasses import dataclass
from typing import Literal

from ckgqa.runtime.errors import require
from ckgqa.runtime.settings import InputPath, OutputPath, OutputValue


@dataclass(frozen=True)
class EvaluateSettings:
    """Settings of `evaluate`."""

    questions: InputPath
    """Folder of labelled questions (ckgqa/questions)."""
    sentences: InputPath
    """Folder of labelled sentences (ckgqa/sentences): the gold is what its training and validation triples say."""
    graph: InputPath
    """Folder of the graph that is asked (ckgqa/graph)."""
    report: OutputPath
    """Folder that receives report.json, report.md, report.html and calibration.json."""
    accuracy: OutputValue
    """File that receives the share of questions with exactly the right answer, 0 to 1."""
    endpoint: str
    """The question model: http://HOST:PORT of a server, or the name of a SageMaker endpoint."""
    graph_url: str = ""
    """Address of the graph where it is not the folder's own; one with credentials, say."""
    split: Literal["train", "validation", "test"] = "test"
    """Questions that are asked and reported; test are those that nothing was chosen on."""
    fit: bool = True
    """Whether the confidence is fitted on the validation questions first; else `calibration` is taken as it is."""
    calibration: str = ""
    """A calibration.json for the confidence; empty for weights set by hand. Not read where it is fitted."""
    timeout_s: float = 10.0
    """Seconds that one attempt to ask the model may take."""
    max_rows: int = 10000
    """Most facts that one question brings from the graph, so that long answers are compared whole."""
    examples: int = 20
    """Wrong answers shown for each shape of question."""

    def __post_init__(self) -> None:
        require(self.timeout_s > 0, f"--timeout-s {self.timeout_s}: more than 0 is expected")
        require(self.max_rows >= 1, f"--max-rows {self.max_rows}: at least 1 is expected")
        require(self.examples >= 0, f"--examples {self.examples}: at least 0 is expected")
