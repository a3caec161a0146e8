"""The metrics of an evaluation: accuracy by shape, answers to unanswerable questions, and calibration."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ckgqa.metrics import ReliabilityBin, expected_calibration_error, reliability_bins
from ckgqa_answer.confidence.fit import HIGH_CONFIDENCE
from ckgqa_answer.evaluation.run import EvaluatedQuestion

CLEAN_SHAPES = frozenset({"object_asked", "subject_asked"})
"""One hop, without typing errors."""


@dataclass(frozen=True)
class Accuracy:
    """Counts of questions, and the ratios that follow; a ratio of no questions is 0."""

    questions: int = 0
    correct: int = 0
    answered: int = 0

    @property
    def accuracy(self) -> float:
        """Share of the questions with a correct reply."""
        return self.correct / self.questions if self.questions else 0.0

    @property
    def answered_share(self) -> float:
        """Share of the questions with an answer."""
        return self.answered / self.questions if self.questions else 0.0


@dataclass(frozen=True)
class AnswerScores:
    """The metrics of one answerer."""

    all: Accuracy
    by_shape: Mapping[str, Accuracy]
    one_hop: Accuracy
    """Clean questions of one hop."""
    answerable: Accuracy
    """Questions with a gold answer."""
    unanswerable: Accuracy
    """Questions without a gold answer; an answer to them is wrong."""
    high_confidence: Accuracy
    """Answers at `HIGH_CONFIDENCE` and above."""
    unsure: Accuracy
    """Replies that are not sure to be the answer; silence, of which the right one is counted as correct."""
    reliability: Sequence[ReliabilityBin]
    calibration_error: float
    """Expected calibration error of the answers."""
    median_ms: float
    p99_ms: float


def score(evaluated: Sequence[EvaluatedQuestion]) -> AnswerScores:
    """Compute the metrics of at least one question."""
    shapes = sorted({each.question.shape for each in evaluated})
    bins = reliability_bins((each.reply.confidence, each.correct) for each in evaluated if each.answered)
    seconds = sorted(each.seconds for each in evaluated)
    return AnswerScores(
        all=accuracy(evaluated),
        by_shape={shape: accuracy(each for each in evaluated if each.question.shape == shape) for shape in shapes},
        one_hop=accuracy(each for each in evaluated if each.question.shape in CLEAN_SHAPES),
        answerable=accuracy(each for each in evaluated if not each.unanswerable),
        unanswerable=accuracy(each for each in evaluated if each.unanswerable),
        high_confidence=accuracy(
            each for each in evaluated if each.answered and each.reply.confidence >= HIGH_CONFIDENCE
        ),
        unsure=accuracy(each for each in evaluated if each.reply.status == "unsure"),
        reliability=bins,
        calibration_error=expected_calibration_error(bins),
        median_ms=1000 * median(seconds),
        p99_ms=1000 * seconds[min(len(seconds) - 1, int(0.99 * len(seconds)))],
    )


def accuracy(evaluated: Iterable[EvaluatedQuestion]) -> Accuracy:
    """Count questions."""
    counted = list(evaluated)
    return Accuracy(len(counted), sum(each.correct for each in counted), sum(each.answered for each in counted))
