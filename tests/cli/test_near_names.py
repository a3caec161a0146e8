"""Names that a user may have meant."""

import time

import pytest

from ckgqa.cli.near_names import NamedVertex, near_names

VERTICES = [
    NamedVertex("战狼2"),
    NamedVertex("战狼"),
    NamedVertex("《活着》"),
    NamedVertex("Star Trek"),
    NamedVertex("北京大学", ("北大",)),
    NamedVertex("吴京"),
    NamedVertex("王"),
]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("战狼２", "战狼2"),  # width
        ("STAR TREK", "Star Trek"),  # case
        ("StarTrek", "Star Trek"),  # spaces
        (" 战狼2 ", "战狼2"),
        ("活着", "《活着》"),  # marks
        ("《战狼》", "战狼"),
        ("“战狼2”", "战狼2"),
        ("北大", "北京大学"),  # an alias
        ("战狠2", "战狼2"),  # a wrong character
        ("北京学", "北京大学"),  # a missing one
        ("北京大大学", "北京大学"),  # one too many
        ("北大京学", "北京大学"),  # two swapped
        ("吴京导演", "吴京"),  # it contains the name
        ("京大", "北京大学"),  # it is contained
    ],
)
def test_the_nearest_name_comes_first(typed, first):
    assert near_names(VERTICES, typed)[0] == first


@pytest.mark.parametrize("typed", ["上海交通大学", "李", "", " "])
def test_names_that_are_far_are_not_offered(typed):
    assert near_names(VERTICES, typed) == []


def test_one_character_of_the_name_is_not_near():
    assert "王" not in near_names(VERTICES, "王小明")


def test_no_more_names_than_asked_for_and_the_nearest_of_them():
    vertices = [NamedVertex(f"战狼第{number}部") for number in range(100)] + [NamedVertex("战狼")]
    assert near_names(vertices, "战 狼", limit=3) == ["战狼", "战狼第0部", "战狼第1部"]


def test_a_graph_of_50000_names_is_searched_in_seconds():
    vertices = [NamedVertex(f"名字{number:05d}号", (f"别名{number}",)) for number in range(50_000)]
    started = time.monotonic()
    assert near_names(vertices, "名字４９９９９ 號")[0] == "名字49999号"
    assert time.monotonic() - started < 20
