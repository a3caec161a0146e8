"""Batches of windows as tensors, padded to the longest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ckgqa_train_casrel.examples import Encoded, Example

# Widths are multiples of this: oneDNN compiles its kernels anew for every shape.
WIDTH_STEP = 8


@dataclass(frozen=True)
class Inputs:
    """A batch of windows: B of them, T positions."""

    characters: Tensor
    """(B, T) int64, 0 after the end."""
    neighbours: Tensor
    """(B, T, 2) int64, 0 after the end."""
    kinds: Tensor
    """(B, T) int64, 0 after the end."""
    lengths: Tensor
    """(B,) int64."""

    @property
    def mask(self) -> Tensor:
        """Tell characters (True) from padding, (B, T)."""
        positions = torch.arange(self.characters.shape[1], device=self.lengths.device)
        return positions < self.lengths[:, None]


@dataclass(frozen=True)
class Pairs:
    """P pairs of a window and a subject in it."""

    sentences: Tensor
    """(P,) int64: row of the batch."""
    spans: Tensor
    """(P, 2) int64: head and tail, end included."""


@dataclass(frozen=True)
class Targets:
    """What the pointers should say; every row of `objects` names one 1 among zeros."""

    subjects: Tensor
    """(B, T, 2) float32: 1 at heads and at tails of subjects."""
    pairs: Pairs
    objects: Tensor
    """(P, T, 2 * labels) float32: 1 at heads (even columns) and at tails (odd columns)."""


def padded_width(lengths: Sequence[int]) -> int:
    """Give the width of a batch: its longest window, rounded up to the few widths that the library prepares for."""
    return -(-max(lengths) // WIDTH_STEP) * WIDTH_STEP


def collate(windows: Sequence[Encoded], device: torch.device) -> Inputs:
    """Pad windows to the longest and move them to the device."""
    lengths = np.array([len(window) for window in windows], dtype=np.int64)
    width = padded_width(lengths.tolist())
    table = np.zeros((len(windows), width, 4), dtype=np.int64)
    for row, window in zip(table, windows, strict=True):
        row[: len(window), 0] = window.characters
        row[: len(window), 1:3] = window.neighbours
        row[: len(window), 3] = window.kinds
    held = torch.from_numpy(table).to(device, non_blocking=True)
    return Inputs(held[..., 0], held[..., 1:3], held[..., 3], torch.from_numpy(lengths).to(device))


def collate_targets(examples: Sequence[Example], labels: int, distract: float, device: torch.device) -> Targets:
    """Put the labels of a batch into tensors.

    Args:
        examples: the batch, as in `collate`.
        labels: number of (predicate, slot) labels.
        distract: chance that a sentence brings one of its distractors as a subject without objects; drawn from
            torch's global generator.
        device: where the tensors go.
    """
    width = padded_width([len(example.inputs) for example in examples])
    sentences: list[np.ndarray] = []
    spans: list[np.ndarray] = []
    marks: list[np.ndarray] = []
    count = 0
    draws = torch.rand(len(examples), 2, dtype=torch.float64).tolist()
    for row, (example, (chance, choice)) in enumerate(zip(examples, draws, strict=True)):
        marks.append(example.objects + np.array([count, 0, 0, 0]))
        found = example.subjects
        if chance < distract and len(example.distractors):
            picked = example.distractors[int(choice * len(example.distractors))]
            found = np.concatenate([found, picked[None]])
        sentences.append(np.full(len(found), row, dtype=np.int64))
        spans.append(found)
        count += len(found)
    rows = np.repeat(np.arange(len(examples)), [len(example.subjects) for example in examples])
    heads, tails = np.concatenate([example.subjects for example in examples]).T
    subjects = torch.zeros(len(examples), width, 2)
    subjects[rows, heads, 0] = 1
    subjects[rows, tails, 1] = 1
    objects = torch.zeros(count, width, 2 * labels)
    pair, label, head, tail = torch.from_numpy(np.concatenate(marks)).unbind(1)
    objects[pair, head, 2 * label] = 1
    objects[pair, tail, 2 * label + 1] = 1
    pairs = Pairs(
        torch.from_numpy(np.concatenate(sentences)).to(device), torch.from_numpy(np.concatenate(spans)).to(device)
    )
    return Targets(subjects.to(device), pairs, objects.to(device))
