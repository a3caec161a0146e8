"""BIO tags: slots become tags and tags spans, and decoding finds the best valid sequence."""

import itertools

import numpy as np
import pytest
from ckgqa_train_jointbert.data.questions import LabelledSlot
from ckgqa_train_jointbert.inference.bio import best_tags, spans_of, tag_ids

ROLES = ("@value", "subject")


def test_slots_become_tags_and_tags_spans():
    slots = [LabelledSlot(1, 4, "subject"), LabelledSlot(4, 5, "@value"), LabelledSlot(5, 7, "@value")]
    tags = tag_ids(slots, 8, ROLES)
    assert tags == [0, 3, 4, 4, 1, 1, 2, 0]
    assert spans_of(tags) == [(1, 1, 4), (0, 4, 5), (0, 5, 7)]
    assert spans_of(tag_ids([], 3, ROLES)) == []


def is_valid(tags: tuple[int, ...]) -> bool:
    """Check in the simplest way that every I follows a B or an I of its role."""
    return all(
        tag == 0 or tag % 2 == 1 or before in {tag, tag - 1} for before, tag in zip((0, *tags), tags, strict=False)
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_best_valid_tags_equal_those_of_a_search_over_all(seed: int):
    rng = np.random.default_rng(seed)
    width, count = 4, 5
    scores = rng.normal(size=(6, width, count)) * rng.choice([0.5, 3.0])
    lengths = rng.integers(1, width + 1, size=6)
    decoded = best_tags(scores, lengths)
    for row, length, tags in zip(scores, lengths, decoded, strict=True):

        def total(candidate: tuple[int, ...], row: np.ndarray = row) -> float:
            return sum(row[position, tag] for position, tag in enumerate(candidate))

        best = max(filter(is_valid, itertools.product(range(count), repeat=int(length))), key=total)
        assert tuple(tags[:length]) == best
        assert not tags[length:].any()


def test_padding_has_no_influence():
    scores = np.zeros((1, 4, 3))
    scores[0, :2] = [[0, -9, 5], [0, -9, 6]]  # I, I: invalid at the beginning
    scores[0, 2:, 2] = 99.0
    assert best_tags(scores, np.array([2])).tolist() == [[0, 0, 0, 0]]
