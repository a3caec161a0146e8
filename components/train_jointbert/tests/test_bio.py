"""Tags: names become tags and tags names, and decoding finds the best tags that can stand together."""

import itertools

import numpy as np
import pytest
from ckgqa_train_jointbert.bio import best_tags, spans_of, tag_ids
from ckgqa_train_jointbert.questions import Mention

ROLES = ("@value", "subject")


def test_names_become_tags_and_tags_names():
    mentions = [Mention(1, 4, "subject"), Mention(4, 5, "@value"), Mention(5, 7, "@value")]
    tags = tag_ids(mentions, 8, ROLES)
    assert tags == [0, 3, 4, 4, 1, 1, 2, 0]
    assert spans_of(tags) == [(1, 1, 4), (0, 4, 5), (0, 5, 7)]
    assert spans_of(tag_ids([], 3, ROLES)) == []


def allowed(tags: tuple[int, ...]) -> bool:
    """Say in the plainest way whether every I follows its B or I."""
    return all(
        tag == 0 or tag % 2 == 1 or before in {tag, tag - 1} for before, tag in zip((0, *tags), tags, strict=False)
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_best_allowed_tags_are_found_as_by_trying_all(seed: int):
    draw = np.random.default_rng(seed)
    width, count = 4, 5
    scores = draw.normal(size=(6, width, count)) * draw.choice([0.5, 3.0])
    lengths = draw.integers(1, width + 1, size=6)
    found = best_tags(scores, lengths)
    for row, length, tags in zip(scores, lengths, found, strict=True):

        def total(candidate: tuple[int, ...], row: np.ndarray = row) -> float:
            return sum(row[position, tag] for position, tag in enumerate(candidate))

        best = max(filter(allowed, itertools.product(range(count), repeat=int(length))), key=total)
        assert tuple(tags[:length]) == best
        assert not tags[length:].any()


def test_padding_has_no_say():
    scores = np.zeros((1, 4, 3))
    scores[0, :2] = [[0, -9, 5], [0, -9, 6]]  # I, I: not allowed at a beginning
    scores[0, 2:, 2] = 99.0
    assert best_tags(scores, np.array([2])).tolist() == [[0, 0, 0, 0]]
