"""What an evaluation counts: shares by shape, answers that should not be, and how far the confidence can be trusted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from ckgqa_answer.judging import Judged

CLEAN_SHAPES = frozenset({"object_asked", "subject_asked"})
"""One hop, cleanly typed."""
BINS = 10
SURE = 0.9


@dataclass(frozen=True)
class Share:
    """How many of how many."""

    questions: int = 0
    right: int = 0
    answered: int = 0

    @property
    def share(self) -> float:
        """Share that is right; 0 of nothing."""
        return self.right / self.questions if self.questions else 0.0

    @property
    def answered_share(self) -> float:
        """Share that was answered at all."""
        return self.answered / self.questions if self.questions else 0.0


@dataclass(frozen=True)
class Bin:
    """The answers whose confidence lies between two numbers."""

    low: float
    high: float
    answers: int
    confidence: float
    """Their mean confidence."""
    right: float
    """The share of them that is right."""


@dataclass(frozen=True)
class Scores:
    """How one answerer did."""

    all: Share
    by_shape: Mapping[str, Share]
    one_hop: Share
    """Clean questions of one hop."""
    known: Share
    """Questions whose answer is in the gold: how often the answer is right once the graph has decided."""
    silent: Share
    """Questions that have no answer; those answered are wrong."""
    sure: Share
    """Answers at `SURE` and above."""
    reliability: Sequence[Bin]
    calibration_error: float
    """Mean difference between confidence and truth over the bins, weighed by their answers."""
    median_ms: float
    p99_ms: float


def score(judged: Sequence[Judged]) -> Scores:
    """Count."""
    shapes = sorted({one.question.shape for one in judged})
    bins = reliability([(one.reply.confidence, one.right) for one in judged if one.answered])
    answers = sum(one.answers for one in bins)
    seconds = sorted(one.seconds for one in judged)
    return Scores(
        all=share(judged),
        by_shape={shape: share(one for one in judged if one.question.shape == shape) for shape in shapes},
        one_hop=share(one for one in judged if one.question.shape in CLEAN_SHAPES),
        known=share(one for one in judged if not one.silent),
        silent=share(one for one in judged if one.silent),
        sure=share(one for one in judged if one.answered and one.reply.confidence >= SURE),
        reliability=bins,
        calibration_error=sum(abs(one.confidence - one.right) * one.answers for one in bins) / max(answers, 1),
        median_ms=1000 * median(seconds),
        p99_ms=1000 * seconds[min(len(seconds) - 1, int(0.99 * len(seconds)))],
    )


def share(judged: Iterable[Judged]) -> Share:
    """Count some of the questions."""
    kept = list(judged)
    return Share(len(kept), sum(one.right for one in kept), sum(one.answered for one in kept))


def reliability(answers: Sequence[tuple[float, bool]]) -> list[Bin]:
    """Group answers (confidence, truth) by confidence; groups without an answer are left out."""
    found = []
    for at in range(BINS):
        low, high = at / BINS, (at + 1) / BINS
        kept = [(c, right) for c, right in answers if low <= c < high or (c == 1.0 and at == BINS - 1)]
        if kept:
            mean = fmean(c for c, _ in kept)
            found.append(Bin(low, high, len(kept), mean, sum(right for _, right in kept) / len(kept)))
    return found
