"""A checkpoint is whole, and is refused with a reason where it cannot be gone on from."""

from pathlib import Path

import pytest
import torch

from ckgqa.runtime.errors import InputError
from ckgqa.training.checkpoint import NAME, load_checkpoint, save_checkpoint


def test_what_is_saved_is_loaded(tmp_path: Path):
    save_checkpoint(tmp_path, {"a": 1}, {"weights": [torch.ones(2)], "step": 3})
    state = load_checkpoint(tmp_path, {"a": 1})
    assert state is not None
    assert state["step"] == 3
    assert torch.equal(state["weights"][0], torch.ones(2))


def test_none_is_there_before_the_first(tmp_path: Path):
    assert load_checkpoint(tmp_path, {}) is None


@pytest.mark.parametrize("other", [{"a": 2}, {}, {"a": 1, "b": 1}])
def test_another_identity_is_refused_with_the_way_to_start_afresh(tmp_path: Path, other: dict[str, object]):
    save_checkpoint(tmp_path, {"a": 1}, {})
    with pytest.raises(InputError, match="to start afresh, remove"):
        load_checkpoint(tmp_path, other)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04half"])
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(InputError, match="not a checkpoint that can be read"):
        load_checkpoint(tmp_path, {})


def test_another_version_is_refused(tmp_path: Path):
    torch.save({"version": 99, "identity": {}, "state": {}}, tmp_path / NAME)
    with pytest.raises(InputError, match="version 99"):
        load_checkpoint(tmp_path, {})


def test_a_failed_write_leaves_the_old_one(tmp_path: Path):
    save_checkpoint(tmp_path, {}, {"step": 1})
    with pytest.raises(AttributeError):
        save_checkpoint(tmp_path, {}, {"step": lambda: 2})  # a lambda cannot be written
    state = load_checkpoint(tmp_path, {})
    assert state == {"step": 1}
    assert [p.name for p in tmp_path.iterdir()] == [NAME]
