"""From three heads to intents: the likeliest labels among those that a question can have.

A label's probability is the product of those of its kind, first and second step. Shapes: B questions, C classes.
"""

import numpy as np

from ckgqa_train_jointbert.labels import Labels

MOST = 5  # labels that are told of each question


def rank(kinds: np.ndarray, firsts: np.ndarray, seconds: np.ndarray, labels: Labels) -> list[dict[str, float]]:
    """Rank the intents of each question.

    The best products over a whole grid are made of the best classes of each head, so few combinations need be looked
    at. All kinds but `outside` go with any first step but none, and with any second one or none.

    Args:
        kinds: probabilities, (B, kinds).
        firsts: probabilities of the classes for the first step, of which class 0 is none, (B, steps + 1).
        seconds: the same for the second step.
        labels: their names.

    Returns:
        For each question up to MOST labels with their probabilities, the likeliest first.
    """
    steps = labels.step_classes
    chained = [number for number, kind in enumerate(labels.kinds) if kind != "outside"]
    first_ids = 1 + _best(firsts[:, 1:])  # (B, F)
    second_ids = _best(seconds)  # (B, S)
    grid = (
        kinds[:, chained][:, :, None, None]
        * np.take_along_axis(firsts, first_ids, 1)[:, None, :, None]
        * np.take_along_axis(seconds, second_ids, 1)[:, None, None, :]
    )  # (B, kinds, F, S)
    outside = [number for number, kind in enumerate(labels.kinds) if kind == "outside"]
    alone = kinds[:, outside] * firsts[:, :1] * seconds[:, :1]  # (B, 0 or 1)
    chances = np.concatenate([grid.reshape(len(kinds), -1), alone], axis=1)
    ranked: list[dict[str, float]] = []
    for row, order in enumerate(_best(chances)):
        found: dict[str, float] = {}
        for place in order.tolist():
            if place >= grid[0].size:
                label = "outside"
            else:
                kind, first, second = np.unravel_index(place, grid.shape[1:])
                label = f"{labels.kinds[chained[kind]]}:{steps[first_ids[row, first]]}"
                if second_ids[row, second]:
                    label += f">{steps[second_ids[row, second]]}"
            found[label] = float(chances[row, place])
        ranked.append(found)
    return ranked


def _best(chances: np.ndarray) -> np.ndarray:
    """Give the MOST likeliest classes of each row, the likeliest first, the first of equals before the others."""
    return np.argsort(-chances, axis=1, kind="stable")[:, :MOST]
