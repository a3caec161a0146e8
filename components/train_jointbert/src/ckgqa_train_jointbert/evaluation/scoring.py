"""Scores of predictions: intent accuracy, slots as conlleval counts them, and exact match of questions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ckgqa.metrics import PrecisionRecall
from ckgqa_train_jointbert.data.questions import LabelledQuestion
from ckgqa_train_jointbert.inference.predictions import QuestionPrediction

SlotSpan = tuple[str, int, int]
"""Role, start, end; the end excluded."""


@dataclass(frozen=True)
class QuestionScores:
    """Scores of the predictions for some questions."""

    questions: int
    correct_intents: int
    exact_matches: int
    """Questions whose intent and slots are all right."""
    slots: PrecisionRecall
    by_role: dict[str, PrecisionRecall] = field(default_factory=dict)

    @property
    def intent_accuracy(self) -> float:
        """Share of questions whose intent is right."""
        return self.correct_intents / self.questions

    @property
    def exact_match(self) -> float:
        """Share of questions whose intent and slots are all right.

        Source: Chen et al. 2019, arXiv:1902.10909, where it is the sentence-level semantic frame accuracy.
        """
        return self.exact_matches / self.questions


def score(questions: Sequence[LabelledQuestion], predictions: Sequence[QuestionPrediction]) -> QuestionScores:
    """Score predictions against the labels of at least one question."""
    correct_intents = exact_matches = 0
    by_role: dict[str, PrecisionRecall] = {}
    for question, prediction in zip(questions, predictions, strict=True):
        labelled, predicted = labelled_spans(question), predicted_spans(prediction)
        is_intent_correct = prediction.label == question.intent.label
        correct_intents += is_intent_correct
        exact_matches += is_intent_correct and labelled == predicted
        for role in sorted({span[0] for span in labelled | predicted}):
            of_role = ({span for span in spans if span[0] == role} for spans in (labelled, predicted))
            by_role[role] = by_role.get(role, PrecisionRecall()) + count_spans(*of_role)
    slots = sum(by_role.values(), PrecisionRecall())
    return QuestionScores(len(questions), correct_intents, exact_matches, slots, by_role)


def score_by(
    questions: Sequence[LabelledQuestion],
    predictions: Sequence[QuestionPrediction],
    group: Callable[[LabelledQuestion], str],
) -> dict[str, QuestionScores]:
    """Score the questions of each group, the largest group first."""
    members: dict[str, list[tuple[LabelledQuestion, QuestionPrediction]]] = {}
    for question, prediction in zip(questions, predictions, strict=True):
        members.setdefault(group(question), []).append((question, prediction))
    ordered = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
    return {name: score([q for q, _ in pairs], [p for _, p in pairs]) for name, pairs in ordered}


def count_spans(labelled: set[SlotSpan], predicted: set[SlotSpan]) -> PrecisionRecall:
    """Count spans; a span is right if its role, its first and its last character are."""
    return PrecisionRecall(len(labelled & predicted), len(predicted), len(labelled))


def labelled_spans(question: LabelledQuestion) -> set[SlotSpan]:
    """Return the spans of a question's labels."""
    return {(slot.role, slot.start, slot.end) for slot in question.slots}


def predicted_spans(prediction: QuestionPrediction) -> set[SlotSpan]:
    """Return the spans of a prediction."""
    return {(slot.role, slot.start, slot.end) for slot in prediction.slots}
