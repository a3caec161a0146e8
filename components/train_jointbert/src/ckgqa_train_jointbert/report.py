"""The result of an evaluation, and its report for programs (JSON) and for a terminal or a forge (Markdown)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from ckgqa_train_jointbert.calibration import Bin, expected_calibration_error
from ckgqa_train_jointbert.config import ModelConfig
from ckgqa_train_jointbert.scoring import Counts, Scores

RULE = (
    "An intent is right when its kind, its steps and what each asks for are; a name when its role, its first and its "
    "last character are, as conlleval counts; a question when its intent and all its names are."
)


@dataclass(frozen=True)
class Mistake:
    """One question that was read wrongly, as people labelled it and as the model reads it."""

    id: str
    text: str
    shape: str
    label: str
    prediction: str
    probability: float
    names: Sequence[str]
    """`role 'name'` of each label."""
    found: Sequence[str]
    """`role 'name'` of each name that was found."""


@dataclass(frozen=True)
class Evaluation:
    """Everything that a report says."""

    split: str
    weights: str
    config: ModelConfig
    seconds: float
    """Wall-clock time of the reading, without loading the model."""
    scores: Scores
    keywords: float
    """Share of the intents that keywords alone find."""
    among_most: int
    """Questions whose intent is among the few likeliest that are told."""
    by_shape: Mapping[str, Scores]
    by_intent: Mapping[str, Scores]
    confusion: Counter[tuple[str, str]]
    """(labelled intent, predicted intent) -> questions."""
    reliability: Sequence[Bin]
    learning: Sequence[Mapping[str, float]]
    """The lines of the model's metrics.jsonl."""
    mistakes: Sequence[Mistake]

    @property
    def questions_per_second(self) -> float:
        """How fast the questions were read, many at once."""
        return self.scores.questions / self.seconds

    @property
    def calibration_error(self) -> float:
        """The mean distance between an intent's probability and the share that is right."""
        return expected_calibration_error(self.reliability)


def report_json(result: Evaluation) -> dict[str, object]:
    """Give report.json."""
    return {
        **figures(result.scores),
        "keyword_intent_accuracy": result.keywords,
        "intent_among_most": result.among_most / result.scores.questions,
        "calibration_error": result.calibration_error,
        "split": result.split,
        "weights": result.weights,
        "serving": asdict(result.config.serving),
        "temperature": result.config.temperature,
        "questions_per_second": round(result.questions_per_second, 1),
        "per_role": {role: _counts(counts) for role, counts in sorted(result.scores.roles.items())},
        "per_shape": {name: figures(scores) for name, scores in result.by_shape.items()},
        "per_intent": {name: figures(scores) for name, scores in result.by_intent.items()},
        "confusion": [
            {"label": label, "prediction": prediction, "questions": count}
            for (label, prediction), count in sorted(result.confusion.items())
        ],
        "reliability": [asdict(one) for one in result.reliability],
        "learning": [dict(epoch) for epoch in result.learning],
        "mistakes": [asdict(mistake) for mistake in result.mistakes],
    }


def figures(scores: Scores) -> dict[str, object]:
    """Give the figures of some questions."""
    return {
        "questions": scores.questions,
        "intent_accuracy": scores.intent_accuracy,
        "slot_f1": scores.slots.f1,
        "slot_precision": scores.slots.precision,
        "slot_recall": scores.slots.recall,
        "whole_accuracy": scores.whole_accuracy,
    }


def report_markdown(result: Evaluation) -> str:
    """Give report.md: the figures as tables."""
    head = "| questions | intent accuracy | slot F1 | whole questions |\n| --- | --- | --- | --- |"
    named = "| {} | questions | intent accuracy | slot F1 | whole questions |\n| --- | --- | --- | --- | --- |"
    read = (
        f"The split `{result.split}`, read by the {result.weights} weights ({result.config.serving.precision} is "
        f"served), {result.questions_per_second:.0f} questions a second. {RULE}"
    )
    told = (
        f"Keywords alone find {result.keywords:.4f} of the intents. "
        f"The right intent is among the likeliest that are told in {result.among_most / result.scores.questions:.4f}; "
        f"its probability is off by {result.calibration_error:.4f} on average."
    )
    lines = [
        "# Evaluation of the questions",
        read,
        "",
        head,
        f"| {_cells(result.scores)} |",
        "",
        told,
        "",
        "## Names by role",
        "| role | F1 | precision | recall | labelled |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {_cell(role)} | {c.f1:.4f} | {c.precision:.4f} | {c.recall:.4f} | {c.gold} |"
            for role, c in sorted(result.scores.roles.items())
        ),
        "",
        "## By shape",
        named.format("shape"),
        *(f"| {_cell(name)} | {_cells(scores)} |" for name, scores in result.by_shape.items()),
        "",
        "## By intent",
        named.format("intent"),
        *(f"| {_cell(name)} | {_cells(scores)} |" for name, scores in result.by_intent.items()),
        "",
        "Pictures, the confusions and examples of mistakes are in `report.html`.",
    ]
    return "\n".join(lines) + "\n"


def _cells(scores: Scores) -> str:
    shares = scores.intent_accuracy, scores.slots.f1, scores.whole_accuracy
    return " | ".join([str(scores.questions), *(f"{share:.4f}" for share in shares)])


def _counts(counts: Counts) -> dict[str, float]:
    return {"f1": counts.f1, "precision": counts.precision, "recall": counts.recall, **asdict(counts)}


def _cell(words: str) -> str:
    """Write words into a cell of a Markdown table."""
    return words.replace("|", "\\|")
