"""A model goes into the registry with the report on it, and what it became stands in the artefact."""

import json
from pathlib import Path

import pytest
from ckgqa_register_model.__main__ import COMMANDS

from ckgqa.registry.local_registry import LocalRegistry
from ckgqa.registry.model_groups import GROUPS
from ckgqa.runtime.artefacts import MODEL_PACKAGE
from ckgqa.runtime.files import tree_hash
from ckgqa.runtime.jsonlines import write_json
from ckgqa.runtime.manifest import Manifest, read_manifest, write_manifest
from ckgqa.runtime.program import main

FIGURES = {
    "question-model": {"intent_accuracy": 0.9, "slot_f1": 0.8, "exact_match": 0.7},
    "extraction-model": {"f1": 0.6, "precision": 0.65, "recall": 0.55},
}


@pytest.fixture(params=list(GROUPS))
def group(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Write a model and the report on it, and name their group."""
    name, model, report = request.param, tmp_path / "model", tmp_path / "report"
    for folder in (model, report):
        folder.mkdir()
    (model / "model.safetensors").write_text("w")
    write_manifest(model, Manifest(*GROUPS[name].model, "s1", "a test"))
    write_json(report / "report.json", {**FIGURES[name], "split": "test"})
    write_manifest(report, Manifest(*GROUPS[name].report, "s1", "a test", {}, {"model": tree_hash(model)}))
    return name


def run(tmp_path: Path, group: str, *words: str, registry: str = "models") -> int:
    given = {"model": "model", "report": "report", "package": "package", **({"registry": registry} if registry else {})}
    paths = [word for name, place in given.items() for word in (f"--{name}", str(tmp_path / place))]
    argv = ["register", *paths, "--group", group, *words]
    return main("ckgqa_register_model", "Registers a model for a person to approve.", COMMANDS, argv)


def written(tmp_path: Path) -> dict:
    return json.loads((tmp_path / "package" / "package.json").read_text(encoding="utf-8"))


def test_the_registry_holds_the_model_and_the_artefact_says_as_what(tmp_path: Path, group: str):
    assert run(tmp_path, group, "--run", "20261122-165836") == 0
    (package,) = LocalRegistry(tmp_path / "models").packages()
    assert (package.id, package.status, package.run) == (f"{group}/1", "pending", "20261122-165836")
    assert (package.model_folder / "model.safetensors").read_text() == "w"
    told = written(tmp_path)
    assert (told["id"], told["group"], told["version"], told["status"]) == (f"{group}/1", group, 1, "pending")
    assert (told["run"], told["registered"], told["metrics"]) == (package.run, package.registered, FIGURES[group])
    manifest = read_manifest(tmp_path / "package", MODEL_PACKAGE)
    assert (manifest.schema_hash, manifest.made_by) == ("s1", "register_model register")
    assert manifest.inputs == {"model": tree_hash(tmp_path / "model"), "report": tree_hash(tmp_path / "report")}
    assert manifest.settings == {"group": group}


def test_a_second_time_gives_what_is_there_and_what_was_decided_about_it(tmp_path: Path, group: str):
    assert run(tmp_path, group) == 0
    LocalRegistry(tmp_path / "models").decide(f"{group}/1", "approved", by="li")
    assert run(tmp_path, group) == 0
    assert (written(tmp_path)["id"], written(tmp_path)["status"]) == (f"{group}/1", "approved")
    assert len(LocalRegistry(tmp_path / "models").packages()) == 1


def test_the_run_is_the_one_that_the_runner_names_unless_one_is_typed(
    tmp_path: Path, group: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CKGQA_RUN", "20261122-170000")
    assert run(tmp_path, group, "--run", "") == 0  # as a pipeline hands on what was not given
    assert written(tmp_path)["run"] == "20261122-170000"
    assert run(tmp_path, group, "--run", "by-hand", registry="others") == 0
    assert written(tmp_path)["run"] == "by-hand"


def test_without_a_registry_all_is_checked_and_nothing_registered(
    tmp_path: Path, group: str, capsys: pytest.CaptureFixture[str]
):
    assert run(tmp_path, group, "--registry", "", registry="") == 0  # as a pipeline hands on what was not given
    assert f"the {group} passed its checks, but is not registered" in capsys.readouterr().err
    told = written(tmp_path)
    assert (told["id"], told["version"], told["status"], told["metrics"]) == ("", 0, "unregistered", FIGURES[group])
    (tmp_path / "model" / "model.safetensors").write_text("other")
    assert run(tmp_path, group, registry="") == 2


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda at: (at / "model" / "new").touch(), "not on another model"),
        (lambda at: (at / "report" / "report.json").write_text("{}"), "missing: "),
        (lambda at: (at / "models").write_text(""), "expected the folder of a registry of models, not a file"),
        (lambda at: (at / "models" / "photos").mkdir(parents=True), "expected a registry of models or a new folder"),
    ],
)
def test_what_cannot_be_registered_is_refused_and_leaves_nothing(
    tmp_path: Path, group: str, capsys: pytest.CaptureFixture[str], spoil, words: str
):
    spoil(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert run(tmp_path, group) == 2
    assert words in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_model_of_the_other_group_and_an_unknown_group_are_refused(
    tmp_path: Path, group: str, capsys: pytest.CaptureFixture[str]
):
    (other,) = set(GROUPS) - {group}
    assert run(tmp_path, other) == 2
    assert f"expected a folder written as {GROUPS[other].model[0]} version" in capsys.readouterr().err
    assert run(tmp_path, "models") == 2
    assert "--group models: expected one of question-model, extraction-model" in capsys.readouterr().err
    assert run(tmp_path, group, "--run", "two\nlines") == 2
    assert not (tmp_path / "package").exists()
