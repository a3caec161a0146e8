"""The report for a browser: one HTML page with inline pictures, which loads nothing; see templates/report.html."""

from collections.abc import Mapping

from ckgqa.reporting.page import as_markup, template_environment
from ckgqa.reporting.pictures import FULL, HALF, Axis, Colour, Line, Mark, Row, bar_chart, line_chart
from ckgqa_train_jointbert.evaluation.confusion import OTHERS, confusion_picture
from ckgqa_train_jointbert.evaluation.report import RULE
from ckgqa_train_jointbert.evaluation.result import QuestionModelEvaluation
from ckgqa_train_jointbert.evaluation.scoring import QuestionScores

MAX_INTENT_ROWS = 40  # in the bar chart
CURVES: dict[str, tuple[str, Colour]] = {
    "intent_accuracy": ("intent accuracy", "blue"),
    "slot_f1": ("slot F1", "orange"),
    "exact_match": ("exact match", "green"),
}


def report_page(result: QuestionModelEvaluation) -> str:
    """Return report.html."""
    template = template_environment(__name__.rpartition(".")[0]).get_template("report.html")
    return template.render(
        title=f"Questions: exact match {result.scores.exact_match:.3f}",
        result=result,
        rule=RULE,
        others=OTHERS,
        headline_figures=_headline_figures(result),
        shape_picture=as_markup(_bars("By shape", result.by_shape)),
        intent_picture=as_markup(_bars("By intent", _most_wrong(result.by_intent))),
        confusion_picture=as_markup(confusion_picture(result.confusion)),
        calibration_picture=as_markup(_calibration_picture(result)),
        learning_pictures=[as_markup(picture) for picture in _learning_pictures(result)],
    )


def _headline_figures(result: QuestionModelEvaluation) -> dict[str, str]:
    scores, slots = result.scores, result.scores.slots
    precision = result.config.serving.precision if result.weights == "served" else "fp32, as trained"
    return {
        f"intent accuracy: {scores.correct_intents:,} of {scores.questions:,}": f"{scores.intent_accuracy:.3f}",
        "by keywords alone": f"{result.keyword_intent_accuracy:.3f}",
        f"slot F1: {slots.correct:,} right of {slots.predicted:,} found, {slots.gold:,} labelled": f"{slots.f1:.3f}",
        "exact match": f"{scores.exact_match:.3f}",
        "right intent among the likeliest told": f"{result.among_top_intents / scores.questions:.3f}",
        "mean error of the intent's probability": f"{result.calibration_error:.3f}",
        f"questions a second, read in {precision}": f"{result.questions_per_second:,.0f}",
    }


def _most_wrong(by_intent: Mapping[str, QuestionScores]) -> dict[str, QuestionScores]:
    """Select the intents with most wrong questions, as many as fit the chart."""
    wrong = sorted(by_intent, key=lambda name: by_intent[name].correct_intents - by_intent[name].questions)
    selected = set(wrong[:MAX_INTENT_ROWS])
    return {name: scores for name, scores in by_intent.items() if name in selected}


def _bars(title: str, groups: Mapping[str, QuestionScores]) -> str:
    rows = [
        Row(name, (s.intent_accuracy, s.slots.f1), (f"{s.exact_match:.3f}", f"{s.questions:,}"))
        for name, s in groups.items()
    ]
    summary = ", ".join(f"{row.name} exact match {row.figures[0]}" for row in rows)
    return bar_chart(title, summary, rows, ("intent accuracy", "slot F1"), ("exact", "questions"))


def _calibration_picture(result: QuestionModelEvaluation) -> str:
    lines = [
        Line("as it should be", "reference", ((0.0, 0.0), (1.0, 1.0))),
        Line("share right", "blue", [(part.confidence, part.accuracy) for part in result.reliability]),
    ]
    x, y = Axis("probability of the intent", 0.0, 1.0), Axis("share right", 0.0, 1.0)
    summary = f"Expected calibration error {result.calibration_error:.4f}"
    return line_chart("Reliability of the intent's probability", summary, lines, x=x, y=y, width=FULL)


def _learning_pictures(result: QuestionModelEvaluation) -> list[str]:
    epochs, best = result.learning_curve, result.best_epoch
    x = Axis("epoch", 1.0, max(*(epoch["epoch"] for epoch in epochs), 2.0), whole=True)
    loss = [(epoch["epoch"], epoch["loss"]) for epoch in epochs]
    y = Axis("loss", 0.0, max(value for _, value in loss) * 1.05 or 1.0)
    summary = f"From {loss[0][1]:.4g} in the first epoch to {loss[-1][1]:.4g} in the last"
    left = line_chart("Training loss", summary, [Line("training loss", "violet", loss)], x=x, y=y, width=HALF)
    lines = [
        Line(name, colour, [(epoch["epoch"], epoch[key]) for epoch in epochs]) for key, (name, colour) in CURVES.items()
    ]
    exact_match = best["exact_match"]
    summary = f"Highest exact match, {exact_match:.3f}, in epoch {best['epoch']:g}"
    mark = Mark(best["epoch"], exact_match, f"{exact_match:.3f} in epoch {best['epoch']:g}")
    y = Axis("share", 0.0, 1.0)
    return [left, line_chart("Validation after each epoch", summary, lines, x=x, y=y, width=HALF, mark=mark)]
