"""The report for a browser: one HTML page that needs nothing else, with its pictures inline.

Whatever comes from the data is escaped: a sentence that holds `<script>` is shown as these words.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from ckgqa.reporting.page import header, page, section, tiles
from ckgqa.reporting.pictures import FULL, HALF, Axis, Colour, Line, Mark, Row, bar_chart, line_chart
from ckgqa.runtime.artefacts import VALUE
from ckgqa_train_casrel.report import RULE, Evaluation
from ckgqa_train_casrel.report_errors import KINDS, Errors, Example

# Figures of an epoch that the second learning curve shows, where the training wrote them.
QUALITIES: dict[str, Colour] = {"precision": "blue", "recall": "orange", "f1": "green"}


def report_page(result: Evaluation) -> str:
    """Give report.html."""
    words = f"{result.sentences:,} sentences of the split <b>{result.split}</b>. {escape(RULE)}"
    body = [
        header("How good the triples are", words),
        _tiles(result),
        section("Precision and recall of each predicate", _predicate_words(result), _predicate_picture(result)),
        section("What a stricter or a laxer score would give", _curve_words(result), _curve_picture(result)),
        section("How it learned", _learning_words(result), *_learning_pictures(result)),
        _error_section(result),
    ]
    return page(f"Triples: F1 {result.scores.f1:.3f}", body)


def _tiles(result: Evaluation) -> str:
    scores = result.scores
    return tiles(
        {
            "micro-F1": f"{scores.f1:.3f}",
            f"precision: {scores.correct:,} of {scores.predicted:,} predicted": f"{scores.precision:.3f}",
            f"recall: {scores.correct:,} of {scores.gold:,} labelled": f"{scores.recall:.3f}",
            "sentences a second in extraction": f"{result.sentences_per_second:,.0f}",
        }
    )


def _predicate_words(result: Evaluation) -> str:
    return (
        f"{len(result.per_predicate)} predicates, those with most labelled triples first. Behind the bars: F1, and the "
        "number of labelled triples, since a bar that stands on few of them says little."
    )


def _predicate_picture(result: Evaluation) -> str:
    rows = [
        Row(name, (scores.precision, scores.recall), (f"{scores.f1:.3f}", f"{scores.gold:,}"))
        for name, scores in result.by_support
    ]
    told = ", ".join(f"{row.name} F1 {row.figures[0]}" for row in rows)
    return bar_chart("Precision and recall of each predicate", told, rows, ("precision", "recall"), ("F1", "labelled"))


def _curve_words(result: Evaluation) -> str:
    own, low = result.thresholds, result.sweep_thresholds
    return (
        "A triple's score is its subject's head times its tail probability, times the lowest such product among its "
        f"slots. For this curve the model ran once more with its pointers' thresholds lowered (subjects "
        f"{low.subject:g}, objects {low.object:g}), and only triples with at least the score on the horizontal axis "
        f"were kept. The model's own thresholds (subjects {own.subject:g}, objects {own.object:g}, whole triples "
        f"{own.triple:g}), chosen on the validation split, also cut single pointers; what they reach, the dashed "
        "line, need not lie on the curve. The best "
        "point of the curve is chosen on the very sentences that it is measured on: a bound, not a result."
    )


def _curve_picture(result: Evaluation) -> str:
    points, best = result.curve, result.best
    own = result.scores.f1
    lines = [
        Line("F1 at the model's own thresholds", "reference", ((0.0, own), (1.0, own))),
        Line("precision", "blue", [(p.least_score, p.scores.precision) for p in points if p.scores.predicted]),
        Line("recall", "orange", [(p.least_score, p.scores.recall) for p in points]),
        Line("F1", "green", [(p.least_score, p.scores.f1) for p in points]),
    ]
    told = f"Best F1 {best.scores.f1:.3f} at {best.least_score:g}; F1 {own:.3f} at the model's own thresholds"
    mark = Mark(best.least_score, best.scores.f1, f"best F1 {best.scores.f1:.3f} at {best.least_score:g}")
    x, y = Axis("least score that is kept", 0.0, 1.0), Axis("share", 0.0, 1.0)
    return line_chart("Precision, recall and F1 over the least score", told, lines, x=x, y=y, width=FULL, mark=mark)


def _learning_words(result: Evaluation) -> str:
    best = _best_epoch(result.learning)
    return (
        f"{len(result.learning)} epochs. Left the training loss, right the figures on the validation split after each "
        f"epoch; the weights of epoch {best['epoch']:g}, with the highest F1, are the model."
    )


def _best_epoch(learning: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    return max(learning, key=lambda epoch: epoch["f1"])


def _learning_pictures(result: Evaluation) -> list[str]:
    epochs, best = result.learning, _best_epoch(result.learning)
    last = max(epoch["epoch"] for epoch in epochs)
    x = Axis("epoch", 1.0, max(last, 2.0), whole=True)
    loss = [(epoch["epoch"], epoch["loss"]) for epoch in epochs]
    top = max(value for _, value in loss)
    told = f"From {loss[0][1]:.4g} in the first epoch to {loss[-1][1]:.4g} in the last"
    y = Axis("loss", 0.0, top * 1.05 or 1.0)
    left = line_chart("Training loss", told, [Line("training loss", "violet", loss)], x=x, y=y, width=HALF)
    qualities = [
        Line("F1" if name == "f1" else name, colour, [(epoch["epoch"], epoch[name]) for epoch in epochs])
        for name, colour in QUALITIES.items()
        if all(name in epoch for epoch in epochs)
    ]
    told = f"Highest F1 {best['f1']:.3f} in epoch {best['epoch']:g}"
    mark = Mark(best["epoch"], best["f1"], f"F1 {best['f1']:.3f} in epoch {best['epoch']:g}")
    y = Axis("share", 0.0, 1.0)
    return [left, line_chart("Validation after each epoch", told, qualities, x=x, y=y, width=HALF, mark=mark)]


def _error_section(result: Evaluation) -> str:
    rows = "".join(
        f'<tr><td><b>{kind}</b></td><td>{escape(KINDS[kind])}</td><td class="number">{missed:,}</td>'
        f'<td class="number">{spurious:,}</td></tr>'
        for kind, (missed, spurious) in result.error_kinds().items()
    )
    words = (
        "A labelled triple that was not found is missed, a found one that is not labelled is spurious; often the two "
        "belong together. Predicates with most errors come first; of the spurious triples those that the model was "
        "surest of are shown. Not every one is the model's: labels lack facts that stand in the sentence."
    )
    return (
        f'<section><h2>Errors</h2><p class="soft">{words}</p><table><thead><tr><th>kind</th><th>what it means</th>'
        f'<th class="number">missed</th><th class="number">spurious</th></tr></thead><tbody>{rows}</tbody></table>'
        + "".join(_predicate_errors(n, e, opened=i == 0) for i, (n, e) in enumerate(result.errors.items()))
        + "</section>"
    )


def _predicate_errors(name: str, errors: Errors, *, opened: bool) -> str:
    counts = f"{errors.missed.total():,} missed, {errors.spurious.total():,} spurious"
    parts = [
        f'<details{" open" if opened else ""}><summary><b lang="zh">{escape(name)}</b><span>{counts}</span></summary>'
    ]
    for title, kind, examples in (
        ("Missed", "missed", errors.missed_examples),
        ("Spurious", "spurious", errors.spurious_examples),
    ):
        if examples:
            parts.append(f'<h3>{title}</h3><ul class="errors {kind}">{_listed(examples)}</ul>')
    return "".join(parts) + "</details>"


def _listed(examples: Iterable[Example]) -> str:
    return "".join(f"<li>{_example(example)}</li>" for example in examples)


def _example(example: Example) -> str:
    slots = [f"{escape(slot)} {escape(words)}" for slot, words in sorted(example.object.items()) if slot != VALUE]
    more = f" ({', '.join(slots)})" if slots else ""
    score = "" if example.score is None else f", score {example.score:.2f}"
    fact = f"{escape(example.subject)} → {escape(example.object[VALUE])}{more}"
    return (
        f'<div class="fact" lang="zh">{fact}</div><div class="text"><span lang="zh">{_underlined(example)}</span> '
        f"[{escape(example.id)}, {example.kind}{score}]</div>"
    )


def _underlined(example: Example) -> str:
    """Show the sentence with the names of the triple underlined where they first stand."""
    spans = [(example.text.find(name), len(name)) for name in (example.subject, *example.object.values())]
    marked = {position for start, size in spans if start >= 0 for position in range(start, start + size)}
    parts = []
    for position, character in enumerate(example.text):
        before, after = position - 1 in marked, position + 1 in marked
        opening = "<mark>" if position in marked and not before else ""
        closing = "</mark>" if position in marked and not after else ""
        parts.append(f"{opening}{escape(character)}{closing}")
    return "".join(parts)
