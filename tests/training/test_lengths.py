"""Batches keep their budget, hold everything once, and waste little on padding."""

import numpy as np
import pytest

from ckgqa.training.lengths import batches_by_length

LENGTHS = np.random.default_rng(1).integers(1, 300, size=5000).tolist()


@pytest.mark.parametrize("seed", [None, 0, 1])
def test_every_sequence_is_in_exactly_one_batch_within_the_budget(seed: int | None):
    generator = None if seed is None else np.random.default_rng(seed)
    batches = batches_by_length(LENGTHS, 2048, 64, generator)
    assert sorted(index for batch in batches for index in batch) == list(range(len(LENGTHS)))
    assert all(len(batch) <= 64 and len(batch) * max(LENGTHS[i] for i in batch) <= 2048 for batch in batches)


def test_a_sequence_longer_than_the_budget_is_a_batch_by_itself():
    assert batches_by_length([5, 100, 5], 20, 64) == [[0, 2], [1]]


def test_padding_is_a_small_share():
    batches = batches_by_length(LENGTHS, 2048, 64, np.random.default_rng(0))
    padded = sum(len(batch) * max(LENGTHS[i] for i in batch) for batch in batches)
    assert sum(LENGTHS) / padded > 0.95


def test_the_same_generator_gives_the_same_batches_and_another_one_others():
    first, again, other = (batches_by_length(LENGTHS, 2048, 64, np.random.default_rng(s)) for s in (0, 0, 1))
    assert first == again != other


def test_nothing_gives_no_batches():
    assert batches_by_length([], 100, 10) == batches_by_length([], 100, 10, np.random.default_rng(0)) == []
