"""From the probabilities of three heads to a ranking of intents.

The probability of an intent is the product of those of its kind, first step and second step. Shapes: B questions.
"""

import numpy as np

from ckgqa_train_jointbert.data.labels import Labels

TOP_INTENTS = 5  # length of the ranking


def rank_intents(kinds: np.ndarray, firsts: np.ndarray, seconds: np.ndarray, labels: Labels) -> list[dict[str, float]]:
    """Rank the valid intents of each question.

    The highest products of a grid combine the highest classes of each head, so that few combinations suffice. Every
    kind but `outside` requires a first step and allows a second one.

    Args:
        kinds: probabilities, (B, kinds).
        firsts: probabilities of the first step, (B, steps + 1); class 0 is no step.
        seconds: the same for the second step.
        labels: names of the classes.

    Returns:
        For each question at most TOP_INTENTS labels with their probabilities, in descending order.
    """
    steps = labels.step_classes
    with_steps = [number for number, kind in enumerate(labels.kinds) if kind != "outside"]
    first_ids = 1 + _top_classes(firsts[:, 1:])  # (B, F)
    second_ids = _top_classes(seconds)  # (B, S)
    grid = (
        kinds[:, with_steps][:, :, None, None]
        * np.take_along_axis(firsts, first_ids, 1)[:, None, :, None]
        * np.take_along_axis(seconds, second_ids, 1)[:, None, None, :]
    )  # (B, kinds, F, S)
    outside = [number for number, kind in enumerate(labels.kinds) if kind == "outside"]
    without_steps = kinds[:, outside] * firsts[:, :1] * seconds[:, :1]  # (B, 0 or 1)
    probabilities = np.concatenate([grid.reshape(len(kinds), -1), without_steps], axis=1)
    rankings: list[dict[str, float]] = []
    for row, order in enumerate(_top_classes(probabilities)):
        ranking: dict[str, float] = {}
        for index in order.tolist():
            if index >= grid[0].size:
                label = "outside"
            else:
                kind, first, second = np.unravel_index(index, grid.shape[1:])
                label = f"{labels.kinds[with_steps[kind]]}:{steps[first_ids[row, first]]}"
                if second_ids[row, second]:
                    label += f">{steps[second_ids[row, second]]}"
            ranking[label] = float(probabilities[row, index])
        rankings.append(ranking)
    return rankings


def _top_classes(probabilities: np.ndarray) -> np.ndarray:
    """Return the TOP_INTENTS most probable classes of each row in descending order, ties by index."""
    return np.argsort(-probabilities, axis=1, kind="stable")[:, :TOP_INTENTS]
