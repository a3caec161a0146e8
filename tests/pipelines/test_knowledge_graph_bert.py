"""The pipeline `knowledge-graph` on a BERT that is given: it reaches the training, and a changed byte in it counts."""

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ckgqa.bundle import ROOT
from ckgqa.cli.main import main
from ckgqa.execution.records.record import RunRecord, find_run, read_record

# No model passes this gate: what comes behind the training is another test's.
SHORT = ("--epochs", "1", "--batch-characters", "512", "--min-f1", "1")
GATE_FAILED = 3
LINES = {"train.json": 60, "dev.json": 10}
POSITIONS = 260  # two more than the default window has characters, and two to spare


@pytest.fixture
def given(tmp_path) -> list[str]:
    """Give the words that name a small archive and a tiny BERT, beside the runs' folder."""
    subprocess.run([sys.executable, "-m", "ckgqa.sample", "--output", str(tmp_path / "whole.zip")], check=True)
    with zipfile.ZipFile(tmp_path / "whole.zip") as whole, zipfile.ZipFile(tmp_path / "small.zip", "w") as small:
        for name in whole.namelist():
            lines = whole.read(name).splitlines(keepends=True)
            small.writestr(name, b"".join(lines[: LINES.get(Path(name).name, len(lines))]))
    maker = ROOT / "components" / "train_casrel" / "tests" / "tiny_bert.py"
    spec = importlib.util.spec_from_file_location("ckgqa_tests_tiny_bert", maker)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "bert").mkdir()
    module.save_tiny_bert(tmp_path / "bert", POSITIONS)
    return ["--raw", str(tmp_path / "small.zip"), "--encoder", str(tmp_path / "bert"), *SHORT]


def run(folder: Path, *words: str) -> RunRecord:
    told = ["run", "knowledge-graph", *words, "--runs-dir", str(folder / "runs")]
    assert main(told) == GATE_FAILED
    return read_record(find_run(folder / "runs", "last"))


def is_a_bert(record: RunRecord) -> bool:
    return (record.output("train", "model") / "bert.json").is_file()


def test_the_training_is_on_the_bert_and_runs_again_when_a_byte_of_it_changes(tmp_path, given):
    ran = run(tmp_path, "--target", "process", *given)
    assert ran.tasks["train"].state == "done"
    assert is_a_bert(ran)
    again = run(tmp_path, "--target", "process", "--resume", "last")
    assert again.tasks["train"].state == "cached"
    with (tmp_path / "bert" / "tokenizer_config.json").open("a") as file:
        file.write(" ")
    changed = run(tmp_path, "--target", "process", "--resume", "last", *given)
    assert {name: changed.tasks[name].state for name in ("preprocess", "train")} == {
        "preprocess": "cached", "train": "done",
    }  # fmt: skip
    assert changed.tasks["train"].key != ran.tasks["train"].key
    assert is_a_bert(changed)


@pytest.mark.docker
def test_a_container_sees_the_bert(tmp_path, given):
    ran = run(tmp_path, "--target", "docker", *given)
    assert ran.target == "docker"
    assert is_a_bert(ran)
