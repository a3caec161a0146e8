"""`python -m ckgqa.sample`."""

import zipfile

from ckgqa.sample.__main__ import main


def test_it_writes_the_archive_and_the_texts_to_the_named_files(tmp_path) -> None:
    words = ["--output", str(tmp_path / "a" / "sample.zip"), "--texts", str(tmp_path / "texts.jsonl"), "--seed", "5"]
    assert main(words) == 0
    assert zipfile.ZipFile(tmp_path / "a" / "sample.zip").namelist() == ["schema.json", "train.json", "dev.json"]
    assert (tmp_path / "texts.jsonl").stat().st_size > 0
