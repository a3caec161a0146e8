"""The pipeline `question-answering` with its real stages, on the graph of a part of the bundled sample."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from ckgqa_neptune_load.commands.make_csv import make_csv
from ckgqa_neptune_load.settings import CsvSettings
from ckgqa_preprocess.duie.settings import DuieSettings
from ckgqa_preprocess.duie.stage import preprocess_duie

from ckgqa.cli.main import main
from ckgqa.execution.compilation import ir
from ckgqa.execution.compilation.compiler import compile_pipeline
from ckgqa.execution.records.record import find_run, read_record
from ckgqa.execution.records.report import results
from ckgqa.images.plan import pinned
from ckgqa.registry.local_registry import LocalRegistry

TINY = ("--train-size", "300", "--validation-size", "40", "--test-size", "40", "--epochs", "1", "--target", "process")
OPEN = ("--min-intent-accuracy", "0", "--min-slot-f1", "0")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Give a folder with a graph and its sentences, as a run of the other pipeline leaves them."""
    folder = tmp_path_factory.mktemp("question-answering")
    subprocess.run([sys.executable, "-m", "ckgqa.sample", "--output", str(folder / "whole.zip")], check=True)
    preprocess_duie(DuieSettings(raw=folder / "whole.zip", sentences=folder / "sentences"))
    make_csv(CsvSettings(sentences=folder / "sentences", graph_csv=folder / "graph-csv"))
    return folder


def ckgqa(folder: Path, *words: str) -> int:
    return main([*words, "--runs-dir", str(folder / "runs")])


def run(folder: Path, *words: str) -> int:
    return ckgqa(folder, "run", "question-answering", *TINY, "--registry", str(folder / "models"), *words)


@pytest.fixture(scope="module")
def ran(folder):
    given = ("--graph-csv", str(folder / "graph-csv"), "--schema", str(folder / "sentences"))
    assert run(folder, *given, *OPEN) == 0
    return read_record(find_run(folder / "runs", "last"))


def test_the_whole_way_from_the_graph_to_a_model_that_waits_for_approval(ran, folder):
    assert [name for name, task in ran.tasks.items() if task.state == "done"] == [
        "graph-csv", "schema", "raw", "encoder", "questions", "train", "evaluate", "register",
    ]  # fmt: skip
    assert {ran.tasks[name].state for name in ("notify-names", "notify-intents")} == {"skipped"}
    (package,) = LocalRegistry(folder / "models").packages("question-model")
    assert package.status == "pending"
    assert (package.model_folder / "model.onnx").is_file()
    assert (package.report_folder / "report.html").is_file()


def test_the_report_has_what_a_user_of_the_model_gets(ran):
    text = (ran.folder / "report.md").read_text()
    evaluation = json.loads((ran.output("evaluate", "report") / "report.json").read_text())
    assert f"| intent accuracy on the test split | {evaluation['intent_accuracy']:.4g} |" in text
    assert f"| F1 of the names on the test split | {evaluation['slot_f1']:.4g} |" in text
    assert "| questions, train | 300 |" in text


def test_predicates_that_a_split_does_not_ask_are_named_in_the_result(ran):
    """The 40 questions of the test cannot ask all 48 predicates."""
    asked = json.loads((ran.output("questions", "questions") / "report.json").read_text())["predicates_not_asked"]
    assert asked["test"]
    rows = dict(results(ran))
    assert rows["predicates without a question, test"] == ", ".join(asked["test"])
    assert {name for name in rows if name.startswith("predicates without")} == {
        f"predicates without a question, {split}" for split, predicates in asked.items() if predicates
    }


@pytest.mark.parametrize(
    ("gates", "told", "words"),
    [
        (("--min-intent-accuracy", "1"), "notify-intents", "intent accuracy on the test split is"),
        (("--min-slot-f1", "1"), "notify-names", "F1 of the names on the test split is"),
    ],
)
def test_each_gate_keeps_a_model_from_the_registry_and_says_why(ran, folder, capsys, gates, told, words):
    assert run(folder, "--resume", ran.name, *OPEN, *gates) == 3
    record = read_record(ran.folder)
    assert record.tasks["train"].state == "cached"
    assert {name: record.tasks[name].state for name in ("register", told)} == {"register": "skipped", told: "done"}
    assert words in json.loads((ran.folder / "notification" / "notification.json").read_text())["message"]
    assert "[--min-intent-accuracy ...] [--min-slot-f1 ...]" in capsys.readouterr().err


def test_what_is_not_given_is_taken_from_the_newest_run_that_made_it(folder, tmp_path, capsys):
    """The graph of a run of the other pipeline is asked about without being named."""
    with zipfile.ZipFile(folder / "whole.zip") as whole, zipfile.ZipFile(tmp_path / "small.zip", "w") as small:
        for name in whole.namelist():
            small.writestr(name, b"".join(whole.read(name).splitlines(keepends=True)[:100]))
    runs = ("--runs-dir", str(tmp_path / "runs"), "--target", "process")
    tiny = ("--hidden-size", "16", "--epochs", "1", "--min-f1", "0")
    assert main(["run", "knowledge-graph", "--raw", str(tmp_path / "small.zip"), *tiny, *runs]) == 0
    graph = read_record(find_run(tmp_path / "runs", "last"))
    assert main(["run", "question-answering", *TINY, *OPEN, "--runs-dir", str(tmp_path / "runs")]) == 0
    asked = read_record(find_run(tmp_path / "runs", "last", "question-answering"))
    assert asked.inputs["graph_csv"].sources == [str(graph.output("csv", "graph_csv"))]
    assert asked.inputs["schema"].sources == [str(graph.output("preprocess", "sentences"))]


def test_nothing_to_ask_about_is_refused_at_once(tmp_path, capsys):
    assert main(["run", "question-answering", "--target", "process", "--runs-dir", str(tmp_path / "runs")]) == 2
    assert "no input: expected one of --raw, --graph-csv" in capsys.readouterr().err
    assert not list((tmp_path / "runs").iterdir())


def test_a_folder_that_no_stage_wrote_is_refused(tmp_path, capsys):
    given = ("--graph-csv", str(tmp_path), "--runs-dir", str(tmp_path / "runs"))
    assert main(["run", "question-answering", "--target", "process", *given]) == 2
    assert "expected a folder that a stage wrote" in capsys.readouterr().err


@pytest.mark.docker
def test_the_whole_way_in_containers(folder):
    given = ("--graph-csv", str(folder / "graph-csv"), "--schema", str(folder / "sentences"))
    registry = LocalRegistry(folder / "models")
    registered = len(registry.packages("question-model"))
    assert run(folder, *given, *OPEN, "--target", "docker", "--seed", "14") == 0
    record = read_record(find_run(folder / "runs", "last"))
    assert record.target == "docker"
    assert record.tasks["register"].state == "done"
    assert len(registry.packages("question-model")) == registered + 1


def test_the_compiled_pipeline_has_its_stages_pinned_and_in_order(tmp_path):
    compile_pipeline("question-answering", tmp_path / "qa.yaml", pinned)
    tasks = {task.name: task for task in ir.tasks(ir.load_ir(tmp_path / "qa.yaml"))}
    assert list(tasks) == [
        "graph-csv", "schema", "raw", "encoder", "questions", "train", "evaluate", "register", "notify-names",
        "notify-intents",
    ]  # fmt: skip
    assert tasks["register"].image == pinned("ckgqa/register-model")
    assert [name for name, task in tasks.items() if task.branches] == ["register", "notify-names", "notify-intents"]
