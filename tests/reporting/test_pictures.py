"""Pictures: what is drawn is as long, as far and as strong as its number, and speaks to those who cannot see it."""

import xml.etree.ElementTree as ET

import pytest

from ckgqa.reporting.page import style
from ckgqa.reporting.pictures import (
    CELL,
    FULL,
    HALF,
    Axis,
    Cell,
    Line,
    Mark,
    Row,
    bar_chart,
    heat_map,
    line_chart,
    standalone,
)

SVG = "{http://www.w3.org/2000/svg}"
EVIL = "<script>alert('x')</script>&\"<b>"


def test_a_bar_is_as_long_as_its_share():
    picture = ET.fromstring(
        bar_chart("t", "s", [Row("导演", (0.25, 1.0), ("0.4", "7"))], ("precision", "recall"), ("F1", "labelled"))
    )
    precision, recall = [r for r in picture.iter(f"{SVG}rect") if r.get("height") == "8"]
    assert float(precision.get("width", "")) == pytest.approx(float(recall.get("width", "")) / 4, abs=0.1)
    assert [t.text for t in picture.iter(f"{SVG}title")] == ["导演: precision 25.0%", "导演: recall 100.0%"]


def test_a_line_runs_from_corner_to_corner_of_its_axes():
    line = Line("F1", "green", [(0.0, 0.0), (10.0, 2.0)])
    x, y = Axis("epoch", 0, 10), Axis("share", 0, 2)
    picture = ET.fromstring(line_chart("t", "s", [line], x=x, y=y, width=HALF, mark=Mark(10, 2, "best")))
    polyline = next(picture.iter(f"{SVG}polyline"))
    assert polyline.get("points") == "56.0,282.0 460.0,40.0"
    ring = next(c for c in picture.iter(f"{SVG}circle") if c.get("class") == "mark")
    assert (ring.get("cx"), ring.get("cy")) == ("460.0", "40.0")
    assert picture.get("viewBox") == f"0 0 {HALF} 330"
    assert FULL == 2 * HALF


@pytest.mark.parametrize(
    ("low", "high", "whole", "ticks"),
    [
        (0, 1, False, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (1, 3, True, [1, 2, 3]),
        (1, 15, True, [2, 4, 6, 8, 10, 12, 14]),
        (0, 31.5, False, [0, 5, 10, 15, 20, 25, 30]),
        (0, 0.003, False, [0, 0.0005, 0.001, 0.0015, 0.002, 0.0025, 0.003]),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, whole: bool, ticks: list[float]):
    assert Axis("", low, high, whole=whole).ticks() == ticks


def test_a_cell_stands_where_its_row_and_column_meet_green_on_the_diagonal():
    cells = [Cell(0, 0, 1.0, "9", "甲 as 甲"), Cell(1, 0, 0.5, "1", "乙 as 甲")]
    picture = ET.fromstring(heat_map("t", "s", ["甲", "乙"], cells, down="labelled", across="predicted"))
    right, wrong = list(picture.iter(f"{SVG}rect"))
    assert (right.get("class"), wrong.get("class")) == ("fill green", "fill orange")
    assert right.get("x") == wrong.get("x")
    assert float(wrong.get("y", "")) - float(right.get("y", "")) == CELL
    assert float(right.get("fill-opacity", "")) == 1.0 > float(wrong.get("fill-opacity", ""))
    assert [title.text for title in picture.iter(f"{SVG}title")] == ["甲 as 甲", "乙 as 甲"]


def test_words_of_the_data_are_words_in_every_picture():
    axis = Axis(EVIL, 0, 1)
    pictures = [
        bar_chart(EVIL, EVIL, [Row(EVIL, (0.5, 0.5), (EVIL, EVIL))], (EVIL, EVIL), (EVIL, EVIL)),
        line_chart(EVIL, EVIL, [Line(EVIL, "blue", [(0, 0)])], x=axis, y=axis, width=FULL, mark=Mark(1, 1, EVIL)),
        heat_map(EVIL, EVIL, [EVIL], [Cell(0, 0, 1.0, EVIL, EVIL)], down=EVIL, across=EVIL),
    ]
    for picture in pictures:
        ET.fromstring(picture)
        assert "<script" not in picture
        assert "<b" not in picture


def test_a_picture_stands_alone_as_a_file():
    whole = standalone(heat_map("t", "s", ["甲"], [], down="d", across="a"), style())
    tree = ET.fromstring(whole.encode())
    assert tree.tag == f"{SVG}svg"
    assert "prefers-color-scheme" in (tree.find(f"{SVG}style").text or "")  # type: ignore[union-attr]
