"""The report for a browser: one HTML page that needs nothing else, with its pictures inline.

Its template is templates/report.html; a sentence that holds `<script>` is shown as these words.
"""

from itertools import groupby

from ckgqa.reporting.page import as_markup, template_environment
from ckgqa.reporting.pictures import FULL, HALF, Axis, Colour, Line, Mark, Row, bar_chart, line_chart
from ckgqa.runtime.artefacts import VALUE
from ckgqa_train_casrel.evaluation.errors import KINDS, ErrorExample
from ckgqa_train_casrel.evaluation.report import RULE, TripleEvaluation

# Figures of an epoch that the second learning curve shows, if the training wrote them.
QUALITIES: dict[str, Colour] = {"precision": "blue", "recall": "orange", "f1": "green"}


def report_page(result: TripleEvaluation) -> str:
    """Return report.html."""
    template = template_environment(__name__.rpartition(".")[0]).get_template("report.html")
    return template.render(
        title=f"Triples: F1 {result.scores.f1:.3f}",
        result=result,
        rule=RULE,
        meanings=KINDS,
        headline_figures=_headline_figures(result),
        predicate_picture=as_markup(_predicate_picture(result)),
        curve_picture=as_markup(_curve_picture(result)),
        learning_pictures=[as_markup(picture) for picture in _learning_pictures(result)],
        fact=_fact,
        segments=_segments,
    )


def _headline_figures(result: TripleEvaluation) -> dict[str, str]:
    scores = result.scores
    return {
        "micro-F1": f"{scores.f1:.3f}",
        f"precision: {scores.correct:,} of {scores.predicted:,} predicted": f"{scores.precision:.3f}",
        f"recall: {scores.correct:,} of {scores.gold:,} labelled": f"{scores.recall:.3f}",
        "sentences a second in extraction": f"{result.sentences_per_second:,.0f}",
    }


def _predicate_picture(result: TripleEvaluation) -> str:
    rows = [
        Row(name, (scores.precision, scores.recall), (f"{scores.f1:.3f}", f"{scores.gold:,}"))
        for name, scores in result.by_support
    ]
    summary = ", ".join(f"{row.name} F1 {row.figures[0]}" for row in rows)
    title = "Precision and recall of each predicate"
    return bar_chart(title, summary, rows, ("precision", "recall"), ("F1", "labelled"))


def _curve_picture(result: TripleEvaluation) -> str:
    points, best = result.curve, result.best
    own = result.scores.f1
    lines = [
        Line("F1 at the model's own thresholds", "reference", ((0.0, own), (1.0, own))),
        Line("precision", "blue", [(p.min_score, p.scores.precision) for p in points if p.scores.predicted]),
        Line("recall", "orange", [(p.min_score, p.scores.recall) for p in points]),
        Line("F1", "green", [(p.min_score, p.scores.f1) for p in points]),
    ]
    summary = f"Best F1 {best.scores.f1:.3f} at {best.min_score:g}; F1 {own:.3f} at the model's own thresholds"
    mark = Mark(best.min_score, best.scores.f1, f"best F1 {best.scores.f1:.3f} at {best.min_score:g}")
    x, y = Axis("least score that is kept", 0.0, 1.0), Axis("share", 0.0, 1.0)
    return line_chart("Precision, recall and F1 over the least score", summary, lines, x=x, y=y, width=FULL, mark=mark)


def _learning_pictures(result: TripleEvaluation) -> list[str]:
    epochs, best = result.learning, result.best_epoch
    last = max(epoch["epoch"] for epoch in epochs)
    x = Axis("epoch", 1.0, max(last, 2.0), whole=True)
    loss = [(epoch["epoch"], epoch["loss"]) for epoch in epochs]
    top = max(value for _, value in loss)
    summary = f"From {loss[0][1]:.4g} in the first epoch to {loss[-1][1]:.4g} in the last"
    y = Axis("loss", 0.0, top * 1.05 or 1.0)
    left = line_chart("Training loss", summary, [Line("training loss", "violet", loss)], x=x, y=y, width=HALF)
    qualities = [
        Line("F1" if name == "f1" else name, colour, [(epoch["epoch"], epoch[name]) for epoch in epochs])
        for name, colour in QUALITIES.items()
        if all(name in epoch for epoch in epochs)
    ]
    summary = f"Highest F1 {best['f1']:.3f} in epoch {best['epoch']:g}"
    mark = Mark(best["epoch"], best["f1"], f"F1 {best['f1']:.3f} in epoch {best['epoch']:g}")
    y = Axis("share", 0.0, 1.0)
    return [left, line_chart("Validation after each epoch", summary, qualities, x=x, y=y, width=HALF, mark=mark)]


def _fact(example: ErrorExample) -> str:
    """Write the triple of an error in one line."""
    slots = [f"{slot} {words}" for slot, words in sorted(example.object.items()) if slot != VALUE]
    more = f" ({', '.join(slots)})" if slots else ""
    return f"{example.subject} → {example.object[VALUE]}{more}"


def _segments(example: ErrorExample) -> list[tuple[str, bool]]:
    """Cut the sentence into pieces, each with whether a name of the triple first stands there, to be underlined."""
    spans = [(example.text.find(name), len(name)) for name in (example.subject, *example.object.values())]
    underlined = {position for start, size in spans if start >= 0 for position in range(start, start + size)}
    pieces = groupby(enumerate(example.text), key=lambda indexed: indexed[0] in underlined)
    return [("".join(character for _, character in piece), is_underlined) for is_underlined, piece in pieces]
