"""The zips of others: read in place, and refused if they look like an attack."""

import zipfile
from pathlib import Path

import pytest

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.zip_files import open_zip


def pack(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.mkdir("folder")
        for name, content in files.items():
            packed.writestr(name, content)
    return path


def test_a_file_is_streamed_by_its_name_and_folders_are_no_files(tmp_path) -> None:
    path = pack(tmp_path / "a.zip", one=b"first\nsecond\n", two=b"")
    with open_zip(path, "one, two") as opened:
        assert opened.names == ("one", "two")
        with opened.open("one") as stream:
            assert list(stream) == [b"first\n", b"second\n"]
        with opened.open("two") as stream:
            assert stream.read() == b""


def test_what_is_read_is_counted_over_all_files_whatever_the_header_says(tmp_path) -> None:
    path = pack(tmp_path / "a.zip", one=bytes(60), two=bytes(60))
    with open_zip(path, "one, two") as opened:
        opened.max_bytes = 100
        assert len(opened.open("one").read()) == 60
        with pytest.raises(InputError, match="unpacks to more than 100 times its size, .* a zip with one, two"):
            opened.open("two").read()


def test_a_damaged_file_is_refused_when_it_is_read(tmp_path) -> None:
    path = pack(tmp_path / "a.zip", one=bytes(range(256)))
    content = path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        start = packed.getinfo("one").header_offset + 30 + len("one")
    path.write_bytes(content[:start] + bytes(8) + content[start + 8 :])
    with open_zip(path, "one") as opened, pytest.raises(InputError, match="one is damaged"):
        opened.open("one").read()
