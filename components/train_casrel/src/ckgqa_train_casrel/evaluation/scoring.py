"""Precision, recall and F1 of triples, counted as the DuIE challenge counts them.

A sentence has a set of triples. A triple is right if its subject, its predicate and the value of every slot are right;
types and spans are not compared. Counts are added over all sentences before anything is divided (micro-average).

The challenge's own scorer forgives more before it compares: it lower-cases names, takes the book title marks 《》 off,
and accepts synonyms of an alias dictionary that was never published. Here the text has to be exactly right, so a figure
of ours is, if anything, below what the challenge would have computed.

Source: `re_official_evaluation.py` of PaddleNLP, examples/information_extraction/DuIE.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from ckgqa.metrics import PrecisionRecall


class TripleLike(Protocol):
    """The parts of a triple that are compared; extracted and labelled triples have them."""

    @property
    def subject(self) -> str: ...  # noqa: D102
    @property
    def predicate(self) -> str: ...  # noqa: D102
    @property
    def object(self) -> Mapping[str, str]: ...  # noqa: D102


# Subject, predicate and all (slot, value) pairs: equal keys are the same triple.
TripleKey = tuple[str, str, frozenset[tuple[str, str]]]


def triple_key(triple: TripleLike) -> TripleKey:
    """Reduce a triple to what the challenge compares."""
    return triple.subject, triple.predicate, frozenset(triple.object.items())


def score_micro(gold: Iterable[Iterable[TripleLike]], predicted: Iterable[Iterable[TripleLike]]) -> PrecisionRecall:
    """Score predicted triples against labelled ones, over all predicates.

    Args:
        gold: the labelled triples of each sentence.
        predicted: the predicted triples of each sentence, in the same order of sentences.

    Raises:
        ValueError: the two have different numbers of sentences.
    """
    return sum(score_per_predicate(gold, predicted).values(), PrecisionRecall())


def score_per_predicate(
    gold: Iterable[Iterable[TripleLike]], predicted: Iterable[Iterable[TripleLike]]
) -> dict[str, PrecisionRecall]:
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
    for gold_triples, predicted_triples in zip(gold, predicted, strict=True):
        gold_keys = {triple_key(triple) for triple in gold_triples}
        predicted_keys = {triple_key(triple) for triple in predicted_triples}
        labelled.update(predicate for _, predicate, _ in gold_keys)
        found.update(predicate for _, predicate, _ in predicted_keys)
        correct.update(predicate for _, predicate, _ in gold_keys & predicted_keys)
    return {
        name: PrecisionRecall(correct[name], found[name], labelled[name])
        for name in sorted(labelled.keys() | found.keys())
    }


def score_over_thresholds(
    right: Iterable[float], wrong: Iterable[float], gold: int, thresholds: Sequence[float]
) -> list[PrecisionRecall]:
    """Score the triples that reach a minimum score, for each of several minimum scores.

    Args:
        right: scores of the predicted triples that are right, in any order.
        wrong: scores of the predicted triples that are not.
        gold: number of labelled triples.
        thresholds: the minimum scores, in any order.
    """
    right_scores, wrong_scores = sorted(right), sorted(wrong)
    points = []
    for threshold in thresholds:
        correct = len(right_scores) - bisect_left(right_scores, threshold)
        spurious = len(wrong_scores) - bisect_left(wrong_scores, threshold)
        points.append(PrecisionRecall(correct, correct + spurious, gold))
    return points
