"""Batches of sequences with similar lengths under one budget, so that little time goes into padding."""

from collections.abc import Sequence

import numpy as np

# Batches whose sequences are sorted together: more of them waste less on padding, fewer make batches more random.
POOL_BATCHES = 50


def batches_by_length(
    lengths: Sequence[int], budget: int, max_items: int, generator: np.random.Generator | None = None
) -> list[list[int]]:
    """Group sequences into batches of at most `budget` positions, padding counted.

    Args:
        lengths: positions of each sequence.
        budget: most positions in a batch, padding included; a longer sequence is a batch by itself.
        max_items: most sequences in a batch.
        generator: shuffles the sequences, sorts within pools of batches, and shuffles the batches; None sorts all
            by length, which wastes least.

    Returns:
        Lists of indices into `lengths`; each index occurs once.
    """
    sizes = np.asarray(lengths)
    if generator is None:
        return _cut(np.argsort(sizes, kind="stable"), sizes, budget, max_items)
    order = generator.permutation(len(sizes))
    mean = float(sizes.mean()) if len(sizes) else 1.0
    pool = max(1, int(POOL_BATCHES * min(budget / max(mean, 1.0), max_items)))
    batches: list[list[int]] = []
    for start in range(0, len(order), pool):
        part = order[start : start + pool]
        batches.extend(_cut(part[np.argsort(sizes[part], kind="stable")], sizes, budget, max_items))
    return [batches[index] for index in generator.permutation(len(batches))]


def _cut(order: np.ndarray, sizes: np.ndarray, budget: int, max_items: int) -> list[list[int]]:
    """Cut a list that is sorted by length wherever another sequence would break the budget."""
    batches: list[list[int]] = []
    batch: list[int] = []
    for index in order.tolist():
        # Sorted: the newest is the longest, so that it sets the padded width.
        if batch and ((len(batch) + 1) * int(sizes[index]) > budget or len(batch) == max_items):
            batches.append(batch)
            batch = []
        batch.append(index)
    return [*batches, batch] if batch else batches
