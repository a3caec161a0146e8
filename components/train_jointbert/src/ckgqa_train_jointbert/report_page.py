"""The report for a browser: one HTML page that needs nothing else, with its pictures inline."""

from collections.abc import Mapping
from html import escape

from ckgqa.reporting.page import header, page, section, tiles
from ckgqa.reporting.pictures import FULL, HALF, Axis, Colour, Line, Mark, Row, bar_chart, line_chart
from ckgqa_train_jointbert.confusion import OTHERS, confusion_picture
from ckgqa_train_jointbert.report import RULE, Evaluation, Mistake
from ckgqa_train_jointbert.scoring import Scores

MOST_ROWS = 40  # intents in the bar chart
QUALITIES: dict[str, tuple[str, Colour]] = {
    "intent_accuracy": ("intent accuracy", "blue"),
    "slot_f1": ("slot F1", "orange"),
    "whole_accuracy": ("whole questions", "green"),
}


def report_page(result: Evaluation) -> str:
    """Give report.html."""
    scores = result.scores
    words = f"{scores.questions:,} questions of the split <b>{result.split}</b>. {escape(RULE)}"
    body = [
        header("How well questions are understood", words),
        _tiles(result),
        section("By shape", _rows_words("shapes"), _bars("By shape", result.by_shape)),
        section("By intent", _rows_words("intents"), _bars("By intent", _worst(result.by_intent))),
        section("Which intents are taken for which", _confusion_words(), confusion_picture(result.confusion)),
        section("What a probability means", _calibration_words(result), _calibration_picture(result)),
        section("How it learned", _learning_words(result), *_learning_pictures(result)),
        _mistakes(result),
    ]
    return page(f"Questions: {scores.whole_accuracy:.3f} wholly right", body)


def _tiles(result: Evaluation) -> str:
    scores, slots = result.scores, result.scores.slots
    return tiles({
        f"intent accuracy: {scores.intents:,} of {scores.questions:,}": f"{scores.intent_accuracy:.3f}",
        "by keywords alone": f"{result.keywords:.3f}",
        f"slot F1: {slots.correct:,} right of {slots.predicted:,} found, {slots.gold:,} labelled": f"{slots.f1:.3f}",
        "wholly right questions": f"{scores.whole_accuracy:.3f}",
        "right intent among the likeliest told": f"{result.among_most / scores.questions:.3f}",
        "mean error of the intent's probability": f"{result.calibration_error:.3f}",
        f"questions a second, read in {_precision(result)}": f"{result.questions_per_second:,.0f}",
    })  # fmt: skip


def _precision(result: Evaluation) -> str:
    return result.config.serving.precision if result.weights == "served" else "fp32, as trained"


def _rows_words(what: str) -> str:
    return (
        f"The {what} with most questions first. Behind the bars: the share of wholly right questions, and how many "
        "questions there are, since a bar that stands on few of them says little."
    )


def _worst(by_intent: Mapping[str, Scores]) -> dict[str, Scores]:
    """Keep the intents that fit the chart: those with most wrong questions."""
    wrong = sorted(by_intent, key=lambda name: by_intent[name].intents - by_intent[name].questions)
    kept = set(wrong[:MOST_ROWS])
    return {name: scores for name, scores in by_intent.items() if name in kept}


def _bars(title: str, parts: Mapping[str, Scores]) -> str:
    rows = [
        Row(name, (s.intent_accuracy, s.slots.f1), (f"{s.whole_accuracy:.3f}", f"{s.questions:,}"))
        for name, s in parts.items()
    ]
    told = ", ".join(f"{row.name} {row.figures[0]} wholly right" for row in rows)
    return bar_chart(title, told, rows, ("intent accuracy", "slot F1"), ("whole", "questions"))


def _confusion_words() -> str:
    return (
        "A row for each labelled intent, a column for each predicted one; a cell is coloured by its share of the row. "
        f"Those that are confused most have rows of their own, the rest is {escape(OTHERS)}; report.json has all."
    )


def _calibration_words(result: Evaluation) -> str:
    parts = "; ".join(
        f"{one.questions:,} at {one.probability:.2f}: {one.accuracy:.3f} right" for one in reversed(result.reliability)
    )
    return (
        "Questions sorted by the probability of their likeliest intent, in ten bins: where the line runs along the "
        f"diagonal, a probability is the share that is right. {escape(parts)}. On average it is off by "
        f"{result.calibration_error:.4f} (expected calibration error); scores are divided by a temperature of "
        f"{result.config.temperature:g}, chosen on the validation split."
    )


def _calibration_picture(result: Evaluation) -> str:
    lines = [
        Line("as it should be", "reference", ((0.0, 0.0), (1.0, 1.0))),
        Line("share right", "blue", [(one.probability, one.accuracy) for one in result.reliability]),
    ]
    x, y = Axis("probability of the intent", 0.0, 1.0), Axis("share right", 0.0, 1.0)
    told = f"Expected calibration error {result.calibration_error:.4f}"
    return line_chart("Reliability of the intent's probability", told, lines, x=x, y=y, width=FULL)


def _best_epoch(result: Evaluation) -> Mapping[str, float]:
    return max(result.learning, key=lambda epoch: epoch["whole_accuracy"])


def _learning_words(result: Evaluation) -> str:
    best = _best_epoch(result)
    return (
        f"{len(result.learning)} epochs. Left the training loss, right the figures on the validation split after each "
        f"epoch; the weights of epoch {best['epoch']:g}, with most wholly right questions, are the model."
    )


def _learning_pictures(result: Evaluation) -> list[str]:
    epochs, best = result.learning, _best_epoch(result)
    x = Axis("epoch", 1.0, max(*(epoch["epoch"] for epoch in epochs), 2.0), whole=True)
    loss = [(epoch["epoch"], epoch["loss"]) for epoch in epochs]
    y = Axis("loss", 0.0, max(value for _, value in loss) * 1.05 or 1.0)
    told = f"From {loss[0][1]:.4g} in the first epoch to {loss[-1][1]:.4g} in the last"
    left = line_chart("Training loss", told, [Line("training loss", "violet", loss)], x=x, y=y, width=HALF)
    lines = [
        Line(name, colour, [(epoch["epoch"], epoch[key]) for epoch in epochs])
        for key, (name, colour) in QUALITIES.items()
    ]
    told = f"Most wholly right questions, {best['whole_accuracy']:.3f}, in epoch {best['epoch']:g}"
    mark = Mark(best["epoch"], best["whole_accuracy"], f"{best['whole_accuracy']:.3f} in epoch {best['epoch']:g}")
    y = Axis("share", 0.0, 1.0)
    return [left, line_chart("Validation after each epoch", told, lines, x=x, y=y, width=HALF, mark=mark)]


def _mistakes(result: Evaluation) -> str:
    words = (
        "Questions that were not read wholly rightly, those first of whose intent the model was surest. Not every one "
        "is the model's: some wordings can be meant in two ways."
    )
    shown = "".join(f"<li>{_mistake(mistake)}</li>" for mistake in result.mistakes)
    return f'<section><h2>Mistakes</h2><p class="soft">{words}</p><ul class="errors missed">{shown}</ul></section>'


def _mistake(mistake: Mistake) -> str:
    intent = (
        f"{escape(mistake.label)} read as {escape(mistake.prediction)} ({mistake.probability:.2f})"
        if mistake.label != mistake.prediction
        else f"{escape(mistake.label)}, which is right"
    )
    names = (
        f"labelled: {escape(', '.join(mistake.names) or 'none')}; found: {escape(', '.join(mistake.found) or 'none')}"
    )
    return (
        f'<div class="fact" lang="zh">{escape(mistake.text)}</div><div class="text">{intent}. Names {names} '
        f"[{escape(mistake.id)}, {escape(mistake.shape)}]</div>"
    )
