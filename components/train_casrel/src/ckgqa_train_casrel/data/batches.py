"""Batches of windows as tensors, padded to the longest window."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ckgqa_train_casrel.data.examples import EncodedWindow, WindowExample

# Widths are multiples of this: oneDNN compiles its kernels anew for every shape.
WIDTH_STEP = 8


@dataclass(frozen=True)
class WindowBatch:
    """A batch of windows: B of them, T positions."""

    characters: Tensor
    """(B, T) int64, 0 after the end."""
    bigrams: Tensor
    """(B, T, 2) int64, 0 after the end."""
    char_types: Tensor
    """(B, T) int64, 0 after the end."""
    lengths: Tensor
    """(B,) int64."""

    @property
    def mask(self) -> Tensor:
        """The mask of the batch: True at characters, False at padding, (B, T)."""
        positions = torch.arange(self.characters.shape[1], device=self.lengths.device)
        return positions < self.lengths[:, None]


@dataclass(frozen=True)
class SubjectPairs:
    """P pairs of a window and a subject in it."""

    windows: Tensor
    """(P,) int64: row of the batch."""
    spans: Tensor
    """(P, 2) int64: head and tail, end included."""


@dataclass(frozen=True)
class PointerTargets:
    """The targets of the pointers; every row of `objects` names one 1 among zeros."""

    subjects: Tensor
    """(B, T, 2) float32: 1 at heads and at tails of subjects."""
    pairs: SubjectPairs
    objects: Tensor
    """(P, T, 2 * labels) float32: 1 at heads (even columns) and at tails (odd columns)."""


def padded_width(lengths: Sequence[int]) -> int:
    """Return the width of a batch: its longest window, rounded up to a multiple of WIDTH_STEP."""
    return -(-max(lengths) // WIDTH_STEP) * WIDTH_STEP


def collate(windows: Sequence[EncodedWindow], device: torch.device) -> WindowBatch:
    """Pad windows to the longest and move them to the device."""
    lengths = np.array([len(window) for window in windows], dtype=np.int64)
    width = padded_width(lengths.tolist())
    table = np.zeros((len(windows), width, 4), dtype=np.int64)
    for row, window in zip(table, windows, strict=True):
        row[: len(window), 0] = window.characters
        row[: len(window), 1:3] = window.bigrams
        row[: len(window), 3] = window.char_types
    batch = torch.from_numpy(table).to(device, non_blocking=True)
    return WindowBatch(batch[..., 0], batch[..., 1:3], batch[..., 3], torch.from_numpy(lengths).to(device))


def collate_targets(
    examples: Sequence[WindowExample], labels: int, negative_subject_prob: float, device: torch.device
) -> PointerTargets:
    """Turn the labels of a batch into tensors.

    Args:
        examples: the batch, as in `collate`.
        labels: number of (predicate, slot) labels.
        negative_subject_prob: probability that a window adds one of its negative subjects, which has no objects; drawn
            from torch's global generator.
        device: where the tensors go.
    """
    width = padded_width([len(example.inputs) for example in examples])
    windows: list[np.ndarray] = []
    spans: list[np.ndarray] = []
    marks: list[np.ndarray] = []
    count = 0
    draws = torch.rand(len(examples), 2, dtype=torch.float64).tolist()
    for row, (example, (chance, choice)) in enumerate(zip(examples, draws, strict=True)):
        marks.append(example.objects + np.array([count, 0, 0, 0]))
        subject_spans = example.subjects
        if chance < negative_subject_prob and len(example.negative_subjects):
            negative = example.negative_subjects[int(choice * len(example.negative_subjects))]
            subject_spans = np.concatenate([subject_spans, negative[None]])
        windows.append(np.full(len(subject_spans), row, dtype=np.int64))
        spans.append(subject_spans)
        count += len(subject_spans)
    rows = np.repeat(np.arange(len(examples)), [len(example.subjects) for example in examples])
    heads, tails = np.concatenate([example.subjects for example in examples]).T
    subjects = torch.zeros(len(examples), width, 2)
    subjects[rows, heads, 0] = 1
    subjects[rows, tails, 1] = 1
    objects = torch.zeros(count, width, 2 * labels)
    pair, label, head, tail = torch.from_numpy(np.concatenate(marks)).unbind(1)
    objects[pair, head, 2 * label] = 1
    objects[pair, tail, 2 * label + 1] = 1
    pairs = SubjectPairs(
        torch.from_numpy(np.concatenate(windows)).to(device), torch.from_numpy(np.concatenate(spans)).to(device)
    )
    return PointerTargets(subjects.to(device), pairs, objects.to(device))
