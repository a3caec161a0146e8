"""BIO tags of characters: from slots to tags, and from log-probabilities to the best valid sequence of tags.

Tag 0 is O; role r has the tags 1 + 2r (B, the first character of a slot) and 2 + 2r (I, the characters after it). An I
is valid only after a B or an I of its role. Shapes: B questions, T characters (padded), K tags.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from ckgqa_train_jointbert.data.labels import OUTSIDE_TAG
from ckgqa_train_jointbert.data.questions import LabelledSlot

TagSpan = tuple[int, int, int]
"""Index of the role, start, end; the end excluded."""


def tag_ids(slots: Iterable[LabelledSlot], length: int, roles: Sequence[str]) -> list[int]:
    """Tag the characters of a text of this length."""
    tags = [OUTSIDE_TAG] * length
    for slot in slots:
        begin = begin_tag(roles.index(slot.role))
        tags[slot.start : slot.end] = [begin, *[begin + 1] * (slot.end - slot.start - 1)]
    return tags


def begin_tag(role: int) -> int:
    """Return the B tag of a role, by the role's index; its I tag is the next one."""
    return 1 + 2 * role


def spans_of(tags: Sequence[int]) -> list[TagSpan]:
    """Collect the spans of a valid sequence of tags."""
    spans: list[TagSpan] = []
    for position, tag in enumerate(tags):
        if tag == OUTSIDE_TAG:
            continue
        role = (tag - 1) // 2
        if tag % 2 == 1:
            spans.append((role, position, position + 1))
        else:
            spans[-1] = (role, spans[-1][1], position + 1)
    return spans


def best_tags(scores: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Find the valid sequence of tags with the highest sum of scores.

    Args:
        scores: log-probabilities, (B, T, K).
        lengths: characters of each question, (B,).

    Returns:
        (B, T) int64, O after the end.
    """
    padding = np.arange(scores.shape[1]) >= lengths[:, None]  # (B, T)
    tags: np.ndarray = scores.argmax(-1)
    tags[padding] = OUTSIDE_TAG
    # Usually the best tag of each character is valid in its context, and then no other sequence scores higher.
    invalid = _is_invalid(tags)
    if invalid.any():
        tags[invalid] = _viterbi(np.where(padding[invalid][..., None], 0.0, scores[invalid]))
        tags[padding] = OUTSIDE_TAG
    return tags


def _is_invalid(tags: np.ndarray) -> np.ndarray:
    """Return which rows hold an I that does not follow a B or an I of its role, (B,)."""
    previous = np.concatenate([np.zeros((len(tags), 1), dtype=tags.dtype), tags[:, :-1]], axis=1)
    inside = (tags != OUTSIDE_TAG) & (tags % 2 == 0)
    invalid: np.ndarray = (inside & (previous != tags) & (previous != tags - 1)).any(axis=1)
    return invalid


def _viterbi(scores: np.ndarray) -> np.ndarray:
    """Search all rows at once; the scores after a row's end are 0, so that its padding changes no sum."""
    rows, width, count = scores.shape
    begin = np.arange(1, count, 2)  # the B tag of every role; its I tag is the next
    best = scores[:, 0].astype(np.float64)
    best[:, begin + 1] = -np.inf
    came_from = np.zeros((rows, width, count), dtype=np.int64)
    for position in range(1, width):
        came_from[:, position] = best.argmax(-1)[:, None]
        came_from[:, position, begin + 1] = np.where(best[:, begin] >= best[:, begin + 1], begin, begin + 1)
        best = np.take_along_axis(best, came_from[:, position], axis=-1) + scores[:, position]
    tags = np.zeros((rows, width), dtype=np.int64)
    tags[:, -1] = best.argmax(-1)
    for position in range(width - 1, 0, -1):
        tags[:, position - 1] = came_from[np.arange(rows), position, tags[:, position]]
    return tags
