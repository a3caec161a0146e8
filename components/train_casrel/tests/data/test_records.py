"""The description of a fold is that of its file, so that a later reader can compare."""

import hashlib
from pathlib import Path

from ckgqa_train_casrel.data.records import Fold, describe_fold


def test_a_fold_is_described_by_the_bytes_of_its_file(tmp_path: Path):
    content = b'{"id": "train:1"}\n'
    (tmp_path / "train.jsonl").write_bytes(content)
    assert describe_fold(tmp_path, "train", 1) == Fold("train.jsonl", hashlib.sha256(content).hexdigest(), 1)
