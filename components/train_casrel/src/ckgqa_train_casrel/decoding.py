"""From pointers to spans: heads and tails over a threshold are paired, for a whole batch at once.

A head belongs to the nearest tail at or behind it, as in the paper (Wei et al. 2020, arXiv:1909.03227, section 3.2.2);
a tail that is nobody's nearest belongs to the nearest head at or before it. So of 北京 (Beijing) and 北京大学 (its
university), which share a head, both are found.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Marks:
    """Positions whose pointer is over a floor, sorted by (group, position); N of them.

    A group is what one head and one tail must share: a sentence for subjects, a (pair, label) for objects.
    """

    groups: np.ndarray
    """(N,) int64."""
    positions: np.ndarray
    """(N,) int64."""
    chances: np.ndarray
    """(N,) float32."""

    def over(self, threshold: float) -> "Marks":
        """Keep the marks with at least this chance."""
        kept = self.chances >= threshold
        return Marks(self.groups[kept], self.positions[kept], self.chances[kept])


@dataclass(frozen=True)
class Spans:
    """Spans found, sorted by (group, start, end); M of them."""

    groups: np.ndarray
    """(M,) int64."""
    starts: np.ndarray
    """(M,) int64."""
    ends: np.ndarray
    """(M,) int64, end included."""
    scores: np.ndarray
    """(M,) float32: the product of the head's and the tail's chances."""

    def __len__(self) -> int:
        return len(self.groups)


def pair_marks(heads: Marks, tails: Marks, width: int) -> Spans:
    """Pair heads with tails within their groups.

    Args:
        heads: marks of heads.
        tails: marks of tails.
        width: a bound that every position lies below.
    """
    head_keys = heads.groups * width + heads.positions
    tail_keys = tails.groups * width + tails.positions
    nearest_tail = np.searchsorted(tail_keys, head_keys, side="left")
    sound = nearest_tail < len(tail_keys)
    sound[sound] = tails.groups[nearest_tail[sound]] == heads.groups[sound]
    first, second = np.flatnonzero(sound), nearest_tail[sound]
    left = np.setdiff1d(np.arange(len(tail_keys)), second)
    nearest_head = np.searchsorted(head_keys, tail_keys[left], side="right") - 1
    sound = nearest_head >= 0
    sound[sound] = heads.groups[nearest_head[sound]] == tails.groups[left[sound]]
    head = np.concatenate([first, nearest_head[sound]])
    tail = np.concatenate([second, left[sound]])
    order = np.lexsort((tail, head))
    head, tail = head[order], tail[order]
    return Spans(
        heads.groups[head], heads.positions[head], tails.positions[tail], heads.chances[head] * tails.chances[tail]
    )
