import pytest

from ckgqa.bundle.pipelines.inputs import stage_raw, stage_texts
from ckgqa.runtime.errors import InputError


def test_a_raw_file_is_copied_under_its_name_and_known_by_its_bytes(tmp_path):
    source = tmp_path / "a.zip"
    source.write_bytes(b"one")
    place, record = stage_raw(source, tmp_path / "run" / "raw")
    assert place.read_bytes() == b"one"
    assert place.name == "a.zip"
    source.write_bytes(b"two")
    assert place.read_bytes() == b"one"  # a copy, not a link
    place, again = stage_raw(source, tmp_path / "run" / "raw")
    assert place.read_bytes() == b"two"
    assert again.hash != record.hash


def test_a_raw_folder_is_copied_whole_and_replaced_whole(tmp_path):
    source = tmp_path / "duie"
    (source / "nested").mkdir(parents=True)
    (source / "nested" / "train.json").write_text("{}")
    (source / "old.json").write_text("{}")
    place, _ = stage_raw(source, tmp_path / "raw")
    (source / "old.json").unlink()
    place, _ = stage_raw(source, tmp_path / "raw")
    assert [file.relative_to(place).as_posix() for file in place.rglob("*.json")] == ["nested/train.json"]


def test_no_texts_make_an_empty_folder_so_that_the_pipeline_always_has_one(tmp_path):
    folder, record = stage_texts([], tmp_path / "texts")
    assert folder.is_dir()
    assert list(folder.iterdir()) == []
    assert record.sources == []


def test_texts_that_are_no_longer_given_go(tmp_path):
    (tmp_path / "a.jsonl").write_text("{}")
    stage_texts([tmp_path / "a.jsonl"], tmp_path / "texts")
    folder, _ = stage_texts([], tmp_path / "texts")
    assert list(folder.iterdir()) == []


def test_a_folder_without_texts_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"no .json or .jsonl file in this folder"):
        stage_texts([tmp_path / "empty"], tmp_path / "texts")
