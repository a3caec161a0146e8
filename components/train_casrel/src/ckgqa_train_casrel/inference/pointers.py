"""Running a model over windows; the result is sparse, so that decoding is cheap.

All subjects of a batch of windows are decoded at once, and then all (window, subject) pairs go through the object
pointers together, in as few passes as memory allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ckgqa.training.lengths import batches_by_length
from ckgqa_train_casrel.data.batches import SubjectPairs, WindowBatch, collate
from ckgqa_train_casrel.data.examples import EncodedWindow
from ckgqa_train_casrel.inference.decoding import PointerHits, SpanArrays, pair_hits
from ckgqa_train_casrel.model.casrel import CasRel
from ckgqa_train_casrel.model.thresholds import Thresholds

# Positions in one batch of windows, and in one pass of pairs: some 100 MB of states.
BATCH_POSITIONS = 8192
BATCH_WINDOWS = 256
PAIR_POSITIONS = 8192


@dataclass(frozen=True)
class PointerOutput:
    """The pointers of some windows that reach a lowest threshold."""

    width: int
    """A bound above every position."""
    labels: int
    subject_heads: PointerHits
    """Groups are windows."""
    subject_tails: PointerHits
    subjects: SpanArrays
    """The subjects whose objects were predicted; groups are windows."""
    object_heads: PointerHits
    """Groups are pair * labels + label, a pair being an index into `subjects`."""
    object_tails: PointerHits


@dataclass(frozen=True)
class DecodedSpans:
    """Subjects and objects that reach the thresholds."""

    subjects: SpanArrays
    """Groups are windows."""
    objects: SpanArrays
    """Groups are pair * labels + label, a pair being an index into `subjects`."""


def predict_pointers(
    model: CasRel, windows: Sequence[EncodedWindow], subject_thresholds: Sequence[float], min_object_probability: float
) -> PointerOutput:
    """Run the model over windows of any lengths.

    Args:
        model: in evaluation mode.
        windows: none of them empty.
        subject_thresholds: objects are predicted for every subject that reaches any of these.
        min_object_probability: object pointers below this are dropped.
    """
    device = next(model.parameters()).device
    width = max((len(window) for window in windows), default=0) + 1
    labels = model.labels
    hits: list[list[PointerHits]] = [[], [], [], []]
    subjects: list[SpanArrays] = []
    pairs = 0
    for indices in batches_by_length([len(window) for window in windows], BATCH_POSITIONS, BATCH_WINDOWS):
        batch = collate([windows[index] for index in indices], device)
        states = model.encode(batch)
        heads, tails = _subject_hits(model, states, batch, min(subject_thresholds))
        spans = _union([pair_hits(heads.at_least(t), tails.at_least(t), width) for t in subject_thresholds], width)
        object_heads, object_tails = _object_hits(model, states, batch, spans, min_object_probability)
        rows = np.array(indices, dtype=np.int64)
        for collected, new in zip(hits, (heads, tails), strict=False):
            collected.append(replace(new, groups=rows[new.groups]))
        for collected, new in zip(hits[2:], (object_heads, object_tails), strict=True):
            collected.append(replace(new, groups=new.groups + pairs * labels))
        subjects.append(replace(spans, groups=rows[spans.groups]))
        pairs += len(spans)
    subject_heads, subject_tails, object_heads, object_tails = (_join_hits(parts) for parts in hits)
    return PointerOutput(
        width=width,
        labels=labels,
        subject_heads=_sorted(subject_heads),
        subject_tails=_sorted(subject_tails),
        subjects=_join_spans(subjects),
        object_heads=object_heads,
        object_tails=object_tails,
    )


def decode_spans(output: PointerOutput, thresholds: Thresholds) -> DecodedSpans:
    """Decode the spans at some thresholds, none below those of `predict_pointers`."""
    heads, tails = output.subject_heads.at_least(thresholds.subject), output.subject_tails.at_least(thresholds.subject)
    wanted = _keys(pair_hits(heads, tails, output.width), output.width)
    is_wanted = np.isin(_keys(output.subjects, output.width), wanted)
    new_index = np.cumsum(is_wanted) - 1
    object_hits = []
    for hits in (output.object_heads.at_least(thresholds.object), output.object_tails.at_least(thresholds.object)):
        pair, label = np.divmod(hits.groups, output.labels)
        of_wanted = is_wanted[pair]
        groups = new_index[pair[of_wanted]] * output.labels + label[of_wanted]
        object_hits.append(PointerHits(groups, hits.positions[of_wanted], hits.probabilities[of_wanted]))
    object_heads, object_tails = object_hits
    return DecodedSpans(_select(output.subjects, is_wanted), pair_hits(object_heads, object_tails, output.width))


def _subject_hits(
    model: CasRel, states: Tensor, batch: WindowBatch, min_probability: float
) -> tuple[PointerHits, PointerHits]:
    """Find the heads and tails of subjects; groups are rows of the batch."""
    mask = batch.mask
    probabilities = model.subject_logits(states, mask).float().sigmoid() * mask[..., None]
    return _hits(probabilities[..., 0], min_probability), _hits(probabilities[..., 1], min_probability)


def _object_hits(
    model: CasRel, states: Tensor, batch: WindowBatch, subjects: SpanArrays, min_probability: float
) -> tuple[PointerHits, PointerHits]:
    """Find the heads and tails of all pairs' objects; groups are pair * labels + label."""
    mask = batch.mask
    object_states = model.object_states(states, mask)
    per_pass = max(1, PAIR_POSITIONS // states.shape[1])
    heads: list[PointerHits] = []
    tails: list[PointerHits] = []
    for start in range(0, len(subjects), per_pass):
        part = slice(start, start + per_pass)
        rows = torch.from_numpy(subjects.groups[part]).to(states.device)
        spans = torch.from_numpy(np.stack([subjects.starts[part], subjects.ends[part]], axis=1)).to(states.device)
        logits = model.object_logits(states, object_states, mask, SubjectPairs(rows, spans))  # (P, T, 2 * labels)
        probabilities = logits.float().sigmoid() * mask[rows][..., None]
        by_label = probabilities.transpose(1, 2)  # (P, 2 * labels, T): a group's positions are neighbours
        for collected, new in ((heads, by_label[:, 0::2]), (tails, by_label[:, 1::2])):
            hits = _hits(new.flatten(0, 1), min_probability)
            collected.append(replace(hits, groups=hits.groups + start * model.labels))
    return _join_hits(heads), _join_hits(tails)


def _hits(probabilities: Tensor, min_probability: float) -> PointerHits:
    """List the entries of a (groups, T) table that reach the threshold."""
    group, position = (probabilities >= min_probability).nonzero(as_tuple=True)
    return PointerHits(group.cpu().numpy(), position.cpu().numpy(), probabilities[group, position].cpu().numpy())


def _keys(spans: SpanArrays, width: int) -> np.ndarray:
    """Return one number for each span, equal for equal spans and in the spans' order."""
    keys: np.ndarray = (spans.groups * width + spans.starts) * width + spans.ends
    return keys


def _union(parts: Sequence[SpanArrays], width: int) -> SpanArrays:
    joined = _join_spans(parts)
    _, first = np.unique(_keys(joined, width), return_index=True)
    return _select(joined, first)


def _select(spans: SpanArrays, rows: np.ndarray) -> SpanArrays:
    """Select spans by their indices or by a mask."""
    return SpanArrays(spans.groups[rows], spans.starts[rows], spans.ends[rows], spans.scores[rows])


def _join_hits(parts: Sequence[PointerHits]) -> PointerHits:
    if not parts:
        return PointerHits(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
    return PointerHits(
        np.concatenate([p.groups for p in parts]),
        np.concatenate([p.positions for p in parts]),
        np.concatenate([p.probabilities for p in parts]),
    )


def _join_spans(parts: Sequence[SpanArrays]) -> SpanArrays:
    if not parts:
        return SpanArrays(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
    return SpanArrays(
        np.concatenate([p.groups for p in parts]),
        np.concatenate([p.starts for p in parts]),
        np.concatenate([p.ends for p in parts]),
        np.concatenate([p.scores for p in parts]),
    )


def _sorted(hits: PointerHits) -> PointerHits:
    order = np.lexsort((hits.positions, hits.groups))
    return PointerHits(hits.groups[order], hits.positions[order], hits.probabilities[order])
