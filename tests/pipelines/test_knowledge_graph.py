"""The pipeline `knowledge-graph` with its real stages, on a small part of the bundled sample and with a tiny model."""

import contextlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from ckgqa.cli.main import main
from ckgqa.execution.compilation import ir
from ckgqa.execution.compilation.compiler import compile_pipeline
from ckgqa.execution.records.record import find_run, read_record
from ckgqa.images.plan import pinned
from ckgqa.registry.local_registry import LocalRegistry
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import tree_hash

TINY = ("--hidden-size", "16", "--epochs", "1", "--batch-characters", "512")
TRAIN_LINES, DEV_LINES = 300, 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Give a folder with a small archive and a file of texts."""
    folder = tmp_path_factory.mktemp("knowledge-graph")
    subprocess.run([sys.executable, "-m", "ckgqa.sample", "--output", str(folder / "whole.zip")], check=True)
    with zipfile.ZipFile(folder / "whole.zip") as whole, zipfile.ZipFile(folder / "small.zip", "w") as small:
        for name in whole.namelist():
            lines = whole.read(name).splitlines(keepends=True)
            keep = {"train.json": TRAIN_LINES, "dev.json": DEV_LINES}.get(Path(name).name, len(lines))
            small.writestr(name, b"".join(lines[:keep]))
    (folder / "more.jsonl").write_text('{"text": "吴京主演了电影《战狼》。"}\n', encoding="utf-8")
    return folder


def ckgqa(folder: Path, *words: str) -> int:
    with contextlib.chdir(folder):
        return main([*words])


@pytest.fixture(scope="module")
def ran(folder):
    """Run the whole pipeline once, as processes."""
    given = ("--raw", str(folder / "small.zip"), "--texts", str(folder / "more.jsonl"), "--min-f1", "0", *TINY)
    assert ckgqa(folder, "run", "knowledge-graph", "--target", "process", *given) == 0
    return read_record(find_run(folder / "runs", "last"))


def report(record, task: str, output: str) -> dict:
    return json.loads((record.output(task, output) / "report.json").read_text())


def test_the_whole_way_from_the_archive_to_the_graph(ran):
    assert [name for name, task in ran.tasks.items() if task.state == "done"] == [
        "raw", "texts", "encoder", "preprocess", "train", "evaluate", "extract", "csv", "load", "register",
    ]  # fmt: skip
    assert ran.tasks["notify"].state == "skipped"
    splits = report(ran, "preprocess", "sentences")["splits"]
    assert sum(split["sentences"] for split in splits.values()) == TRAIN_LINES + DEV_LINES
    facts = (ran.output("extract", "facts") / "facts.jsonl").read_text().splitlines()
    assert len(facts) == TRAIN_LINES + DEV_LINES + 1  # every sentence of the archive, and the text that was given
    assert report(ran, "load", "graph")["vertices"] > 100


def test_the_report_has_what_a_user_of_the_graph_gets(ran):
    text = (ran.folder / "report.md").read_text()
    csv = report(ran, "csv", "graph_csv")
    facts = (ran.output("extract", "facts") / "facts.jsonl").read_text().splitlines()
    assert f"| extracted triples | {sum(len(json.loads(line)['triples']) for line in facts):,} |" in text
    assert f"| vertices | {report(ran, 'load', 'graph')['vertices']:,} |" in text
    assert {"edge_precision", "edge_recall"} <= set(csv)
    assert "recall of the extracted edges (texts of the test split)" in text
    assert "| setting seed | 13 |" in text


def test_the_graph_answers_for_a_name_with_its_evidence(ran, folder, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "250")
    edges = (ran.output("csv", "graph_csv") / "vertices.csv").read_text(encoding="utf-8").splitlines()
    name = next(line.split(",")[2] for line in edges[1:] if ",entity," in line)
    assert ckgqa(folder, "graph", "show", name) == 0
    assert name in capsys.readouterr().out
    assert ckgqa(folder, "graph", "show", "没有这个名字") == 2
    assert "the graph has no fact about this name" in capsys.readouterr().err
    assert ckgqa(folder, "graph", "show", name, "--graph-url", f"embedded:{folder / 'gone.db'}") == 2
    assert "gone.db" in capsys.readouterr().err


def test_what_can_be_asked_of_the_graph_is_shown(ran, folder, capsys):
    assert ckgqa(folder, "graph", "schema", "--json") == 0
    predicates = json.loads(capsys.readouterr().out)
    edges = (ran.output("csv", "graph_csv") / "edges.csv").read_text(encoding="utf-8").splitlines()
    labels = {line.split(",")[3] for line in edges[1:]}
    assert {one["predicate"] for one in predicates} <= labels
    assert all(one["facts"] and one["example"]["subject"] for one in predicates)
    assert ckgqa(folder, "graph", "schema") == 0
    assert predicates[0]["predicate"] in capsys.readouterr().out


def test_the_model_is_registered_with_its_report_and_waits(ran, folder):
    (package,) = LocalRegistry(folder / "models").packages("extraction-model")
    assert (package.id, package.status, package.run) == ("extraction-model/1", "pending", ran.name)
    assert package.model.hash == tree_hash(ran.output("train", "model"))
    assert package.report.hash == tree_hash(ran.output("evaluate", "report"))
    assert package.metrics["f1"] == report(ran, "evaluate", "report")["f1"]
    assert "| registered model | extraction-model/1 (pending) |" in (ran.folder / "report.md").read_text()
    assert ran.settings["registry"] == str(folder / "models")


def test_going_on_registers_again_where_the_registry_is_gone_and_says_what_was_decided(ran, folder, capsys):
    again = ("run", "knowledge-graph", "--resume", ran.name, "--target", "process")
    shutil.rmtree(folder / "models")
    assert ckgqa(folder, *again) == 0
    assert "extraction-model/1 waits for approval: `ckgqa models show extraction-model/1`, " in capsys.readouterr().out
    assert ckgqa(folder, "models", "approve", "extraction-model/latest") == 0
    assert ckgqa(folder, *again) == 0
    assert "waits for approval" not in capsys.readouterr().out
    assert "| registered model | extraction-model/1 (approved) |" in (ran.folder / "report.md").read_text()
    assert len(LocalRegistry(folder / "models").packages()) == 1


def test_a_registry_elsewhere_is_made_and_an_empty_one_registers_nowhere(ran, folder, capsys):
    again = ("run", "knowledge-graph", "--resume", ran.name, "--target", "process", "--registry")
    assert ckgqa(folder, *again, "else/where") == 0
    place = folder / "else" / "where"
    assert LocalRegistry(place).ids() == ["extraction-model/1"]
    assert f"`ckgqa models approve extraction-model/1 --registry {place}`" in capsys.readouterr().out
    assert ckgqa(folder, *again, "") == 0
    assert "| registered model | unregistered |" in (ran.folder / "report.md").read_text()
    assert ckgqa(folder, *again, "models") == 0


@pytest.mark.parametrize("given", [(), ("--registry", "models")])
def test_a_folder_of_something_else_is_refused_before_anything_runs(folder, tmp_path, capsys, given):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "photo.jpg").touch()
    words = ("run", "knowledge-graph", "--raw", str(folder / "small.zip"), "--target", "process")
    assert ckgqa(tmp_path, *words, *given) == 2
    assert "--registry models: expected a registry of models or a new folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["models"]


def test_nothing_changed_runs_nothing_and_a_higher_gate_only_notifies(ran, folder, capsys):
    assert ckgqa(folder, "run", "knowledge-graph", "--resume", "last", "--target", "process") == 0
    shown = {line.split("│")[0].strip() for line in capsys.readouterr().out.splitlines()}
    assert {"sentences", "labelled triples", "extracted triples", "F1 on the test split", "vertices", "edges"} <= shown
    assert {"preprocess", "train", "evaluate", "extract", "csv", "load"} <= shown  # with their seconds
    again = read_record(ran.folder)
    assert {task.state for task in again.tasks.values()} == {"done", "cached", "skipped"}
    done = [name for name, task in again.tasks.items() if task.state == "done"]
    assert done == ["raw", "texts", "encoder", "register"]  # the importers, and what is outside of the run
    assert ckgqa(folder, "run", "knowledge-graph", "--resume", "last", "--target", "process", "--min-f1", "1") == 3
    failed = read_record(ran.folder)
    assert failed.state == "gate-failed"
    assert {failed.tasks[name].state for name in ("extract", "csv", "load")} == {"skipped"}
    told = json.loads((ran.folder / "notification" / "notification.json").read_text())
    assert "the gate asks for 1.0" in told["message"]


def test_an_argument_edited_in_the_yaml_changes_the_run(ran, folder):
    document = yaml.safe_load((ran.folder / "pipeline.yaml").read_text())
    document["root"]["inputDefinitions"]["parameters"]["validation_fraction"]["defaultValue"] = 0.5
    (folder / "edited.yaml").write_text(yaml.safe_dump(document))
    words = ("--raw", str(folder / "small.zip"), "--pipeline", str(folder / "edited.yaml"), "--min-f1", "1", *TINY)
    assert ckgqa(folder, "run", "knowledge-graph", "--target", "process", *words) == 3
    edited = read_record(find_run(folder / "runs", "last"))
    before, after = (report(one, "preprocess", "sentences")["splits"] for one in (ran, edited))
    assert after["validation"]["sentences"] > 3 * before["validation"]["sentences"]


def test_a_broken_archive_is_refused_before_the_first_task(folder, capsys):
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("schema.json", "{}")
    (folder / "broken.zip").write_bytes(broken.getvalue())
    words = ("run", "knowledge-graph", "--target", "process", "--raw", str(folder / "broken.zip"))
    runs = sorted((folder / "runs").glob("*"))
    assert ckgqa(folder, *words) == 2
    assert f"error: --raw {folder / 'broken.zip'}: no train file" in capsys.readouterr().err
    assert sorted((folder / "runs").glob("*")) == runs


@pytest.mark.docker
def test_the_whole_way_in_containers(folder):
    given = ("--raw", str(folder / "small.zip"), "--texts", str(folder / "more.jsonl"), "--min-f1", "0", *TINY)
    assert ckgqa(folder, "run", "knowledge-graph", "--target", "docker", *given) == 0
    record = read_record(find_run(folder / "runs", "last"))
    assert record.target == "docker"
    assert record.output("register", "package").owner() == (folder / "models" / "extraction-model").owner()
    assert "extraction-model" in json.loads((record.output("register", "package") / "package.json").read_text())["id"]
    assert {task.state for name, task in record.tasks.items() if name != "notify"} == {"done"}
    assert report(record, "load", "graph")["vertices"] > 100


def test_the_compiled_pipeline_has_its_stages_pinned_and_in_order(tmp_path):
    compile_pipeline("knowledge-graph", tmp_path / "kg.yaml", pinned)
    spec = ir.load_ir(tmp_path / "kg.yaml")
    tasks = {task.name: task for task in ir.tasks(spec)}
    assert list(tasks) == [
        "raw",
        "texts",
        "encoder",
        "preprocess",
        "train",
        "evaluate",
        "extract",
        "csv",
        "load",
        "register",
        "notify",
    ]
    assert tasks["train"].image == pinned("ckgqa/train-casrel")
    assert [name for name, task in tasks.items() if task.branches] == ["extract", "csv", "load", "register", "notify"]
    (gated,) = [dag.tasks for _, _, dag in ir.dags(spec) if "load" in dag.tasks]
    assert [gated[name].retry_policy.max_retry_count for name in ("extract", "load", "register")] == [0, 2, 2]


def test_an_unknown_pipeline_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match="PIPELINE other: expected one of knowledge-graph, question-answering"):
        compile_pipeline("other", tmp_path / "x.yaml", pinned)
    assert not (tmp_path / "x.yaml").exists()


def test_a_pipeline_with_faults_is_not_written(tmp_path):
    with pytest.raises(InputError, match="is not pinned"):
        compile_pipeline("knowledge-graph", tmp_path / "x.yaml", lambda image: f"{image}:latest")
    assert list(tmp_path.iterdir()) == []
