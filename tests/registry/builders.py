"""Made models and reports: small folders of the formats that the registry takes."""

from pathlib import Path

from ckgqa.registry.model_groups import GROUPS
from ckgqa.runtime.files import tree_hash
from ckgqa.runtime.jsonlines import write_json
from ckgqa.runtime.manifest import Manifest, write_manifest

FIGURES = {
    "question-model": {"intent_accuracy": 0.9, "slot_f1": 0.8, "exact_match": 0.7},
    "extraction-model": {"f1": 0.6, "precision": 0.65, "recall": 0.55},
}


def make_model(folder: Path, group: str = "question-model", *, weights: str = "w") -> Path:
    """Write a model folder of a group, whose content follows from `weights`."""
    (folder / "onnx").mkdir(parents=True)
    (folder / "model.safetensors").write_text(weights)
    (folder / "onnx" / "model.onnx").write_text(f"graph of {weights}")
    write_manifest(folder, Manifest(*GROUPS[group].model, "s1", "a test"))
    return folder


def make_report(folder: Path, model: Path, group: str = "question-model", **figures: float) -> Path:
    """Write an evaluation report on a model."""
    folder.mkdir(parents=True)
    told = {**FIGURES[group], **figures, "split": "test", "served": True, "per_shape": {"count": {"slot_f1": 0.5}}}
    write_json(folder / "report.json", told)
    (folder / "report.html").write_text("<p>report</p>")
    inputs = {"model": tree_hash(model), "questions": "q1"}
    write_manifest(folder, Manifest(*GROUPS[group].report, "s1", "a test", {}, inputs))
    return folder


def make(folder: Path, group: str = "question-model", *, weights: str = "w", **figures: float) -> tuple[Path, Path]:
    """Write a model and the report on it."""
    model = make_model(folder / "model", group, weights=weights)
    return model, make_report(folder / "report", model, group, **figures)
