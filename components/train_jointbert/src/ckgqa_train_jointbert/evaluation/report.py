"""The report of an evaluation for programs (JSON) and for a terminal or a forge (Markdown)."""

from dataclasses import asdict

from ckgqa.metrics import PrecisionRecall
from ckgqa_train_jointbert.evaluation.result import QuestionModelEvaluation
from ckgqa_train_jointbert.evaluation.scoring import QuestionScores

RULE = (
    "An intent is right when its kind, its steps and what each asks for are; a name when its role, its first and its "
    "last character are, as conlleval counts; a question when its intent and all its names are."
)


def report_json(result: QuestionModelEvaluation) -> dict[str, object]:
    """Return the content of report.json."""
    return {
        **figures(result.scores),
        "keyword_intent_accuracy": result.keyword_intent_accuracy,
        "intent_among_most": result.among_top_intents / result.scores.questions,
        "calibration_error": result.calibration_error,
        "split": result.split,
        "weights": result.weights,
        "serving": asdict(result.config.serving),
        "temperature": result.config.temperature,
        "questions_per_second": round(result.questions_per_second, 1),
        "per_role": {role: _slot_figures(counts) for role, counts in sorted(result.scores.by_role.items())},
        "per_shape": {name: figures(scores) for name, scores in result.by_shape.items()},
        "per_intent": {name: figures(scores) for name, scores in result.by_intent.items()},
        "confusion": [
            {"label": label, "prediction": prediction, "questions": count}
            for (label, prediction), count in sorted(result.confusion.items())
        ],
        "reliability": [asdict(each) for each in result.reliability],
        "learning": [dict(epoch) for epoch in result.learning_curve],
        "mistakes": [asdict(mistake) for mistake in result.mistakes],
    }


def figures(scores: QuestionScores) -> dict[str, object]:
    """Return the figures of some questions."""
    return {
        "questions": scores.questions,
        "intent_accuracy": scores.intent_accuracy,
        "slot_f1": scores.slots.f1,
        "slot_precision": scores.slots.precision,
        "slot_recall": scores.slots.recall,
        "exact_match": scores.exact_match,
    }


def report_markdown(result: QuestionModelEvaluation) -> str:
    """Return report.md: the figures as tables."""
    head = "| questions | intent accuracy | slot F1 | exact match |\n| --- | --- | --- | --- |"
    named = "| {} | questions | intent accuracy | slot F1 | exact match |\n| --- | --- | --- | --- | --- |"
    conditions = (
        f"The split `{result.split}`, read by the {result.weights} weights ({result.config.serving.precision} is "
        f"served), {result.questions_per_second:.0f} questions a second. {RULE}"
    )
    comparison = (
        f"Keywords alone find {result.keyword_intent_accuracy:.4f} of the intents. The right intent is among the "
        f"likeliest that are told in {result.among_top_intents / result.scores.questions:.4f}; "
        f"its probability is off by {result.calibration_error:.4f} on average."
    )
    lines = [
        "# Evaluation of the questions",
        conditions,
        "",
        head,
        f"| {_cells(result.scores)} |",
        "",
        comparison,
        "",
        "## Names by role",
        "| role | F1 | precision | recall | labelled |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {_cell(role)} | {c.f1:.4f} | {c.precision:.4f} | {c.recall:.4f} | {c.gold} |"
            for role, c in sorted(result.scores.by_role.items())
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


def _cells(scores: QuestionScores) -> str:
    shares = scores.intent_accuracy, scores.slots.f1, scores.exact_match
    return " | ".join([str(scores.questions), *(f"{share:.4f}" for share in shares)])


def _slot_figures(counts: PrecisionRecall) -> dict[str, float]:
    return {"f1": counts.f1, "precision": counts.precision, "recall": counts.recall, **asdict(counts)}


def _cell(text: str) -> str:
    """Escape a text for a cell of a Markdown table."""
    return text.replace("|", "\\|")
