"""`ckgqa run --set TASK.NAME=VALUE` with the real stages: what no parameter of a pipeline reaches."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ckgqa.cli.main import main
from ckgqa.execution.records.record import RunRecord, find_run, read_record
from ckgqa.runtime.files import tree_hash

TRAIN_LINES, BROKEN_LINES = 300, 9
TINY_GRAPH = ("--layers", "1", "--epochs", "1", "--batch-characters", "512", "--min-f1", "0")
TINY_QUESTIONS = ("--train-size", "60", "--validation-size", "20", "--test-size", "20", "--epochs", "1")
WORDING = "请教一下{subject}的掌镜人究竟是哪位"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Give a folder with a small archive of which 3 % of the training lines are broken."""
    folder = tmp_path_factory.mktemp("settings")
    subprocess.run([sys.executable, "-m", "ckgqa.sample", "--output", str(folder / "whole.zip")], check=True)
    with zipfile.ZipFile(folder / "whole.zip") as whole, zipfile.ZipFile(folder / "small.zip", "w") as small:
        for name in whole.namelist():
            lines = whole.read(name).splitlines(keepends=True)
            if Path(name).name == "train.json":
                lines = [b"{broken\n"] * BROKEN_LINES + lines[:TRAIN_LINES]
            small.writestr(name, b"".join(lines))
    (folder / "mine.yaml").write_text(f"导演:\n  ask @value: |\n    {WORDING}\n", encoding="utf-8")
    return folder


def run(folder: Path, pipeline: str, *words: str) -> int:
    where = ("--target", "process", "--runs-dir", str(folder / "runs"), "--registry", "")
    return main(["run", pipeline, *where, *words])


def last(folder: Path) -> RunRecord:
    return read_record(find_run(folder / "runs", "last"))


@pytest.fixture(scope="module")
def graph(folder) -> RunRecord:
    """Build a graph from the broken archive, with aliases of one predicate."""
    settings = ("--set", "preprocess.max-bad-fraction=0.5", "--set", "csv.alias_predicates=外文名")
    assert run(folder, "knowledge-graph", "--raw", str(folder / "small.zip"), *TINY_GRAPH, *settings) == 0
    return last(folder)


def test_an_archive_with_broken_lines_is_accepted_if_its_task_is_set_so(folder, graph, capsys):
    assert graph.task_settings == {"preprocess.max_bad_fraction": 0.5, "csv.alias_predicates": "外文名"}
    assert run(folder, "knowledge-graph", "--raw", str(folder / "small.zip"), *TINY_GRAPH) == 2
    assert f"error: --raw {folder / 'small.zip'}: train.json: 9 of 309 records are bad" in capsys.readouterr().err


def test_the_graph_has_the_aliases_that_were_set(graph):
    manifest = json.loads((graph.output("csv", "graph_csv") / "manifest.json").read_text())
    assert manifest["settings"]["alias_predicates"] == ["外文名"]


NAMES = {"train.json": "mine.json", "dev.json": "eval.json", "schema.json": "types.json"}


def test_files_of_other_names_in_the_archive_are_set_and_are_no_paths_of_this_machine(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    with zipfile.ZipFile("small.zip") as small, zipfile.ZipFile("named.zip", "w") as named:
        for name in small.namelist():
            named.writestr(f"data\\{NAMES[Path(name).name]}", small.read(name))
    Path("mine.json").write_text("a file of this machine, which is not meant")
    given = {"train": "mine.json", "dev": "eval.json", "schema": "data/types.json", "max-bad-fraction": "0.5"}
    settings = [word for name, value in given.items() for word in ("--set", f"preprocess.{name}={value}")]
    flags = ("--raw", "named.zip", *TINY_GRAPH, "--min-f1", "1", *settings)
    assert run(folder, "knowledge-graph", *flags) == 3
    record = last(folder)
    assert record.task_settings["preprocess.train"] == "mine.json"
    files = json.loads((record.output("preprocess", "sentences") / "report.json").read_text())["files"]
    assert files["mine.json"] == {"records": TRAIN_LINES + BROKEN_LINES, "bad": BROKEN_LINES}
    assert run(folder, "knowledge-graph", *flags, "--set", "preprocess.train=other.json") == 2
    assert "preprocess.train other.json: expected the name of a file in named.zip" in capsys.readouterr().err


def test_own_wordings_reach_the_questions_and_count_by_their_content(folder, graph, monkeypatch):
    monkeypatch.chdir(folder)
    gates = ("--min-intent-accuracy", "1")
    assert run(folder, "question-answering", *TINY_QUESTIONS, *gates, "--set", "questions.templates=mine.yaml") == 3
    record = last(folder)
    assert record.task_settings == {"questions.templates": str(folder / "mine.yaml")}
    manifest = json.loads((record.output("questions", "questions") / "manifest.json").read_text())
    assert manifest["inputs"]["templates"] == tree_hash(folder / "mine.yaml")
    assert run(folder, "question-answering", "--resume", "last") == 3
    assert last(folder).tasks["questions"].state == "cached"
    (folder / "mine.yaml").write_text(f"导演:\n  ask @value: |\n    {WORDING}呢\n", encoding="utf-8")
    assert run(folder, "question-answering", "--resume", "last") == 3
    assert last(folder).tasks["questions"].state == "done"
