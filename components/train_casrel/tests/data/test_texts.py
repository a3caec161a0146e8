"""Every line of a file of texts is given on or named with its reason."""

import json
import zipfile
from pathlib import Path

import pytest
from ckgqa_train_casrel.data import texts
from ckgqa_train_casrel.data.texts import InputText, RejectedLine, find_sources, read_texts

from ckgqa.runtime.errors import InputError


def read(
    path: Path, max_text_chars: int = 50, reserved: frozenset[str] = frozenset()
) -> list[InputText | RejectedLine]:
    return list(read_texts(find_sources(path, reserved), max_text_chars, reserved))


BAD_LINES = {
    "not JSON": (b'{"text": "\xe5\xae\x89\xe8\x8e\x89"', "not JSON"),
    "no object": (b'["text"]', "a JSON object is expected, not list"),
    "no text": (b'{"sentence": "a"}', '"text" is missing'),
    "text is no string": (b'{"text": 7}', '"text" is no string but int'),
    "empty text": (b'{"text": ""}', '"text" is empty'),
    "white text": ('{"text": " \u3000"}'.encode(), '"text" is empty'),
    "invalid UTF-8": (b'{"text": "\xff\xfe"}', "not UTF-8 (invalid start byte at byte 10)"),
    "half a surrogate pair": (b'{"text": "\\ud800"}', "not JSON"),
    "too long": (json.dumps({"text": "长" * 51}).encode(), '"text" has 51 characters, more than 50'),
    "id is no name": (b'{"text": "a", "id": [1]}', '"id" is neither a string nor a whole number'),
    "id is true": (b'{"text": "a", "id": true}', '"id" is neither'),
    "id is empty": (b'{"text": "a", "id": ""}', '"id" is neither'),
    "id with a space": (b'{"text": "a", "id": "a b"}', '"id" holds white space'),
}


@pytest.mark.parametrize("case", BAD_LINES)
def test_a_line_that_cannot_be_read_is_named_with_its_number_and_reason(tmp_path: Path, case: str):
    line, reason = BAD_LINES[case]
    (tmp_path / "news.jsonl").write_bytes(b'{"text": "first"}\n' + line + b'\n{"text": "third"}')
    first, bad, third = read(tmp_path / "news.jsonl")
    assert (first, third) == (InputText("news:1", "first"), InputText("news:3", "third"))
    assert isinstance(bad, RejectedLine)
    assert (bad.file, bad.line) == ("news.jsonl", 2)
    assert bad.reason.startswith(reason)


def test_a_line_of_a_text_file_that_is_no_utf8_is_named(tmp_path: Path):
    (tmp_path / "a.txt").write_bytes("好\n".encode() + b"\xb0\xa1\n")
    assert read(tmp_path / "a.txt")[1] == RejectedLine("a.txt", 2, "not UTF-8 (invalid start byte at byte 0)")


def test_a_line_too_long_to_hold_is_skipped_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(texts, "MAX_LINE_BYTES", 20)
    (tmp_path / "a.txt").write_text("x" * 75 + "\nshort\n" + "y" * 19 + "\n" + "z" * 21)
    found = read(tmp_path / "a.txt")
    assert [line.line for line in found if isinstance(line, RejectedLine)] == [1, 4]
    assert [line.text for line in found if isinstance(line, InputText)] == ["short", "y" * 19]


def test_text_is_never_changed_but_for_the_ends_of_a_line_of_a_text_file(tmp_path: Path):
    odd = " 《Ａ》\t🎬 é‌ "
    (tmp_path / "a.json").write_text(json.dumps({"text": odd}, ensure_ascii=False), encoding="utf-8")
    (tmp_path / "b.txt").write_bytes(("\ufeff" + odd + "\r\n").encode())
    assert [line.text for line in read(tmp_path) if isinstance(line, InputText)] == [odd, odd.strip()]


def test_blank_lines_say_nothing_but_count(tmp_path: Path):
    (tmp_path / "a.txt").write_text("\none\n  \n\ntwo\n")
    assert read(tmp_path / "a.txt") == [InputText("a:2", "one"), InputText("a:5", "two")]


@pytest.mark.parametrize("blank", ["\u3000\u3000", "\xa0", "\u2003", "\u200b", "\ufeff", "\u2028", " \u3000\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_white_space_is_that_of_unicode(tmp_path: Path, blank: str, end: str):
    lines = [f"{blank}周晓岚　毕业于北京大学。{blank}", blank, f"{blank}海潮影业", blank * 3]
    (tmp_path / "a.txt").write_bytes(end.join(lines).encode())
    wanted = [InputText("a:1", "周晓岚　毕业于北京大学。"), InputText("a:3", "海潮影业")]
    assert read(tmp_path / "a.txt") == wanted
    objects = [f'{blank}{{"text": "好"}}{blank}', blank, '{"text": "' + blank.strip("\t") + '"}']
    (tmp_path / "b.jsonl").write_bytes(end.join(objects).encode())
    assert read(tmp_path / "b.jsonl") == [InputText("b:1", "好"), RejectedLine("b.jsonl", 3, '"text" is empty')]


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("start", ["", "\ufeff", "\n\u3000\n"])
def test_a_json_array_is_refused_in_words(tmp_path: Path, suffix: str, indent: int | None, start: str):
    path = tmp_path / f"a{suffix}"
    path.write_text(start + json.dumps([{"text": "好"}, {"text": "坏"}], indent=indent), encoding="utf-8")
    message = f"^a{suffix}: expected one JSON object a line, but this file holds a JSON array; write each of its"
    with pytest.raises(InputError, match=message):
        read(path)


def test_an_array_too_long_to_hold_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(texts, "MAX_LINE_BYTES", 20)
    (tmp_path / "a.json").write_text(json.dumps([{"text": "x"}] * 9))
    with pytest.raises(InputError, match="this file holds a JSON array"):
        read(tmp_path / "a.json")


def test_an_object_over_several_lines_is_refused_in_words(tmp_path: Path):
    (tmp_path / "a.json").write_text(json.dumps({"id": 1, "text": "好"}, indent=2))
    with pytest.raises(
        InputError, match=r"a\.json: expected one JSON object a line, but the first object of this file"
    ):
        read(tmp_path / "a.json")


def test_a_text_may_begin_with_a_bracket(tmp_path: Path):
    (tmp_path / "a.txt").write_text('[{"注": 1}]\n{\n"好"\n', encoding="utf-8")
    assert [line.text for line in read(tmp_path / "a.txt") if isinstance(line, InputText)] == [
        '[{"注": 1}]',
        "{",
        '"好"',
    ]


def test_a_given_id_is_kept_and_a_number_becomes_its_digits(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"id": "x-1", "text": "one"}\n{"id": 7, "text": "two"}\n')
    assert [line.id for line in read(tmp_path / "a.jsonl") if isinstance(line, InputText)] == ["x-1", "7"]


def test_files_of_a_folder_are_read_in_the_order_of_their_names_and_no_two_share_an_id(tmp_path: Path):
    (tmp_path / "sub").mkdir()
    for name in ("test.txt", "b.txt", "b.jsonl", "a c.txt", "sub/d.json"):
        (tmp_path / name).write_text('{"text": "good"}')
    (tmp_path / "notes.md").write_text("not a file of texts")
    ids = [line.id for line in read(tmp_path, reserved=frozenset({"test"})) if isinstance(line, InputText)]
    assert ids == ["a_c:1", "b.jsonl:1", "b.txt:1", "d:1", "test.txt:1"]


def test_no_line_may_claim_an_id_of_the_archive(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"id": "test:5", "text": "one"}\n{"id": "tests:5", "text": "two"}')
    first, second = read(tmp_path / "a.jsonl", reserved=frozenset({"test"}))
    assert first == RejectedLine("a.jsonl", 1, '"id" test:5 has the form of the archive\'s own ids')
    assert second == InputText("tests:5", "two")


def test_files_of_other_kinds_alone_are_refused_and_beside_texts_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "a.csv").write_text("x")
    for path in (tmp_path / "a.csv", tmp_path):
        with pytest.raises(InputError, match=r"no file of texts but a\.csv; expected one of \.jsonl, \.json, \.txt"):
            find_sources(path)
    (tmp_path / "b.TXT").write_text("x")
    assert [source.name for source in find_sources(tmp_path)] == ["b.TXT"]
    assert "skipped, because they are not text files: a.csv" in caplog.text


def test_an_empty_folder_has_no_files(tmp_path: Path):
    assert find_sources(tmp_path) == []


def pack(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return path


def test_the_texts_in_a_zip_read_as_those_in_a_folder(tmp_path: Path):
    files = {
        "a.txt": b"one\n\ntwo",
        "deep/b.JSONL": '\ufeff{"id": "x", "text": "three"}\nno JSON'.encode(),
        "__MACOSX/._a.txt": b"junk",
        "deep/._b.jsonl": b"junk",
        "picture.png": b"junk",
    }
    path = pack(tmp_path / "notes.zip", files)
    assert read(path) == [
        InputText("a:1", "one"),
        InputText("a:3", "two"),
        InputText("x", "three"),
        RejectedLine("notes.zip/deep/b.JSONL", 2, "not JSON (invalid literal, expected 'null' at character 1)"),
    ]


def test_a_zip_in_a_folder_is_read_with_the_files_beside_it(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    pack(tmp_path / "b.zip", {"a.txt": b"in the zip"})
    pack(tmp_path / "pictures.zip", {"a.png": b"junk"})
    (tmp_path / "a.txt").write_text("beside it")
    assert read(tmp_path) == [InputText("a.txt:1", "beside it"), InputText("b.zip/a.txt:1", "in the zip")]
    assert "skipped, because they are not text files: pictures.zip" in caplog.text


def test_backslashes_in_a_zip_are_folders(tmp_path: Path):
    path = pack(tmp_path / "windows.zip", {"deep/a.txt": b"one"})
    path.write_bytes(path.read_bytes().replace(b"deep/a.txt", b"deep\\a.txt"))
    assert [(source.name, source.label) for source in find_sources(path)] == [("windows.zip/deep/a.txt", "a")]
    assert read(path) == [InputText("a:1", "one")]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no file of texts in this zip; expected one of .jsonl, .json, .txt, not in a zip inside"),
        ({"a.png": b"junk"}, "no file of texts in this zip; expected one of .jsonl, .json, .txt, not in a zip inside"),
        ({"b.zip": b"junk"}, "no file of texts in this zip; expected one of .jsonl, .json, .txt, not in a zip inside"),
        ({"d/a.txt": b"x", "d\\a.txt": b"y"}, "d/a.txt and d\\a.txt are both there; expected one file of each name"),
        ({"../a.txt": b"x"}, "its member '../a.txt' leads outside the folder it unpacks to"),
        ({"a.txt": bytes(10**7)}, "unpacks to more than 100 times its size, as a zip bomb does"),
    ],
)
def test_a_zip_without_texts_or_that_is_an_attack_is_refused(tmp_path: Path, files, message):
    path = pack(tmp_path / "odd.zip", files)
    with pytest.raises(InputError) as caught:
        find_sources(path)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_a_file_that_is_no_zip_in_spite_of_its_name_is_refused(tmp_path: Path):
    (tmp_path / "odd.zip").write_text("one line")
    with pytest.raises(InputError, match=r"odd\.zip: a damaged zip"):
        find_sources(tmp_path / "odd.zip")


def test_a_zip_with_one_name_twice_is_refused(tmp_path: Path):
    path = pack(tmp_path / "odd.zip", {"a.txt": b"one"})
    with zipfile.ZipFile(path, "a") as packed, pytest.warns(UserWarning, match="Duplicate name"):
        packed.writestr("a.txt", "two")
    with pytest.raises(InputError, match=r"a\.txt is there twice; expected one file of each name"):
        find_sources(path)


def test_a_link_to_nothing_among_the_texts_is_refused(tmp_path: Path):
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "b.txt").symlink_to(tmp_path / "gone.txt")
    with pytest.raises(InputError, match=r"b\.txt: a link to a file that does not exist"):
        find_sources(tmp_path)
