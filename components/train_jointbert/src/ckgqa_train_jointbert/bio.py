"""Tags of characters: from names to tags, and from a model's scores to the best tags that can stand together.

Tag 0 is O; role r has the tags 1 + 2r (B, its first character) and 2 + 2r (I, those after it). An I may only follow a B
or an I of its role. Shapes: B questions, T characters (padded), K tags.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from ckgqa_train_jointbert.labels import OUTSIDE
from ckgqa_train_jointbert.questions import Mention

Span = tuple[int, int, int]
"""Role, start, end; the end excluded."""


def tag_ids(mentions: Iterable[Mention], length: int, roles: Sequence[str]) -> list[int]:
    """Tag the characters of a text of this length."""
    tags = [OUTSIDE] * length
    for mention in mentions:
        first = 1 + 2 * roles.index(mention.role)
        tags[mention.start : mention.end] = [first, *[first + 1] * (mention.end - mention.start - 1)]
    return tags


def spans_of(tags: Sequence[int]) -> list[Span]:
    """Read the names off a sequence of tags in which every I follows a B or an I of its role."""
    spans: list[Span] = []
    for position, tag in enumerate(tags):
        if tag == OUTSIDE:
            continue
        role = (tag - 1) // 2
        if tag % 2 == 1:
            spans.append((role, position, position + 1))
        else:
            spans[-1] = (role, spans[-1][1], position + 1)
    return spans


def best_tags(scores: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Find the tags with the highest sum of scores among those that can stand together.

    Args:
        scores: log-probabilities, (B, T, K).
        lengths: characters of each question, (B,).

    Returns:
        (B, T) int64, O after the end.
    """
    beyond = np.arange(scores.shape[1]) >= lengths[:, None]  # (B, T)
    tags: np.ndarray = scores.argmax(-1)
    tags[beyond] = OUTSIDE
    # Mostly the best tag of each character is allowed where it stands, and then no other sequence can be better.
    wrong = _is_broken(tags)
    if wrong.any():
        tags[wrong] = _viterbi(np.where(beyond[wrong][..., None], 0.0, scores[wrong]))
        tags[beyond] = OUTSIDE
    return tags


def _is_broken(tags: np.ndarray) -> np.ndarray:
    """Tell which rows hold an I that does not follow its own B or I, (B,)."""
    before = np.concatenate([np.zeros((len(tags), 1), dtype=tags.dtype), tags[:, :-1]], axis=1)
    inside = (tags != OUTSIDE) & (tags % 2 == 0)
    broken: np.ndarray = (inside & (before != tags) & (before != tags - 1)).any(axis=1)
    return broken


def _viterbi(scores: np.ndarray) -> np.ndarray:
    """Search all rows at once; where a row has ended its scores are 0, so that nothing is gained or lost."""
    rows, width, count = scores.shape
    first = np.arange(1, count, 2)  # the B of every role; its I is the next
    best = scores[:, 0].astype(np.float64)
    best[:, first + 1] = -np.inf
    came_from = np.zeros((rows, width, count), dtype=np.int64)
    for position in range(1, width):
        came_from[:, position] = best.argmax(-1)[:, None]
        came_from[:, position, first + 1] = np.where(best[:, first] >= best[:, first + 1], first, first + 1)
        best = np.take_along_axis(best, came_from[:, position], axis=-1) + scores[:, position]
    tags = np.zeros((rows, width), dtype=np.int64)
    tags[:, -1] = best.argmax(-1)
    for position in range(width - 1, 0, -1):
        tags[:, position - 1] = came_from[np.arange(rows), position, tags[:, position]]
    return tags
