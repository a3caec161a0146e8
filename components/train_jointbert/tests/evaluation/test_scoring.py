"""Scores against cases that were counted by hand."""

import pytest
from ckgqa_train_jointbert.data.questions import LabelledQuestion, LabelledSlot
from ckgqa_train_jointbert.evaluation.scoring import count_spans, score, score_by
from ckgqa_train_jointbert.inference.predictions import PredictedSlot, QuestionPrediction

from ckgqa.metrics import PrecisionRecall
from ckgqa.runtime.intents import Intent

TEXT = "一二三四五六"


def test_f1_as_conlleval_prints_it():
    # B-a I-a O B-b O B-a O B-b I-b against B-a I-a O B-b O B-b O O O: two of three predicted spans are right, of four
    # labelled ones; conlleval prints precision 66.67, recall 50.00, FB1 57.14.
    labelled = {("a", 0, 2), ("b", 3, 4), ("a", 5, 6), ("b", 7, 9)}
    predicted = {("a", 0, 2), ("b", 3, 4), ("b", 5, 6)}
    counts = count_spans(labelled, predicted)
    assert counts == PrecisionRecall(correct=2, predicted=3, gold=4)
    assert (counts.precision, counts.recall) == (pytest.approx(0.6667, abs=1e-4), 0.5)
    assert counts.f1 == pytest.approx(0.5714, abs=1e-4)


@pytest.mark.parametrize("predicted", [("a", 0, 3), ("a", 1, 2), ("b", 0, 2)])
def test_a_span_is_right_only_with_its_role_and_both_borders(predicted: tuple[str, int, int]):
    assert count_spans({("a", 0, 2)}, {predicted}).correct == 0


def question(label: str, *slots: LabelledSlot, shape: str = "object_asked") -> LabelledQuestion:
    return LabelledQuestion("q", TEXT, Intent.parse(label), slots, shape)


def prediction(label: str, *slots: tuple[str, int, int]) -> QuestionPrediction:
    return QuestionPrediction(TEXT, {label: 0.9}, tuple(PredictedSlot(*slot, 0.9) for slot in slots))


QUESTIONS = [
    question("list:a/@value", LabelledSlot(0, 2, "subject")),
    question("list:a/@value", LabelledSlot(0, 2, "subject"), LabelledSlot(3, 4, "inWork"), shape="slot"),
    question("outside", shape="outside"),
    question("list:b/@value", LabelledSlot(1, 3, "subject")),
]
PREDICTIONS = [
    prediction("list:a/@value", ("subject", 0, 2)),  # right
    prediction("list:a/@value", ("subject", 0, 2), ("inWork", 3, 5)),  # a slot is too long
    prediction("outside", ("subject", 0, 1)),  # a slot too many
    prediction("list:a/@value", ("subject", 1, 3)),  # another intent
]


def test_intents_slots_and_exact_matches_are_counted():
    scores = score(QUESTIONS, PREDICTIONS)
    assert (scores.intent_accuracy, scores.exact_match) == (0.75, 0.25)
    assert scores.slots == PrecisionRecall(correct=3, predicted=5, gold=4)
    assert scores.by_role == {"subject": PrecisionRecall(3, 4, 3), "inWork": PrecisionRecall(0, 1, 1)}


def test_groups_are_scored_by_name_the_largest_first():
    groups = score_by(QUESTIONS, PREDICTIONS, lambda question: question.intent.label)
    assert list(groups) == ["list:a/@value", "list:b/@value", "outside"]
    assert (groups["list:a/@value"].intent_accuracy, groups["list:a/@value"].exact_match) == (1.0, 0.5)
    assert groups["list:b/@value"].slots.f1 == 1.0
