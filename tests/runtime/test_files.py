"""Output appears whole or not at all; hashes see every byte and name; archives stay in their folder."""

import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_file, atomic_folder, tree_hash, unpacked, write_value


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "a" / "out") as work:
        (work / "x").write_text("1")
        assert not (tmp_path / "a" / "out").exists()
    assert (tmp_path / "a" / "out" / "x").read_text() == "1"
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["out"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").write_text("old")
    with pytest.raises(error), atomic_folder(tmp_path / "out") as work:
        (work / "x").write_text("half")
        raise error
    with pytest.raises(error), atomic_file(tmp_path / "value") as file:
        file.write_text("half")
        raise error
    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")] == ["out", "out/old"]


def test_a_second_run_replaces_the_first_and_leaves_nothing_of_it(tmp_path: Path) -> None:
    for name in ("first", "second"):
        with atomic_folder(tmp_path / "out") as work:
            (work / name).touch()
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["second"]


def test_a_mount_point_is_filled_since_it_cannot_be_renamed_over(tmp_path: Path, monkeypatch) -> None:
    target = tmp_path / "model"
    target.mkdir()
    (target / "old").touch()
    monkeypatch.setattr(Path, "is_mount", lambda path: path == target)
    with atomic_folder(target) as work:
        (work / "sub").mkdir()
        (work / "sub" / "new").touch()
    assert sorted(p.relative_to(target).as_posix() for p in target.rglob("*")) == ["sub", "sub/new"]
    with pytest.raises(ValueError, match="no"), atomic_folder(target):
        raise ValueError("no")
    assert (target / "sub" / "new").exists()


def test_a_value_has_no_newline_and_its_parents_are_made(tmp_path: Path) -> None:
    write_value(tmp_path / "a" / "b" / "f1", 0.5)
    assert (tmp_path / "a" / "b" / "f1").read_bytes() == b"0.5"


def test_the_hash_sees_names_and_bytes_but_not_the_place(tmp_path: Path) -> None:
    def tree(folder: str, **files: str) -> str:
        (tmp_path / folder).mkdir()
        for name, text in files.items():
            (tmp_path / folder / name).write_text(text)
        return tree_hash(tmp_path / folder)

    one = tree("one", a="1", b="2")
    assert tree("same", b="2", a="1") == one
    assert len({one, tree("byte", a="1", b="3"), tree("name", a="1", c="2"), tree("fewer", a="1")}) == 4
    with pytest.raises(InputError, match="no such"):
        tree_hash(tmp_path / "nothing")


def _archive(path: Path, name: str, kind: bytes = tarfile.REGTYPE) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        member.size = 2
        tar.addfile(member, io.BytesIO(b"{}"))
    return path


def test_a_model_archive_is_taken_where_a_folder_is_expected(tmp_path: Path) -> None:
    _archive(tmp_path / "model.tar.gz", "config.json")
    for given in (tmp_path, tmp_path / "model.tar.gz"):
        with unpacked(given) as folder:
            assert (folder / "config.json").read_text() == "{}"
    assert not folder.exists()


def test_an_archive_that_leaves_its_folder_or_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.tar.gz").write_text("no archive")
    escaping = _archive(tmp_path / "escaping.tar.gz", "../outside.json")
    absolute = _archive(tmp_path / "absolute.tar.gz", str(tmp_path.parent / "outside.json"))
    link = _archive(tmp_path / "link.tar.gz", "config.json", tarfile.SYMTYPE)
    for given in (tmp_path / "text.tar.gz", escaping, absolute, link, tmp_path / "missing"):
        with pytest.raises(InputError), unpacked(given):
            pass
    assert not (tmp_path.parent / "outside.json").exists()


def test_what_a_killed_process_left_goes_at_the_next_run_but_not_what_another_is_writing(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, time\nfrom ckgqa.runtime.files import atomic_folder\n"
        "with atomic_folder(pathlib.Path(sys.argv[1])) as work:\n"
        "    (work / 'half').touch(); print('writing', flush=True); time.sleep(60)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "out")], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"writing\n"
    with atomic_folder(tmp_path / "out"):
        assert len(list(tmp_path.glob(".out.*.part"))) == 2  # the other one's is left alone
    writer.kill()
    writer.communicate()
    assert len(list(tmp_path.glob(".out.*.part"))) == 1
    with atomic_folder(tmp_path / "out"):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
