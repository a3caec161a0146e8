"""Charts as inline SVG, drawn without a library; they load no file.

Labels are SVG text: the reader's own fonts draw the Chinese names, a search finds them, and the machine that writes a
report needs no Chinese font. Colours are CSS classes (`blue`, `orange`, `grid`, ...). The page defines them for a light
and a dark theme, so a chart follows the reader's theme.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Literal

Colour = Literal["blue", "orange", "green", "violet", "reference"]

# Widths of a picture that fills the page, and of each of two side by side; a unit is about a pixel.
FULL, HALF = 960, 480
LINE_HEIGHT = 330
# Margins of a line chart's area, for the labels of the axes and the legend.
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 40, 48
# Sizes of a bar chart: its columns of figures, its rows and bars, its head.
FIGURES_WIDTH, ROW_HEIGHT, BAR_HEIGHT, HEAD_HEIGHT = 148, 26, 8, 54
BAR_COLOURS: tuple[Colour, Colour] = ("blue", "orange")
# Widths of a Chinese and of a Latin character, and the first code point that counts as wide.
CHARACTER, LATIN_CHARACTER, FIRST_WIDE = 14, 8, 0x2E80
# Size of a heat map's cells, and the opacity of a cell whose share is near 0.
CELL, LEAST_STRENGTH = 26, 0.12
MOST_POINTS_DRAWN = 40


@dataclass(frozen=True)
class Line:
    """A line of a line chart; the colour `reference` draws it dashed and without points."""

    name: str
    colour: Colour
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Mark:
    """A highlighted point and its label."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Axis:
    """An axis: its label and its range."""

    label: str
    low: float
    high: float
    whole: bool = False
    """Whether only whole numbers make sense, as for epochs."""

    def ticks(self) -> list[float]:
        """Return round values within the range, at least four steps of 1, 2 or 5 times a power of ten."""
        span = self.high - self.low
        power = 10.0 ** floor(log10(span / 4))
        step = next(factor * power for factor in (5, 2, 1) if span / (factor * power) >= 4)
        step = max(step, 1.0) if self.whole else step
        return [round(step * i, 10) for i in range(ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9) + 1)]


@dataclass(frozen=True)
class Row:
    """A row of a bar chart: a name, two shares from 0 to 1, and two figures behind the bars."""

    name: str
    shares: tuple[float, float]
    figures: tuple[str, str]


def line_chart(
    title: str, summary: str, lines: Sequence[Line], *, x: Axis, y: Axis, width: int, mark: Mark | None = None
) -> str:
    """Draw a line chart.

    Args:
        title: of the chart, for screen readers.
        summary: the main figures in a sentence, for readers who cannot see the chart.
        lines: to draw, the first one below the others.
        x: horizontal axis.
        y: vertical axis.
        width: FULL or HALF.
        mark: a point to highlight.
    """
    area_width, area_height = width - LEFT - RIGHT, LINE_HEIGHT - TOP - BOTTOM

    def place(at_x: float, at_y: float) -> tuple[float, float]:
        across, up = (at_x - x.low) / (x.high - x.low), (at_y - y.low) / (y.high - y.low)
        return round(LEFT + across * area_width, 1), round(TOP + (1 - up) * area_height, 1)

    parts = [_legend([(line.name, line.colour) for line in lines], LEFT)]
    for tick in y.ticks():
        _, height = place(x.low, tick)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{width - RIGHT}" y1="{height}" y2="{height}"/>')
        parts.append(_text(f"{tick:g}", LEFT - 8, height + 4, anchor="end"))
    for tick in x.ticks():
        across, _ = place(tick, y.low)
        parts.append(f'<line class="grid" x1="{across}" x2="{across}" y1="{TOP}" y2="{TOP + area_height}"/>')
        parts.append(_text(f"{tick:g}", across, TOP + area_height + 18, anchor="middle"))
    parts.append(_text(x.label, LEFT + area_width / 2, LINE_HEIGHT - 10, anchor="middle"))
    parts.append(_text(y.label, 14, TOP + area_height / 2, anchor="middle", turn=True))
    for line in lines:
        parts += _drawn(line, [place(*point) for point in line.points])
    if mark is not None:
        parts += _marked(place(mark.x, mark.y), mark.words, bottom=TOP + area_height, left=LEFT + area_width / 2)
    return _svg(title, summary, (width, LINE_HEIGHT), parts)


def bar_chart(title: str, summary: str, rows: Sequence[Row], shares: tuple[str, str], heads: tuple[str, str]) -> str:
    """Draw a bar chart: every row has a blue bar, an orange bar and two figures behind them.

    Args:
        title: of the chart, for screen readers.
        summary: the main figures in a sentence, for readers who cannot see the chart.
        rows: from top to bottom.
        shares: names of the two bars.
        heads: names of the two columns of figures.
    """
    names = max((_words_width(row.name) for row in rows), default=0) + 16
    bars = FULL - names - FIGURES_WIDTH
    height = HEAD_HEIGHT + ROW_HEIGHT * len(rows) + 8
    columns = FULL - FIGURES_WIDTH / 2 - 4, FULL - 4
    parts = [_legend(zip(shares, BAR_COLOURS, strict=True), names)]
    parts += [_text(head, x, HEAD_HEIGHT - 8, anchor="end") for head, x in zip(heads, columns, strict=True)]
    for percent in range(0, 101, 25):
        x = names + bars * percent / 100
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{HEAD_HEIGHT}" y2="{height - 8}"/>')
        parts.append(_text(f"{percent} %", x, HEAD_HEIGHT - 8, anchor="middle"))
    for number, row in enumerate(rows):
        top = HEAD_HEIGHT + ROW_HEIGHT * number + 4
        parts.append(_text(row.name, names - 10, top + BAR_HEIGHT + 5, anchor="end", strong=True))
        for which, share in enumerate(shares):
            tip = f"{row.name}: {share} {row.shares[which]:.1%}"
            place = (names, top + which * (BAR_HEIGHT + 1), row.shares[which] * bars)
            parts.append(_bar(BAR_COLOURS[which], place, tip))
        parts += [_text(t, x, top + BAR_HEIGHT + 5, anchor="end") for t, x in zip(row.figures, columns, strict=True)]
    return _svg(title, summary, (FULL, height), parts)


@dataclass(frozen=True)
class Cell:
    """A cell of a heat map that is not empty."""

    row: int
    column: int
    share: float
    """The strength of its colour, 0 to 1."""
    words: str
    tip: str
    """The tooltip."""


def heat_map(title: str, summary: str, names: Sequence[str], cells: Iterable[Cell], *, down: str, across: str) -> str:
    """Draw a square heat map, its diagonal green and the other cells orange; a row and its column share a name.

    Args:
        title: of the chart, for screen readers.
        summary: the main figures in a sentence, for readers who cannot see the chart.
        names: of the rows from top to bottom and of the columns from left to right.
        cells: the cells that are not empty.
        down: label of the rows.
        across: label of the columns.
    """
    edge = max((_words_width(name) for name in names), default=0) + 40
    size = edge + CELL * len(names) + 8
    parts = [_text(down, 14, edge + CELL * len(names) / 2, anchor="middle", turn=True)]
    parts.append(_text(across, edge + CELL * len(names) / 2, 16, anchor="middle"))
    for number, name in enumerate(names):
        middle = edge + CELL * number + CELL / 2 + 4
        parts.append(_text(name, edge - 8, middle, anchor="end"))
        parts.append(_text(name, middle, edge - 8, turn=True))
        line = edge + CELL * number
        parts.append(f'<line class="grid" x1="{edge}" x2="{size - 8}" y1="{line}" y2="{line}"/>')
        parts.append(f'<line class="grid" x1="{line}" x2="{line}" y1="{edge}" y2="{size - 8}"/>')
    parts += [_cell(cell, edge) for cell in cells]
    return _svg(title, summary, (size, size), parts)


def standalone(picture: str, style: str) -> str:
    """Return a picture as the content of an SVG file, with the page's style inside."""
    opening, rest = picture.split("\n", 1)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}\n<style>{escape(style)}</style>\n{rest}\n'


def _cell(cell: Cell, edge: int) -> str:
    colour: Colour = "green" if cell.row == cell.column else "orange"
    x, y = edge + CELL * cell.column, edge + CELL * cell.row
    strength = LEAST_STRENGTH + (1 - LEAST_STRENGTH) * cell.share
    return (
        f'<g><title>{escape(cell.tip)}</title><rect class="fill {colour}" x="{x + 1}" y="{y + 1}" width="{CELL - 2}" '
        f'height="{CELL - 2}" rx="2" fill-opacity="{strength:.2f}"/>'
        f"{_text(cell.words, x + CELL / 2, y + CELL / 2 + 4, anchor='middle', strong=True)}</g>"
    )


def _bar(colour: Colour, place: tuple[float, float, float], tip: str) -> str:
    """Draw a bar of the position and length (left, top, length)."""
    left, top, length = place
    at = f'x="{left}" y="{top}" width="{length:.1f}" height="{BAR_HEIGHT}"'
    return f'<rect class="fill {colour}" {at} rx="2"><title>{escape(tip)}</title></rect>'


def _words_width(words: str) -> int:
    """Estimate the width of a text; a Chinese character is about twice as wide as a Latin one."""
    return sum(CHARACTER if ord(character) >= FIRST_WIDE else LATIN_CHARACTER for character in words)


def _drawn(line: Line, places: Sequence[tuple[float, float]]) -> list[str]:
    """Draw a line, and its points if there are few enough to distinguish them."""
    path = " ".join(f"{x},{y}" for x, y in places)
    parts = [f'<polyline class="line {line.colour}" points="{path}"/>']
    if line.colour != "reference" and len(places) <= MOST_POINTS_DRAWN:
        for (x, y), (at, value) in zip(places, line.points, strict=True):
            tip = escape(f"{line.name} {value:.4g} at {at:g}")
            parts.append(f'<circle class="fill {line.colour}" cx="{x}" cy="{y}" r="3"><title>{tip}</title></circle>')
    return parts


def _marked(place: tuple[float, float], words: str, *, bottom: float, left: float) -> list[str]:
    """Circle a point, draw a line from it to the axis, and write its label on the side of that line that has room."""
    x, y = place
    side, anchor = (8, "start") if x < left else (-8, "end")
    return [
        f'<line class="mark" x1="{x}" x2="{x}" y1="{y}" y2="{bottom}"/>',
        f'<circle class="mark" cx="{x}" cy="{y}" r="6"/>',
        _text(words, x + side, bottom - 10, anchor=anchor, strong=True),
    ]


def _legend(names: Iterable[tuple[str, Colour]], x: float) -> str:
    parts = []
    for name, colour in names:
        parts.append(
            f'<rect class="fill {colour}" x="{x}" y="9" width="14" height="10" rx="2"/>{_text(name, x + 20, 18)}'
        )
        x += 44 + 8 * len(name)
    return "".join(parts)


def _text(words: str, x: float, y: float, anchor: str = "start", *, strong: bool = False, turn: bool = False) -> str:
    kind = ' class="strong"' if strong else ""
    turned = f' transform="rotate(-90 {x:g} {y:g})"' if turn else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{kind}{turned}>{escape(words)}</text>'


def _svg(title: str, summary: str, size: tuple[int, int], parts: Iterable[str]) -> str:
    """Wrap the parts; title and summary become the label that a screen reader reads."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" role="img" '
        f'aria-label="{escape(f"{title}. {summary}")}">\n' + "\n".join(parts) + "\n</svg>"
    )
