"""JSON lines: blank lines of any white space, and files of another layout."""

from pathlib import Path

import pytest

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_jsonl


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "lines.jsonl"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("blank", ["", " \t", "\u3000\u3000", "\xa0", "\u200b", "\ufeff", "\r"])
def test_blank_lines_do_not_count_and_white_space_around_an_object_neither(tmp_path: Path, blank: str) -> None:
    path = write(tmp_path, f'\ufeff{{"a": 1}}\n{blank}\n{blank}{{"a": "\u3000"}}{blank}\n{blank}')
    assert list(read_jsonl(path)) == [(1, {"a": 1}), (3, {"a": "\u3000"})]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"a": 1}, {"a": 2}]', "this file holds a JSON array"),
        ('\ufeff\n[\n  {\n    "a": 1\n  }\n]', "this file holds a JSON array"),
        ("[]", "this file holds a JSON array"),
        ('\u3000[ {"a": 1} ]', "this file holds a JSON array"),
        ('{\n  "a": 1\n}\n', "the first object of this file spans several lines"),
    ],
)
def test_a_file_of_another_layout_is_rejected_in_words(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=f"lines.jsonl: expected one JSON object a line, but {message}") as caught:
        list(read_jsonl(path))
    assert "jq" in str(caught.value)


@pytest.mark.parametrize("text", ['["a"]\n{"a": 1}\n', "{\n{\n"])
def test_one_bad_line_is_none_of_these(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="lines.jsonl line 1: "):
        list(read_jsonl(write(tmp_path, text)))
