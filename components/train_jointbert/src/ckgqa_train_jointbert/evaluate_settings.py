"""What can be set for `evaluate`; every field is a flag, and the literal under it its help."""

from dataclasses import dataclass
from typing import Literal

from ckgqa.runtime.errors import require
from ckgqa.runtime.settings import InputPath, OutputPath, OutputValue


@dataclass(frozen=True)
class EvaluateSettings:
    """Settings of `evaluate`."""

    model: InputPath
    """Model folder, as `train` writes it, or its model.tar.gz."""
    questions: InputPath
    """Folder of `preprocess questions`, of labels that the model knows."""
    report: OutputPath
    """Folder that receives report.json, report.md, report.html, confusion.svg and baseline.jsonl."""
    intent_accuracy: OutputValue
    """File that receives the share of right intents, 0 to 1, which the pipeline's gate reads."""
    slot_f1: OutputValue
    """File that receives the micro-F1 of the names, 0 to 1, which the pipeline's gate reads."""
    split: Literal["train", "validation", "test"] = "test"
    """Questions that are scored; test are the ones that nothing was chosen on."""
    weights: Literal["served", "trained"] = "served"
    """What is scored: model.onnx, which is served, or model.safetensors, as it was trained."""
    examples: int = 30
    """Wrongly read questions that are shown."""

    def __post_init__(self) -> None:
        require(self.examples >= 0, f"--examples {self.examples}: at least 0 is expected")
