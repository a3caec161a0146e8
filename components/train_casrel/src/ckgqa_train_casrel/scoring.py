"""Precision, recall and F1 of triples, counted as the DuIE challenge counts them.

A sentence has a set of triples. One counts as right when its subject, its predicate and the value of every slot are
right; types and spans are not looked at. Counts are added over all sentences before anything is divided (micro).

The challenge's own scorer forgives more before it compares: it lower-cases names, takes the book title marks 《》 off,
and accepts synonyms of an alias dictionary that was never published. Here the text has to be exactly right, so a figure
of ours is, if anything, below what the challenge would have given.

Source: `re_official_evaluation.py` of PaddleNLP, examples/information_extraction/DuIE.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class Statement(Protocol):
    """What is compared of a triple: a found `Triple` is one, and so is a labelled triple."""

    @property
    def subject(self) -> str: ...  # noqa: D102
    @property
    def predicate(self) -> str: ...  # noqa: D102
    @property
    def object(self) -> Mapping[str, str]: ...  # noqa: D102


# Subject, predicate and all (slot, value) pairs: equal keys are the same triple.
Key = tuple[str, str, frozenset[tuple[str, str]]]


@dataclass(frozen=True)
class Scores:
    """Counts of triples, and what follows from them; a ratio with nothing below the line is 0."""

    correct: int
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        """Share of the predicted triples that are right, 0..1."""
        return self.correct / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the labelled triples that were found, 0..1."""
        return self.correct / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0..1."""
        return 2 * self.correct / (self.predicted + self.gold) if self.predicted + self.gold else 0.0


def key(triple: Statement) -> Key:
    """Reduce a triple to what the challenge compares."""
    return triple.subject, triple.predicate, frozenset(triple.object.items())


def micro_f1(gold: Iterable[Iterable[Statement]], predicted: Iterable[Iterable[Statement]]) -> Scores:
    """Score predicted triples against labelled ones, over all predicates.

    Args:
        gold: the labelled triples of each sentence.
        predicted: the predicted triples of each sentence, in the same order of sentences.

    Raises:
        ValueError: the two have different numbers of sentences.
    """
    scores = per_predicate(gold, predicted).values()
    return Scores(sum(s.correct for s in scores), sum(s.predicted for s in scores), sum(s.gold for s in scores))


def per_predicate(gold: Iterable[Iterable[Statement]], predicted: Iterable[Iterable[Statement]]) -> dict[str, Scores]:
    """Score each predicate that occurs on either side by itself, sorted by name.

    Args:
        gold: the labelled triples of each sentence.
        predicted: the predicted triples of each sentence, in the same order of sentences.

    Raises:
        ValueError: the two have different numbers of sentences.
    """
    correct: Counter[str] = Counter()
    found: Counter[str] = Counter()
    labelled: Counter[str] = Counter()
    for gold_triples, found_triples in zip(gold, predicted, strict=True):
        gold_keys, found_keys = {key(triple) for triple in gold_triples}, {key(triple) for triple in found_triples}
        labelled.update(predicate for _, predicate, _ in gold_keys)
        found.update(predicate for _, predicate, _ in found_keys)
        correct.update(predicate for _, predicate, _ in gold_keys & found_keys)
    return {name: Scores(correct[name], found[name], labelled[name]) for name in sorted(labelled.keys() | found.keys())}


def scores_over_thresholds(
    right: Iterable[float], wrong: Iterable[float], gold: int, thresholds: Sequence[float]
) -> list[Scores]:
    """Score what is left when only triples with at least a given score are kept, for each threshold.

    Args:
        right: scores of the predicted triples that are right, any order.
        wrong: scores of the predicted triples that are not.
        gold: number of labelled triples.
        thresholds: least scores that are kept, any order.
    """
    right_scores, wrong_scores = sorted(right), sorted(wrong)
    points = []
    for threshold in thresholds:
        correct = len(right_scores) - bisect_left(right_scores, threshold)
        points.append(Scores(correct, correct + len(wrong_scores) - bisect_left(wrong_scores, threshold), gold))
    return points
