"""The learning curve of a model: `metrics.jsonl`, which the training wrote, a line an epoch."""

from collections.abc import Set as AbstractSet
from pathlib import Path

from ckgqa.runtime.artefacts import METRICS_JSONL
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_jsonl


def read_learning_curve(model: Path, required: AbstractSet[str]) -> list[dict[str, float]]:
    """Read the figures of each epoch from a model's folder.

    Args:
        model: the model's folder.
        required: names of the figures that every epoch must have.

    Raises:
        InputError: there is no epoch, or an epoch lacks a figure.
    """
    path = model / METRICS_JSONL
    epochs = [
        {name: float(value) for name, value in line.items() if isinstance(value, int | float)}
        for _, line in read_jsonl(path)
    ]
    if not epochs or not all(epoch.keys() >= required for epoch in epochs):
        raise InputError(f"{path}: expected a line for each epoch, with {', '.join(sorted(required))}")
    return epochs
