"""The borders of names: what does not belong to a name goes, and a pair of marks inside it stays."""

import pytest

from ckgqa.runtime.names import name_span, tidy_name


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ("战狼", "战狼"),
        ("战狼\n", "战狼"),
        ("\u3000战狼\xa0", "战狼"),
        ("《战狼", "战狼"),
        ("战狼》", "战狼"),
        ("《战狼》", "战狼"),
        ("“战狼", "战狼"),
        ("战狼”", "战狼"),
        ('"战狼', "战狼"),
        ('"战狼"', "战狼"),
        ("『战狼", "战狼"),
        ("》战狼《", "战狼"),
        ("《《战狼》》", "战狼"),
        ("《 “战狼” 》", "战狼"),
        ("《战狼》2》", "《战狼》2"),
        ("《忆》和《梦》", "《忆》和《梦》"),
        ("“小溜溜”溜了", "“小溜溜”溜了"),
        ("上海电视节“最佳男主角奖”", "上海电视节“最佳男主角奖”"),
        ('"辉煌94"风云歌手奖', '"辉煌94"风云歌手奖'),
        ("你的名字。", "你的名字。"),
        ("中国古代史（第五版）", "中国古代史（第五版）"),
        ("Rollin’", "Rollin’"),
        ("'战狼'", "战狼"),
        ("＂战狼＂", "战狼"),
        ("Rollin'", "Rollin'"),
        ("'n' Roll'", "'n' Roll'"),
        ("Guns N' Roses", "Guns N' Roses"),
        ("Iron  Sky", "Iron  Sky"),
        ("《》", ""),
        ("”", ""),
        ("《", ""),
        (" \u3000", ""),
        ("", ""),
    ],
)
def test_a_name_loses_what_does_not_belong_to_it(found: str, name: str) -> None:
    assert tidy_name(found) == name
    assert tidy_name(name) == name


def test_a_span_moves_with_the_name() -> None:
    text = "电影《 战狼》很好"
    assert name_span(text, 2, 6) == (4, 6)
    assert name_span(text, 2, 7) == (4, 6)
    assert name_span(text, 4, 6) == (4, 6)
    start, end = name_span(text, 2, 4)
    assert start == end
