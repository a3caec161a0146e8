"""A disk that is really full, in each command: what people are told, the exit code, and nothing left half-written."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ckgqa_train_casrel.data.records import LabelledSentence
from ckgqa_train_casrel.settings import TrainSettings
from ckgqa_train_casrel.train import train

from .words import arguments

# A mount of one's own, which goes with the process; then what the program left there, on standard output.
ALONE = ["unshare", "--map-root-user", "--mount"]
SCRIPT = """
set -e; mount -t tmpfs -o size="$1" tmpfs "$2"; cd "$2"; shift 2
code=0; "$@" || code=$?
find . -mindepth 1; exit $code
"""
pytestmark = pytest.mark.skipif(
    subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode != 0,
    reason="this machine mounts no disk of one's own for a test",
)


def on_small_disk(folder: Path, size: str, *words: object) -> tuple[int, str, list[str]]:
    """Run the program where `folder` is a disk of that size; give the exit code, what was said and what is left."""
    folder.mkdir()
    program = [sys.executable, "-m", "ckgqa_train_casrel", *map(str, words)]
    ended = subprocess.run(
        [*ALONE, "sh", "-c", SCRIPT, "sh", size, folder, *program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ended.returncode, ended.stderr, ended.stdout.splitlines()


@pytest.fixture(scope="module")
def data(
    tmp_path_factory: pytest.TempPathFactory,
    sentences: Callable[..., list[LabelledSentence]],
    sentences_folder: Callable[..., Path],
) -> Path:
    return sentences_folder(tmp_path_factory.mktemp("full") / "sentences", sentences(400), sentences(40, seed=2))


@pytest.fixture(scope="module")
def model(data: Path, small_settings: Callable[..., TrainSettings]) -> Path:
    settings = small_settings(data, data.parent / "model", epochs=1)
    train(settings)
    return settings.model


def test_train_without_room_for_the_weights(data: Path, tmp_path: Path, small_settings: Callable[..., TrainSettings]):
    disk = tmp_path / "disk"
    settings = small_settings(data, disk / "model", epochs=1)
    code, said, left = on_small_disk(disk, "64k", "train", *arguments(settings))
    assert (code, left) == (75, []), said
    assert "free some space and run again" in said
    assert "Traceback" not in said


def test_train_without_room_for_a_checkpoint(data: Path, tmp_path: Path, small_settings: Callable[..., TrainSettings]):
    disk = tmp_path / "disk"
    settings = small_settings(
        data, tmp_path / "model", epochs=1, checkpoint_dir=str(disk), checkpoint_minutes=0,
        tensorboard_dir=str(tmp_path / "board"),
    )  # fmt: skip
    code, said, left = on_small_disk(disk, "64k", "train", *arguments(settings))
    assert (code, left) == (75, []), said
    assert "free some space and run again" in said
    assert "Traceback" not in said
    assert not settings.model.exists()


def test_extract_without_room_for_the_facts(data: Path, model: Path, tmp_path: Path):
    disk = tmp_path / "disk"
    words = ["extract", "--model", model, "--sentences", data, "--facts", disk / "facts"]
    code, said, left = on_small_disk(disk, "16k", *words)
    assert (code, left) == (75, []), said
    assert "the disk is full; free some space and run again" in said


def test_evaluate_without_room_for_the_report(data: Path, model: Path, tmp_path: Path):
    disk = tmp_path / "disk"
    places = ["--report", disk / "report", "--f1", tmp_path / "f1"]
    code, said, left = on_small_disk(disk, "4k", "evaluate", "--model", model, "--sentences", data, *places)
    assert (code, left) == (75, []), said
    assert "the disk is full; free some space and run again" in said
    assert not (tmp_path / "f1").exists()
