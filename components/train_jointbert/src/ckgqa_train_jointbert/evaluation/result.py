"""The result of an evaluation: all figures of the report, and the mistakes that it shows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ckgqa.metrics import ReliabilityBin, expected_calibration_error, reliability_bins
from ckgqa.reporting.learning_curve import read_learning_curve
from ckgqa.runtime.artefacts import Split
from ckgqa_train_jointbert.data.questions import LabelledQuestion
from ckgqa_train_jointbert.evaluation.keyword_baseline import keyword_intent_accuracy
from ckgqa_train_jointbert.evaluation.scoring import (
    QuestionScores,
    SlotSpan,
    labelled_spans,
    predicted_spans,
    score,
    score_by,
)
from ckgqa_train_jointbert.inference.predictions import QuestionPrediction
from ckgqa_train_jointbert.model.config import JointBertConfig
from ckgqa_train_jointbert.model.folder import ModelFolder
from ckgqa_train_jointbert.settings import ScoredWeights

EPOCH_FIGURES = frozenset({"epoch", "loss", "exact_match", "intent_accuracy", "slot_f1"})
"""The figures in every line of metrics.jsonl."""


@dataclass(frozen=True)
class Mistake:
    """A question whose prediction differs from its labels."""

    id: str
    text: str
    shape: str
    label: str
    prediction: str
    probability: float
    names: Sequence[str]
    """`role 'name'` of each labelled slot."""
    found: Sequence[str]
    """`role 'name'` of each predicted slot."""


@dataclass(frozen=True)
class QuestionModelEvaluation:
    """All that a report shows."""

    split: Split
    weights: ScoredWeights
    config: JointBertConfig
    seconds: float
    """Wall-clock time of the prediction, without loading the model."""
    scores: QuestionScores
    keyword_intent_accuracy: float
    """Intent accuracy of the baseline without a model."""
    among_top_intents: int
    """Questions whose intent is among the most probable ones that a prediction lists."""
    by_shape: Mapping[str, QuestionScores]
    by_intent: Mapping[str, QuestionScores]
    confusion: Counter[tuple[str, str]]
    """(labelled intent, predicted intent) -> questions."""
    reliability: Sequence[ReliabilityBin]
    learning_curve: Sequence[Mapping[str, float]]
    """The lines of the model's metrics.jsonl."""
    mistakes: Sequence[Mistake]

    @property
    def questions_per_second(self) -> float:
        """Throughput of the prediction in large batches."""
        return self.scores.questions / self.seconds

    @property
    def calibration_error(self) -> float:
        """Expected calibration error of the intent's probability."""
        return expected_calibration_error(self.reliability)

    @property
    def best_epoch(self) -> Mapping[str, float]:
        """The epoch whose weights are the model."""
        return max(self.learning_curve, key=lambda epoch: epoch["exact_match"])


def summarize(
    folder: ModelFolder, questions: Sequence[LabelledQuestion], predictions: Sequence[QuestionPrediction], *,
    split: Split, weights: ScoredWeights, max_mistakes: int, seconds: float,
) -> QuestionModelEvaluation:  # fmt: skip
    """Compute everything that the report shows, for at least one question.

    Args:
        folder: the scored model.
        questions: the scored questions.
        predictions: the model's prediction for each.
        split: name of the scored split.
        weights: which weights of the model predicted.
        max_mistakes: maximum number of mistakes to show.
        seconds: wall-clock time of the prediction.

    Raises:
        InputError: metrics.jsonl of the model is missing or lacks a figure.
    """
    labels = [question.intent.label for question in questions]
    return QuestionModelEvaluation(
        split=split,
        weights=weights,
        config=folder.config,
        seconds=seconds,
        scores=score(questions, predictions),
        keyword_intent_accuracy=keyword_intent_accuracy(questions, folder.labels),
        among_top_intents=sum(label in p.probabilities for label, p in zip(labels, predictions, strict=True)),
        by_shape=score_by(questions, predictions, lambda question: question.shape),
        by_intent=score_by(questions, predictions, lambda question: question.intent.label),
        confusion=Counter((label, p.label) for label, p in zip(labels, predictions, strict=True)),
        reliability=reliability_bins(
            (p.probability, label == p.label) for label, p in zip(labels, predictions, strict=True)
        ),
        learning_curve=read_learning_curve(folder.path, EPOCH_FIGURES),
        mistakes=find_mistakes(questions, predictions, max_mistakes),
    )


def find_mistakes(
    questions: Sequence[LabelledQuestion], predictions: Sequence[QuestionPrediction], limit: int
) -> list[Mistake]:
    """Return the wrong predictions with the most probable intents, wrong intents before wrong slots."""
    wrong = [
        (question, prediction)
        for question, prediction in zip(questions, predictions, strict=True)
        if question.intent.label != prediction.label or labelled_spans(question) != predicted_spans(prediction)
    ]
    wrong.sort(key=lambda pair: (pair[0].intent.label == pair[1].label, -pair[1].probability))
    return [_describe(question, prediction) for question, prediction in wrong[:limit]]


def _describe(question: LabelledQuestion, prediction: QuestionPrediction) -> Mistake:
    def names(spans: set[SlotSpan]) -> list[str]:
        in_order = sorted(spans, key=lambda span: span[1])
        return [f"{role} '{question.text[start:end]}'" for role, start, end in in_order]

    return Mistake(
        question.id, question.text, question.shape, question.intent.label, prediction.label, prediction.probability,
        names(labelled_spans(question)), names(predicted_spans(prediction)),
    )  # fmt: skip
