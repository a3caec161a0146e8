"""The report for a browser: one HTML page that needs nothing else. Whatever comes from the data is escaped."""

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files

from ckgqa_answer.judging import Judged
from ckgqa_answer.scores import SURE, Bin, Scores, Share

WIDTH, HEIGHT, EDGE = 460, 400, 52
SHOWN_VALUES = 8


def report_page(split: str, scores: Scores, baseline: Scores, wrong: Mapping[str, Sequence[Judged]], rule: str) -> str:
    """Give report.html."""
    style = files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    asked = f"{scores.all.questions:,} questions of the split <b>{escape(split)}</b>. {escape(rule)}"
    body = [
        f"<header><h1>How good the answers are</h1><p>{asked}</p></header>",
        _tiles(scores, baseline),
        _section("By shape of the question", _table(scores, baseline)),
        _section("What the confidence is worth", _words(scores) + _picture(scores.reliability)),
        _section("Wrong answers, the surest first", "".join(_examples(shape, found) for shape, found in wrong.items())),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Answers: {scores.all.share:.1%} exactly right</title>\n<style>\n{style}</style>\n</head>\n"
        "<body>\n<main>\n" + "\n".join(body) + "\n</main>\n</body>\n</html>\n"
    )


def _tiles(scores: Scores, baseline: Scores) -> str:
    figures = {
        "of all questions exactly right": f"{scores.all.share:.1%}",
        "the baseline without a model": f"{baseline.all.share:.1%}",
        f"right of {scores.one_hop.questions:,} clean ones of one hop": f"{scores.one_hop.share:.1%}",
        f"answered of {scores.silent.questions:,} without an answer": f"{scores.silent.answered_share:.1%}",
        f"right of {scores.sure.questions:,} answers at {SURE:g} and above": f"{scores.sure.share:.1%}",
        "median reply": f"{scores.median_ms:.0f} ms",
    }
    tiles = (f'<div class="tile"><b>{value}</b><span>{name}</span></div>' for name, value in figures.items())
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2>{content}</section>"


def _table(scores: Scores, baseline: Scores) -> str:
    rows = [_row(shape, share, baseline.by_shape[shape]) for shape, share in scores.by_shape.items()]
    rows.append(_row("all", scores.all, baseline.all))
    heads = "".join(f"<th>{head}</th>" for head in ("shape", "questions", "exactly right", "", "answered", "baseline"))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _row(name: str, share: Share, baseline: Share) -> str:
    bar = f'<div class="bar"><i style="width:{share.share:.1%}"></i><u style="left:{baseline.share:.1%}"></u></div>'
    cells = (f"{share.questions:,}", f"{share.share:.1%}", bar, f"{share.answered_share:.1%}", f"{baseline.share:.1%}")
    return f"<tr><th>{escape(name)}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _words(scores: Scores) -> str:
    return (
        "<p>Answers are grouped by their confidence; a point on the line says that of the answers given at 0.7 "
        "seven in ten are right. The larger the point, the more answers. Confidence and truth differ by "
        f"{scores.calibration_error:.3f} in the mean.</p>"
    )


def _picture(bins: Sequence[Bin]) -> str:
    """Draw the reliability curve, with its figures as its label for who cannot see it."""
    told = "; ".join(f"{one.answers} answers at {one.confidence:.2f}: {one.right:.0%} right" for one in bins)
    parts = [f'<line class="even" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>']
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(f'<text x="{_x(tick)}" y="{HEIGHT - EDGE + 20}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{EDGE - 8}" y="{_y(tick) + 4}" text-anchor="end">{tick:g}</text>')
        parts.append(f'<line class="grid" x1="{_x(0)}" y1="{_y(tick)}" x2="{_x(1)}" y2="{_y(tick)}"/>')
    points = [(_x(one.confidence), _y(one.right), one) for one in bins]
    parts.append(f'<polyline class="curve" points="{" ".join(f"{x},{y}" for x, y, _ in points)}"/>')
    most = max((one.answers for one in bins), default=1)
    for x, y, one in points:
        size = round(3 + 7 * (one.answers / most) ** 0.5, 1)
        tip = f"{one.answers} answers, confidence {one.confidence:.2f}, {one.right:.1%} right"
        parts.append(f'<circle class="point" cx="{x}" cy="{y}" r="{size}"><title>{tip}</title></circle>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" text-anchor="middle">confidence</text>')
    parts.append(f'<text x="{EDGE}" y="18">share that is right</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(f"Confidence and truth. {told}")}">{"".join(parts)}</svg>'
    )


def _x(share: float) -> float:
    return round(EDGE + share * (WIDTH - EDGE - 16), 1)


def _y(share: float) -> float:
    return round(HEIGHT - EDGE - share * (HEIGHT - EDGE - 32), 1)


def _examples(shape: str, wrong: Sequence[Judged]) -> str:
    listed = "".join(f"<li>{_example(one)}</li>" for one in wrong)
    return f"<details><summary>{escape(shape)}</summary><ul>{listed}</ul></details>"


def _example(one: Judged) -> str:
    names = "、".join(mention.name or "?" for mention in one.reply.understood.mentions)
    said = _listed(one.reply.values) if one.answered else one.reply.status
    return (
        f'<div class="asked" lang="zh">{escape(one.question.text)}</div>'
        f'<div>wanted <b lang="zh">{escape(_listed(sorted(one.expected)) or "no answer")}</b>, got '
        f'<b lang="zh">{escape(said)}</b> at {one.reply.confidence:.2f}</div>'
        f'<div class="soft" lang="zh">{escape(one.question.intent.label)} → '
        f"{escape(one.reply.understood.intent)} {escape(names)} [{escape(one.question.id)}]</div>"
    )


def _listed(values: Sequence[str]) -> str:
    shown = "、".join(values[:SHOWN_VALUES])
    return f"{shown}… ({len(values)})" if len(values) > SHOWN_VALUES else shown
