"""Runs a model over windows and keeps the pointers that matter: sparse marks, from which decoding is cheap.

All subjects of a batch of windows are decoded at once, and then all (window, subject) pairs go through the object
pointers together, cut only where memory asks for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ckgqa.training.lengths import batches_by_length
from ckgqa_train_casrel.batches import Inputs, Pairs, collate
from ckgqa_train_casrel.decoding import Marks, Spans, pair_marks
from ckgqa_train_casrel.examples import Encoded
from ckgqa_train_casrel.model import CasRel
from ckgqa_train_casrel.thresholds import Thresholds

# Positions in one batch of windows, and in one pass of pairs: some 100 MB of states.
BATCH_POSITIONS = 8192
BATCH_WINDOWS = 256
PAIR_POSITIONS = 8192


@dataclass(frozen=True)
class Pointed:
    """What the pointers say about some windows, over a floor."""

    width: int
    """A bound that every position lies below."""
    labels: int
    subject_heads: Marks
    """Groups are windows."""
    subject_tails: Marks
    subjects: Spans
    """The pairs that were looked at; groups are windows."""
    object_heads: Marks
    """Groups are pair * labels + label, a pair being an index into `subjects`."""
    object_tails: Marks


@dataclass(frozen=True)
class Decoded:
    """Subjects and objects over the thresholds."""

    subjects: Spans
    """Groups are windows."""
    objects: Spans
    """Groups are pair * labels + label, a pair being an index into `subjects`."""


def point(
    model: CasRel, windows: Sequence[Encoded], subject_thresholds: Sequence[float], object_floor: float
) -> Pointed:
    """Run the model over windows of any lengths.

    Args:
        model: in evaluation mode.
        windows: none of them empty.
        subject_thresholds: a subject is looked at when it is one at any of these.
        object_floor: object pointers below this are dropped.
    """
    device = next(model.parameters()).device
    width = max((len(window) for window in windows), default=0) + 1
    labels = model.labels
    marks: list[list[Marks]] = [[], [], [], []]
    subjects: list[Spans] = []
    count = 0
    for batch in batches_by_length([len(w) for w in windows], BATCH_POSITIONS, BATCH_WINDOWS):
        inputs = collate([windows[index] for index in batch], device)
        states = model.encode(inputs)
        heads, tails = _subject_marks(model, states, inputs, min(subject_thresholds))
        found = _union([pair_marks(heads.over(t), tails.over(t), width) for t in subject_thresholds], width)
        object_heads, object_tails = _object_marks(model, states, inputs, found, object_floor)
        rows = np.array(batch, dtype=np.int64)
        for kept, new in zip(marks, (heads, tails), strict=False):
            kept.append(replace(new, groups=rows[new.groups]))
        for kept, new in zip(marks[2:], (object_heads, object_tails), strict=True):
            kept.append(replace(new, groups=new.groups + count * labels))
        subjects.append(replace(found, groups=rows[found.groups]))
        count += len(found)
    joined = [_join(parts) for parts in marks]
    return Pointed(width, labels, _sorted(joined[0]), _sorted(joined[1]), _join_spans(subjects), joined[2], joined[3])


def decode(pointed: Pointed, thresholds: Thresholds) -> Decoded:
    """Read off the spans at some thresholds, none below what `point` was given."""
    heads, tails = pointed.subject_heads.over(thresholds.subject), pointed.subject_tails.over(thresholds.subject)
    wanted = _keys(pair_marks(heads, tails, pointed.width), pointed.width)
    kept = np.isin(_keys(pointed.subjects, pointed.width), wanted)
    number = np.cumsum(kept) - 1
    marks = []
    for each in (pointed.object_heads.over(thresholds.object), pointed.object_tails.over(thresholds.object)):
        pair, label = np.divmod(each.groups, pointed.labels)
        here = kept[pair]
        groups = number[pair[here]] * pointed.labels + label[here]
        marks.append(Marks(groups, each.positions[here], each.chances[here]))
    s = pointed.subjects
    subjects = Spans(s.groups[kept], s.starts[kept], s.ends[kept], s.scores[kept])
    return Decoded(subjects, pair_marks(marks[0], marks[1], pointed.width))


def _subject_marks(model: CasRel, states: Tensor, inputs: Inputs, floor: float) -> tuple[Marks, Marks]:
    """Find the heads and tails of subjects; groups are rows of the batch."""
    mask = inputs.mask
    chances = model.point_to_subjects(states, mask).float().sigmoid() * mask[..., None]
    return _marks(chances[..., 0], floor), _marks(chances[..., 1], floor)


def _object_marks(model: CasRel, states: Tensor, inputs: Inputs, found: Spans, floor: float) -> tuple[Marks, Marks]:
    """Find the heads and tails of all pairs' objects; groups are pair * labels + label."""
    mask = inputs.mask
    sentences = model.object_states(states, mask)
    per_pass = max(1, PAIR_POSITIONS // states.shape[1])
    heads: list[Marks] = []
    tails: list[Marks] = []
    for start in range(0, len(found), per_pass):
        part = slice(start, start + per_pass)
        rows = torch.from_numpy(found.groups[part]).to(states.device)
        spans = torch.from_numpy(np.stack([found.starts[part], found.ends[part]], axis=1)).to(states.device)
        logits = model.point_to_objects(states, sentences, mask, Pairs(rows, spans))  # (P, T, 2 * labels)
        chances = logits.float().sigmoid() * mask[rows][..., None]
        by_label = chances.transpose(1, 2)  # (P, 2 * labels, T): a group's positions are neighbours
        for kept, new in ((heads, by_label[:, 0::2]), (tails, by_label[:, 1::2])):
            flat = _marks(new.flatten(0, 1), floor)
            kept.append(replace(flat, groups=flat.groups + start * model.labels))
    return _join(heads), _join(tails)


def _marks(chances: Tensor, floor: float) -> Marks:
    """List what is over the floor of a (groups, T) table."""
    group, position = (chances >= floor).nonzero(as_tuple=True)
    return Marks(group.cpu().numpy(), position.cpu().numpy(), chances[group, position].cpu().numpy())


def _keys(spans: Spans, width: int) -> np.ndarray:
    keys: np.ndarray = (spans.groups * width + spans.starts) * width + spans.ends
    return keys


def _union(parts: Sequence[Spans], width: int) -> Spans:
    joined = _join_spans(parts)
    _, first = np.unique(_keys(joined, width), return_index=True)
    return Spans(joined.groups[first], joined.starts[first], joined.ends[first], joined.scores[first])


def _join(parts: Sequence[Marks]) -> Marks:
    if not parts:
        return Marks(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
    return Marks(
        np.concatenate([p.groups for p in parts]),
        np.concatenate([p.positions for p in parts]),
        np.concatenate([p.chances for p in parts]),
    )


def _join_spans(parts: Sequence[Spans]) -> Spans:
    if not parts:
        return Spans(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
    return Spans(
        np.concatenate([p.groups for p in parts]),
        np.concatenate([p.starts for p in parts]),
        np.concatenate([p.ends for p in parts]),
        np.concatenate([p.scores for p in parts]),
    )


def _sorted(marks: Marks) -> Marks:
    order = np.lexsort((marks.positions, marks.groups))
    return Marks(marks.groups[order], marks.positions[order], marks.chances[order])
