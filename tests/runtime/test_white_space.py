"""White space is Unicode's, and a character without width at an end does not count."""

import pytest

from ckgqa.runtime.white_space import WHITE_SPACE, ZERO_WIDTH, is_blank, split_list, trimmed, trimmed_line, trimmed_span

ENDS = [
    " ",
    "\t",
    "\r\n",
    "\u3000",
    "\u3000\u3000",
    "\xa0",
    "\u2003",
    "\u202f",
    "\u2028",
    "\ufeff",
    "\u200b",
    "\ufeff \u3000",
]


def test_the_white_space_is_exactly_that_of_unicode() -> None:
    assert set(WHITE_SPACE) == {character for character in map(chr, range(0x110000)) if character.isspace()}
    assert not set(WHITE_SPACE) & set(ZERO_WIDTH)


@pytest.mark.parametrize("end", ENDS)
def test_the_ends_go_and_the_inside_stays(end: str) -> None:
    text = f"{end}周晓岚\u3000毕业\xa0于{end}"
    assert trimmed(text) == "周晓岚\u3000毕业\xa0于"
    assert trimmed_line(text.encode()) == "周晓岚\u3000毕业\xa0于".encode()
    start, end_ = trimmed_span(text, 0, len(text))
    assert text[start:end_] == "周晓岚\u3000毕业\xa0于"
    assert is_blank(end)
    assert trimmed_line(end.encode()) == b""
    assert trimmed_span(end, 0, len(end)) == (0, 0)


@pytest.mark.parametrize("text", ["a", "《", "👨\u200d👩", "e\u0301", "\u200c", "0"])
def test_what_shows_something_or_shapes_a_letter_is_not_blank(text: str) -> None:
    assert not is_blank(text)
    assert trimmed(text) == text
    assert trimmed_line(text.encode()) == text.encode()


def test_a_line_that_is_not_utf_8_loses_the_white_space_of_ascii_alone() -> None:
    gbk = "\u3000甲".encode("gbk")
    assert trimmed_line(b" " + gbk + b"\r\n") == gbk


def test_a_span_is_trimmed_inside_its_text() -> None:
    assert trimmed_span("甲  乙 丙", 1, 5) == (3, 4)
    assert trimmed_span("甲乙", 0, 2) == (0, 2)
    assert trimmed_span("甲 乙", 1, 2) == (1, 1)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("简称,号", ["简称", "号"]),
        ("简称， 号", ["简称", "号"]),
        ("简称、\u3000号\xa0", ["简称", "号"]),
        (" , ，", []),
        ("\ufeff简称", ["简称"]),
        ("曾用 名", ["曾用 名"]),
    ],
)
def test_a_list_is_separated_by_commas_of_any_width(typed: str, names: list[str]) -> None:
    assert split_list(typed) == names
