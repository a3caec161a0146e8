"""Figures that several evaluations share: precision, recall and F1; reliability and calibration error."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

RELIABILITY_BINS = 10


@dataclass(frozen=True)
class PrecisionRecall:
    """Counts of items, and the ratios that follow; a ratio with a denominator of 0 is 0."""

    correct: int = 0
    """Predicted items that are labelled too."""
    predicted: int = 0
    gold: int = 0
    """Labelled items."""

    def __add__(self, other: "PrecisionRecall") -> "PrecisionRecall":
        """Add counts: ratios of the sum are micro-averages."""
        return PrecisionRecall(self.correct + other.correct, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """Share of the predicted items that are right, 0 to 1."""
        return self.correct / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the labelled items that were predicted, 0 to 1."""
        return self.correct / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0 to 1."""
        return 2 * self.correct / (self.predicted + self.gold) if self.predicted + self.gold else 0.0


@dataclass(frozen=True)
class ReliabilityBin:
    """The predictions whose confidence lies between two bounds."""

    low: float
    high: float
    """Excluded, but for the last bin."""
    count: int
    confidence: float
    """Their mean confidence."""
    accuracy: float
    """The share of them that is right."""


def reliability_bins(predictions: Iterable[tuple[float, bool]]) -> list[ReliabilityBin]:
    """Sort predictions into bins of equal width by confidence; empty bins are left out.

    Args:
        predictions: the confidence, 0 to 1, and whether the prediction is right.
    """
    members: list[list[tuple[float, bool]]] = [[] for _ in range(RELIABILITY_BINS)]
    for confidence, right in predictions:
        members[min(int(confidence * RELIABILITY_BINS), RELIABILITY_BINS - 1)].append((confidence, right))
    return [
        ReliabilityBin(
            low=index / RELIABILITY_BINS,
            high=(index + 1) / RELIABILITY_BINS,
            count=len(inside),
            confidence=fmean(confidence for confidence, _ in inside),
            accuracy=sum(right for _, right in inside) / len(inside),
        )
        for index, inside in enumerate(members)
        if inside
    ]


def expected_calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """Return the mean distance between confidence and accuracy, weighted by count; 0 without predictions.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv:1706.04599.
    """
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.confidence - one.accuracy) for one in bins) / total if total else 0.0
