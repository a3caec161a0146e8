"""Whether a probability means what it says: 9 of 10 intents that are given at 0.9 should be right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ckgqa_train_jointbert.reading import softmax

BINS = 10
# Never below 1: a validation split whose wordings were learnt would ask for more certainty than new ones deserve.
TEMPERATURES = tuple(round(1.05**step, 4) for step in range(26))  # 1 to 3.4


@dataclass(frozen=True)
class Bin:
    """The questions whose likeliest intent has a probability between two bounds."""

    questions: int
    probability: float
    """Their mean probability."""
    accuracy: float
    """The share of them whose intent is right."""


def reliability(probabilities: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Sort questions into bins of equal width by probability; empty bins are left out."""
    chances, hits = np.asarray(probabilities, dtype=np.float64), np.asarray(right, dtype=bool)
    places = np.minimum((chances * BINS).astype(int), BINS - 1)
    return [
        Bin(int(held.sum()), float(chances[held].mean()), float(hits[held].mean()))
        for held in (places == number for number in range(BINS))
        if held.any()
    ]


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Give the mean distance between probability and accuracy, weighted by questions.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv:1706.04599.
    """
    total = sum(one.questions for one in bins)
    return sum(one.questions * abs(one.probability - one.accuracy) for one in bins) / total


def choose_temperature(scores: np.ndarray, classes: np.ndarray, heads: Sequence[int]) -> float:
    """Choose what to divide the intent's scores by, so that the labels become likeliest.

    Args:
        scores: of the heads side by side, (questions, sum of `heads`).
        classes: the right class of each head, (questions, number of heads).
        heads: number of classes of each head.

    Source: Guo et al. 2017, as above.
    """
    parts = np.split(scores.astype(np.float64), np.cumsum(heads)[:-1], axis=1)
    rows = np.arange(len(scores))

    def surprise(temperature: float) -> float:
        chances = [softmax(part / temperature)[rows, classes[:, n]] for n, part in enumerate(parts)]
        return -float(np.log(np.maximum(chances, np.finfo(np.float64).tiny)).sum())

    return min(TEMPERATURES, key=surprise)
