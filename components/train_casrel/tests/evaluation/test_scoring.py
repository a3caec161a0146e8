"""The figures of the challenge, on cases counted by hand."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from ckgqa_train_casrel.evaluation.scoring import (
    PrecisionRecall,
    TripleLike,
    score_micro,
    score_over_thresholds,
    score_per_predicate,
    triple_key,
)


@dataclass(frozen=True)
class Fact:
    subject: str
    predicate: str
    object: dict[str, str] = field(default_factory=dict)


def directed(film: str, person: str) -> Fact:
    return Fact(film, "导演", {"@value": person})


PLAYS = Fact("李明", "饰演", {"@value": "阿福", "inWork": "山海情深"})


def test_counts_are_added_over_sentences_before_they_are_divided():
    gold = [[directed("甲", "乙"), directed("甲", "丙")], [PLAYS], []]
    predicted = [[directed("甲", "乙"), directed("甲", "丁")], [PLAYS], [directed("戊", "己")]]
    scores = score_micro(gold, predicted)
    assert scores == PrecisionRecall(correct=2, predicted=4, gold=3)
    assert (scores.precision, scores.recall) == (2 / 4, 2 / 3)
    assert scores.f1 == pytest.approx(2 * (1 / 2) * (2 / 3) / (1 / 2 + 2 / 3))


@pytest.mark.parametrize(
    "slots",
    [
        {"@value": "阿福"},
        {"@value": "阿福", "inWork": "山海"},
        {"@value": "福", "inWork": "山海情深"},
        {"@value": "阿福", "inWork": "山海情深", "onDate": "1999年"},
    ],
    ids=["slot missing", "slot wrong", "value wrong", "slot too many"],
)
def test_a_triple_counts_only_when_every_slot_is_right(slots: dict[str, str]):
    assert score_micro([[PLAYS]], [[Fact("李明", "饰演", slots)]]) == PrecisionRecall(0, 1, 1)


def test_the_same_triple_twice_in_a_sentence_counts_once():
    assert score_micro([[PLAYS, PLAYS]], [[PLAYS, PLAYS, PLAYS]]) == PrecisionRecall(1, 1, 1)


def test_a_triple_of_another_sentence_is_wrong():
    assert score_micro([[PLAYS], []], [[], [PLAYS]]) == PrecisionRecall(0, 1, 1)


@pytest.mark.parametrize("name", ["《山海情深》", "山海情深 ", "Shan"])
def test_names_are_compared_exactly_where_the_challenge_forgives(name: str):
    gold = directed("山海情深", "乙") if "山" in name else directed("shan", "乙")
    assert score_micro([[gold]], [[directed(name, "乙")]]).correct == 0


def test_nothing_predicted_or_nothing_labelled_is_zero_not_an_error():
    nothing: list[list[Fact]] = [[]]
    assert [getattr(score_micro(nothing, nothing), name) for name in ("precision", "recall", "f1")] == [0.0, 0.0, 0.0]
    assert score_micro([[PLAYS]], nothing).precision == 0.0
    assert score_micro(nothing, [[PLAYS]]).recall == 0.0


def test_different_numbers_of_sentences_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        score_micro([[PLAYS], []], [[PLAYS]])


def test_each_predicate_is_scored_by_itself_in_sorted_order():
    gold = [[directed("甲", "乙"), PLAYS]]
    predicted = [[directed("甲", "丙"), PLAYS, Fact("甲", "主演", {"@value": "乙"})]]
    found = score_per_predicate(gold, predicted)
    assert list(found) == sorted(["主演", "导演", "饰演"])
    assert found == {
        "主演": PrecisionRecall(0, 1, 0),
        "导演": PrecisionRecall(0, 1, 1),
        "饰演": PrecisionRecall(1, 1, 1),
    }


def without_repeats(triples: Iterable[TripleLike]) -> list[TripleLike]:
    kept: list[TripleLike] = []
    for triple in triples:
        if triple not in kept:
            kept.append(triple)
    return kept


def brute_force(
    gold: Iterable[Iterable[TripleLike]], predicted: Iterable[Iterable[TripleLike]]
) -> tuple[int, int, int]:
    """Count by comparing everything with everything, as the challenge's scorer does."""
    correct = found = labelled = 0
    for gold_triples, found_triples in zip(gold, predicted, strict=True):
        unique_gold, unique_found = without_repeats(gold_triples), without_repeats(found_triples)
        correct += sum(any(t == other for other in unique_gold) for t in unique_found)
        found += len(unique_found)
        labelled += len(unique_gold)
    return correct, found, labelled


def test_counts_agree_with_comparing_every_pair():
    draw = random.Random(13)
    names = "甲乙丙"

    def sentence() -> list[Fact]:
        return [
            Fact(draw.choice(names), draw.choice("导演"), {slot: draw.choice(names) for slot in ("@value", "inWork")})
            for _ in range(draw.randrange(6))
        ]

    gold, predicted = [sentence() for _ in range(300)], [sentence() for _ in range(300)]
    scores = score_micro(gold, predicted)
    assert scores.correct > 20
    assert (scores.correct, scores.predicted, scores.gold) == brute_force(gold, predicted)


def test_a_threshold_keeps_the_triples_at_and_above_it():
    right, wrong = [0.9, 0.5, 0.2], [0.5, 0.1]
    points = score_over_thresholds(right, wrong, gold=4, thresholds=[0.0, 0.2, 0.5, 0.50001, 1.0])
    counts = [(point.correct, point.predicted, point.gold) for point in points]
    assert counts == [(3, 5, 4), (3, 4, 4), (2, 3, 4), (1, 1, 4), (0, 0, 4)]


def test_the_order_of_slots_does_not_matter():
    assert triple_key(PLAYS) == triple_key(Fact("李明", "饰演", {"inWork": "山海情深", "@value": "阿福"}))
