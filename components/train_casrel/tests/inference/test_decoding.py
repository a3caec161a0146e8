"""Pairing of heads and tails, vectorised over all groups, against brute force over all spans of each."""

import numpy as np
import pytest
from ckgqa_train_casrel.inference.decoding import PointerHits, pair_hits


def hits(table: np.ndarray, floor: float) -> PointerHits:
    group, position = np.nonzero(table >= floor)
    return PointerHits(group, position, table[group, position])


def brute_force(heads: np.ndarray, tails: np.ndarray, floor: float) -> dict[tuple[int, int, int], float]:
    """Try every span (s, e) of every row by the rule's own words."""
    found = {}
    for row in range(len(heads)):
        h = [i for i in range(heads.shape[1]) if heads[row, i] >= floor]
        t = [i for i in range(tails.shape[1]) if tails[row, i] >= floor]
        nearest = {s: min((e for e in t if e >= s), default=None) for s in h}
        for s in h:
            for e in t:
                free_tail = e not in nearest.values() and max((x for x in h if x <= e), default=None) == s
                if s <= e and (nearest[s] == e or free_tail):
                    found[row, s, e] = float(heads[row, s] * tails[row, e])
    return found


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_pairing_agrees_with_brute_force_over_all_spans(seed: int, share: float):
    draw = np.random.default_rng((seed, int(share * 10)))
    shape = (int(draw.integers(1, 6)), int(draw.integers(1, 14)))
    heads, tails = ((draw.random(shape) * (draw.random(shape) < share)).astype(np.float32) for _ in range(2))
    spans = pair_hits(hits(heads, 0.2), hits(tails, 0.2), shape[1])
    found = dict(
        zip(zip(spans.groups.tolist(), spans.starts.tolist(), spans.ends.tolist(), strict=True),
            spans.scores.tolist(), strict=True)
    )  # fmt: skip
    assert found == pytest.approx(brute_force(heads, tails, 0.2))
    assert len(found) == len(spans)
    assert list(found) == sorted(found)


def test_a_name_inside_a_name_is_found_with_it():
    heads, tails = np.zeros((1, 4)), np.zeros((1, 4))
    heads[0, 0] = tails[0, 1] = tails[0, 3] = 0.9  # 北京, and 北京大学 with the same head
    spans = pair_hits(hits(heads, 0.5), hits(tails, 0.5), 4)
    assert list(zip(spans.starts, spans.ends, strict=True)) == [(0, 1), (0, 3)]


def test_two_names_with_one_tail_are_both_found():
    heads, tails = np.zeros((1, 4)), np.zeros((1, 4))
    heads[0, 0] = heads[0, 2] = tails[0, 3] = 0.9  # 北京大学, and 大学 in it
    spans = pair_hits(hits(heads, 0.5), hits(tails, 0.5), 4)
    assert list(zip(spans.starts, spans.ends, strict=True)) == [(0, 3), (2, 3)]


def test_a_head_takes_no_tail_of_the_next_group():
    heads, tails = np.zeros((2, 3)), np.zeros((2, 3))
    heads[0, 2] = tails[1, 0] = 0.9
    assert len(pair_hits(hits(heads, 0.5), hits(tails, 0.5), 3)) == 0
