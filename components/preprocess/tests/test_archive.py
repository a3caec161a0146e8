"""The raw archive: every form that is taken, and every one that is refused."""

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from ckgqa_preprocess import archive
from ckgqa_preprocess.archive import Archive, open_archive
from ckgqa_preprocess.duie.stage import DUIE
from hypothesis import given
from hypothesis import strategies as st

from ckgqa.runtime.errors import InputError

CENTRAL, LOCAL = b"PK\x01\x02", b"PK\x03\x04"


def read(path: Path, role: str = "train") -> list[bytes]:
    with open_archive(path, DUIE) as opened:
        return list(opened.lines(role))


def expected(files, name="train.json") -> list[bytes]:
    return files[name].encode().splitlines()


def refusal(path: Path, role: str = "train") -> str:
    with pytest.raises(InputError) as caught:
        read(path, role)
    return str(caught.value)


def patch(path: Path, signature: bytes, offset: int, value: bytes) -> None:
    """Change a field of every header of a zip."""
    content = bytearray(path.read_bytes())
    place = content.find(signature)
    while place >= 0:
        content[place + offset : place + offset + len(value)] = value
        place = content.find(signature, place + 4)
    path.write_bytes(content)


def test_a_zip_a_folder_and_one_nested_folder_give_the_same_lines(tmp_path, archive_files, pack, unpack) -> None:
    nested = {f"DuIE_2_0/{name}": content for name, content in archive_files.items()}
    assert read(pack(tmp_path / "flat.zip", archive_files)) == expected(archive_files)
    assert read(pack(tmp_path / "nested.zip", nested)) == expected(archive_files)
    assert read(unpack(tmp_path / "flat", archive_files)) == expected(archive_files)
    assert read(unpack(tmp_path / "nested", nested)) == expected(archive_files)


def test_a_zip_is_known_by_its_content_and_not_by_its_name(tmp_path, archive_files, pack) -> None:
    assert read(pack(tmp_path / "raw", archive_files)) == expected(archive_files)


def test_a_folder_that_holds_one_zip_stands_for_the_zip(tmp_path, archive_files, pack) -> None:
    pack(tmp_path / "data.zip", archive_files)
    assert read(tmp_path) == expected(archive_files)


def test_what_macos_adds_is_passed_over(tmp_path, archive_files, pack) -> None:
    junk = {
        "__MACOSX/train.json": b"junk",
        "__MACOSX/._train.json": b"junk",
        ".DS_Store": b"junk",
        "a/._dev.json": b"x",
    }
    assert read(pack(tmp_path / "mac.zip", {**junk, **archive_files})) == expected(archive_files)


def test_the_names_of_duie_1_are_known(tmp_path, archive_files, pack) -> None:
    names = {"schema.json": "all_50_schemas", "train.json": "train_data.json", "dev.json": "dev_data.json"}
    path = pack(tmp_path / "one.zip", {names[name]: content for name, content in archive_files.items()})
    for name, role in (("schema.json", "schema"), ("train.json", "train"), ("dev.json", "dev")):
        assert read(path, role) == expected(archive_files, name)


def test_a_file_that_is_no_zip_is_refused(tmp_path) -> None:
    path = tmp_path / "raw.zip"
    path.write_text("this is no zip")
    assert refusal(path) == f"{path}: not a zip; expected a zip or a folder with schema.json, train.json, dev.json"


@pytest.mark.parametrize("name", ["../train.json", "/etc/train.json", "a/../../train.json", "..\\x.json", "C:/x.json"])
def test_a_member_that_leads_outside_is_refused(tmp_path, archive_files, pack, name) -> None:
    path = pack(tmp_path / "slip.zip", {**archive_files, name: "x"})
    assert "leads outside the folder it unpacks to; expected plain files with relative names" in refusal(path)
    assert repr(name) in refusal(path)


def test_a_link_inside_a_zip_is_refused(tmp_path, archive_files, pack) -> None:
    path = pack(tmp_path / "link.zip", archive_files)
    with zipfile.ZipFile(path, "a") as packed:
        link = zipfile.ZipInfo("link.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
    assert "its member 'link.json' leads outside" in refusal(path)


@pytest.mark.parametrize("name", ["train.json", "unused.bin"])
def test_a_zip_bomb_is_refused_wherever_it_sits(tmp_path, archive_files, pack, name) -> None:
    path = pack(tmp_path / "bomb.zip", {**archive_files, name: bytes(50_000_000)})
    message = f"{path}: unpacks to more than 100 times its size, as a zip bomb does; expected a zip with schema.json"
    assert refusal(path).startswith(message)


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path, archive_files, pack) -> None:
    path = pack(tmp_path / "liar.zip", {**archive_files, "train.json": bytes(50_000_000)})
    for signature, offset in ((CENTRAL, 24), (LOCAL, 22)):
        patch(path, signature, offset, struct.pack("<I", 1000))
    assert "train.json is damaged" in refusal(path)


def test_an_encrypted_zip_is_refused(tmp_path, archive_files, pack) -> None:
    path = pack(tmp_path / "locked.zip", archive_files)
    for signature, offset in ((CENTRAL, 8), (LOCAL, 6)):
        patch(path, signature, offset, b"\x01")
    assert refusal(path) == f"{path}: its member 'schema.json' is encrypted; expected a zip without a password"


def test_a_method_other_than_deflate_is_refused(tmp_path, archive_files) -> None:
    path = tmp_path / "bz2.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as packed:
        for name, content in archive_files.items():
            packed.writestr(name, content)
    assert "is packed by method 12; expected a zip packed by deflate" in refusal(path)


def test_a_damaged_zip_is_refused(tmp_path, archive_files, pack) -> None:
    path = pack(tmp_path / "torn.zip", archive_files)
    patch(path, CENTRAL, 16, b"\0\0\0\0")  # the checksums
    assert "train.json is damaged (Bad CRC-32" in refusal(path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("train.json", "no train file (train.json or duie_train.json or train_data.json)"),
        ("dev.json", "no dev file (dev.json or duie_dev.json or dev_data.json)"),
        ("schema.json", "no schema file (schema.json or duie_schema.json or all_50_schemas)"),
    ],
)
def test_an_archive_without_one_of_its_files_is_refused(tmp_path, archive_files, pack, name, message) -> None:
    del archive_files[name]
    path = pack(tmp_path / "raw.zip", archive_files)
    assert refusal(path).startswith(
        f"{path}: {message}, neither at the top nor in one folder; --schema, --train, --dev"
    )
    assert all(there in refusal(path) for there in archive_files)


def test_files_two_folders_down_are_not_taken(tmp_path, archive_files, pack) -> None:
    path = pack(tmp_path / "deep.zip", {f"a/b/{name}": content for name, content in archive_files.items()})
    assert "no train file" in refusal(path)


def test_two_training_files_are_refused(tmp_path, archive_files, pack) -> None:
    path = pack(tmp_path / "two.zip", {**archive_files, "old/train.json": ""})
    assert refusal(path) == f"{path}: train.json and old/train.json are both there; expected one train file"


def renamed(files, **names: str) -> dict[str, str]:
    """Return the files of an archive under other names: `train` stands for train.json."""
    return {names.get(name.removesuffix(".json"), name): content for name, content in files.items()}


def read_named(path: Path, role: str = "train", **chosen: str) -> list[bytes]:
    with open_archive(path, DUIE, chosen) as opened:
        return list(opened.lines(role))


def refusal_of_named(path: Path, **chosen: str) -> str:
    with pytest.raises(InputError) as caught:
        read_named(path, **chosen)
    return str(caught.value)


def test_backslashes_separate_folders_in_a_zip_and_in_what_was_unpacked_from_it(
    tmp_path, archive_files, pack, unpack
) -> None:
    files = {f"duie\\{name}": content for name, content in archive_files.items()}
    assert read(pack(tmp_path / "raw.zip", {"duie\\": "", **files})) == expected(archive_files)
    assert read(unpack(tmp_path / "raw", files)) == expected(archive_files)


def test_upper_case_makes_no_difference(tmp_path, archive_files, pack, unpack) -> None:
    files = renamed(archive_files, train="Train.JSON", dev="DEV.json", schema="Schema.json")
    assert read(pack(tmp_path / "raw.zip", files)) == expected(archive_files)
    assert read(unpack(tmp_path / "raw", files)) == expected(archive_files)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("train.json", "train.json", "two files are named train.json"),
        ("a/train.json", "b/train.json", "a/train.json and b/train.json are both there"),
        ("a\\train.json", "a/train.json", "a\\train.json and a/train.json are both there"),
        ("train.json", "./train.json", "train.json and ./train.json are both there"),
        ("train.json", "Train.json", "train.json and Train.json are both there"),
        ("train.json", "train_data.json", "train.json and train_data.json are both there"),
    ],
)
def test_two_files_for_one_purpose_are_refused_by_their_names(
    tmp_path, archive_files, first: str, second: str, message: str
) -> None:
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name in ("schema.json", "dev.json"):
            packed.writestr(name, archive_files[name])
        packed.writestr(first, archive_files["train.json"])
        packed.writestr(second, "")
    assert refusal(path) == f"{path}: {message}; expected one train file"


@pytest.mark.parametrize("name", ["..\\train.json", "a\\..\\..\\train.json", "\\train.json", "\\\\host\\x\\train.json"])
def test_a_member_with_backslashes_that_leads_outside_is_refused(tmp_path, archive_files, pack, name: str) -> None:
    assert "leads outside the folder" in refusal(pack(tmp_path / "slip.zip", {**archive_files, name: "x"}))


def test_a_user_names_the_files_by_name_or_by_path(tmp_path, archive_files, pack, unpack) -> None:
    files = renamed(archive_files, train="训练/v2/mine.json", dev="测试.jsonl", schema="50 schemas")
    for path in (pack(tmp_path / "raw.zip", files), unpack(tmp_path / "raw", files)):
        for train in ("训练/v2/mine.json", "训练\\v2\\mine.json", "./训练/v2/MINE.json"):
            chosen = {"train": train, "dev": " 测试.jsonl", "schema": "50 schemas"}
            assert read_named(path, **chosen) == expected(archive_files)
            assert read_named(path, "dev", **chosen) == expected(archive_files, "dev.json")
    assert read_named(tmp_path / "raw.zip", train="mine.json", dev="测试.jsonl", schema="50 schemas")


def test_a_path_decides_between_files_of_one_name(tmp_path, archive_files, pack) -> None:
    path = pack(tmp_path / "raw.zip", {**archive_files, "old/train.json": "old"})
    assert read_named(path, train="old/train.json") == [b"old"]
    assert read_named(path, train="train.json") == expected(archive_files)
    twice = pack(tmp_path / "twice.zip", {**archive_files, "a/mine.json": "", "b/mine.json": ""})
    assert "a/mine.json and b/mine.json are both there" in refusal_of_named(twice, train="mine.json")


def test_names_of_chinese_windows_are_read(tmp_path, archive_files, pack) -> None:
    # In GBK the second byte of 誠 is a backslash; such a zip does not say in which encoding its names are.
    stand_in = "AAAA/BB.json"
    path = pack(tmp_path / "raw.zip", renamed(archive_files, train=stand_in))
    path.write_bytes(path.read_bytes().replace(stand_in.encode(), "数据/誠.json".encode("gbk")))
    assert read_named(path, train="誠.json") == expected(archive_files)
    assert read_named(path, train="数据\\誠.json") == expected(archive_files)


def test_a_name_that_is_not_there_is_refused_with_what_is(tmp_path, archive_files, pack, unpack) -> None:
    for path in (pack(tmp_path / "raw.zip", archive_files), unpack(tmp_path / "raw", archive_files)):
        assert refusal_of_named(path, train="mine.json") == (
            f"--train mine.json: expected the name of a file in {path}; there are "
            + ("dev.json, schema.json, train.json" if path.is_dir() else "schema.json, train.json, dev.json")
        )
    many = pack(tmp_path / "many.zip", {**archive_files, **{f"{number}.txt": "" for number in range(30)}})
    assert "19.txt" not in refusal_of_named(many, dev="mine.json")
    assert refusal_of_named(many, dev="mine.json").endswith("16.txt and 13 more")


@pytest.mark.parametrize("name", ["/train.json", "../train.json", "raw/train.json"])
def test_a_path_of_this_machine_names_no_file_of_the_archive(
    tmp_path, archive_files, unpack, monkeypatch, name
) -> None:
    (tmp_path / "train.json").write_text("outside")
    raw = unpack(tmp_path / "raw", archive_files)
    monkeypatch.chdir(tmp_path)
    assert f"--train {name}: expected the name of a file in" in refusal_of_named(raw, train=name)


def test_one_file_for_two_purposes_is_refused(tmp_path, archive_files, pack) -> None:
    path = pack(tmp_path / "raw.zip", archive_files)
    assert "dev.json is both the train file and the dev file" in refusal_of_named(path, train="dev.json")


def test_a_folder_with_one_zip_and_a_named_file_beside_it_is_the_folder(tmp_path, archive_files, pack, unpack) -> None:
    raw = unpack(tmp_path / "raw", renamed(archive_files, train="a.txt", dev="b.txt", schema="c.txt"))
    pack(raw / "old.zip", archive_files)
    assert read_named(raw, train="a.txt", dev="b.txt", schema="c.txt") == expected(archive_files)
    assert read_named(raw, train="train.json") == expected(archive_files)


def test_a_long_array_on_one_line_is_refused_as_an_array(tmp_path, archive_files, unpack) -> None:
    archive_files["train.json"] = "[" + '{"text": "甲"}, ' * (archive.MAX_LINE_BYTES // 10) + "{}]"
    assert "train.json: expected one JSON object a line, but this file holds a JSON array" in refusal(
        unpack(tmp_path / "raw", archive_files)
    )


def test_a_line_without_end_is_refused_before_it_fills_the_memory(tmp_path, archive_files, unpack) -> None:
    archive_files["train.json"] = b'{}\n{"text": "' + b"a" * (archive.MAX_LINE_BYTES + archive.CHUNK_BYTES)
    path = unpack(tmp_path / "raw", archive_files)
    assert refusal(path) == "train.json line 2: longer than 4194304 bytes; expected one JSON object a line"


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path, archive_files, unpack) -> None:
    archive_files["train.json"] = b"\xef\xbb\xbf{}\n{}"
    archive_files["dev.json"] = b"\xef\xbb\xbf{}"
    path = unpack(tmp_path / "raw", archive_files)
    assert read(path) == [b"{}", b"{}"]
    assert read(path, "dev") == [b"{}"]


@given(content=st.binary(max_size=200), chunk_bytes=st.integers(1, 50))
def test_lines_do_not_depend_on_how_the_file_is_cut_into_chunks(content, chunk_bytes) -> None:
    content = content.removeprefix(archive.BYTE_ORDER_MARK)
    opened = Archive(Path(), {"train": "train.json"}, lambda _: io.BytesIO(content), layout=DUIE)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(archive, "CHUNK_BYTES", chunk_bytes)
        found = list(opened.lines("train"))
    wanted = content.split(b"\n")
    assert found == (wanted[:-1] if not wanted[-1] else wanted)
