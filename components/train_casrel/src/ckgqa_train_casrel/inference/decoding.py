"""From pointers to spans: heads and tails over a threshold are paired, for a whole batch at once.

A head is paired with the nearest tail at or after it, as in the paper (Wei et al. 2020, arXiv:1909.03227, section
3.2.2); a tail that is no head's nearest is paired with the nearest head at or before it. So both 北京 (Beijing) and
北京大学 (its university), which share a head, are found.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PointerHits:
    """Positions whose pointer reaches a threshold, sorted by (group, position); N of them.

    A head and its tail share a group: a window for subjects, a (pair, label) for objects.
    """

    groups: np.ndarray
    """(N,) int64."""
    positions: np.ndarray
    """(N,) int64."""
    probabilities: np.ndarray
    """(N,) float32."""

    def at_least(self, threshold: float) -> "PointerHits":
        """Return the hits whose probability reaches the threshold."""
        mask = self.probabilities >= threshold
        return PointerHits(self.groups[mask], self.positions[mask], self.probabilities[mask])


@dataclass(frozen=True)
class SpanArrays:
    """Spans as columns, sorted by (group, start, end); M of them."""

    groups: np.ndarray
    """(M,) int64."""
    starts: np.ndarray
    """(M,) int64."""
    ends: np.ndarray
    """(M,) int64, end included."""
    scores: np.ndarray
    """(M,) float32: the probability of the head times that of the tail."""

    def __len__(self) -> int:
        return len(self.groups)


def pair_hits(heads: PointerHits, tails: PointerHits, width: int) -> SpanArrays:
    """Pair heads with tails within their groups.

    Args:
        heads: hits of head pointers.
        tails: hits of tail pointers.
        width: a bound above every position.
    """
    head_keys = heads.groups * width + heads.positions
    tail_keys = tails.groups * width + tails.positions
    nearest_tail = np.searchsorted(tail_keys, head_keys, side="left")
    paired = nearest_tail < len(tail_keys)
    paired[paired] = tails.groups[nearest_tail[paired]] == heads.groups[paired]
    first, second = np.flatnonzero(paired), nearest_tail[paired]
    free_tails = np.setdiff1d(np.arange(len(tail_keys)), second)
    nearest_head = np.searchsorted(head_keys, tail_keys[free_tails], side="right") - 1
    paired = nearest_head >= 0
    paired[paired] = heads.groups[nearest_head[paired]] == tails.groups[free_tails[paired]]
    head = np.concatenate([first, nearest_head[paired]])
    tail = np.concatenate([second, free_tails[paired]])
    order = np.lexsort((tail, head))
    head, tail = head[order], tail[order]
    return SpanArrays(
        groups=heads.groups[head],
        starts=heads.positions[head],
        ends=tails.positions[tail],
        scores=heads.probabilities[head] * tails.probabilities[tail],
    )
