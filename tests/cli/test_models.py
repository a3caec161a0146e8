"""`ckgqa models`: what is registered is shown, a person's decision counts, and what is served is said."""

import getpass
import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from ckgqa.cli.main import main
from ckgqa.registry.local_registry import LocalRegistry
from tests.registry.builders import make


@dataclass
class Ended:
    code: int
    out: str
    err: str


class Models:
    """`ckgqa models` on a registry with two question models and an extraction model."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]):
        self.folder, self.capsys = folder, capsys
        self.registry = LocalRegistry(folder / "models")

    def fill(self) -> None:
        for weights, figures in (
            ("1", {"slot_f1": 0.8, "extra": 3}),
            ("2", {"slot_f1": 0.85, "calibration_error": 0.02}),
        ):
            made = make(self.folder / "made" / weights, weights=weights, **figures)
            self.registry.register("question-model", *made, run=f"2026112{weights}-165836")
        self.registry.register("extraction-model", *make(self.folder / "made" / "e", "extraction-model"))

    def __call__(self, *words: str) -> Ended:
        self.capsys.readouterr()
        return Ended(main(["models", *words]), *self.capsys.readouterr())

    def rows(self) -> dict[str, list[str]]:
        """The table of `list`, by id; what stands in the lines below belongs to the one above."""
        rows: dict[str, list[str]] = {}
        for line in self("list").out.splitlines():
            id_, *cells = [cell.strip() for cell in line.split("│")]
            if "/" in id_:
                rows[id_] = cells
            elif rows and len(cells) > 1:
                last = list(rows)[-1]
                rows[last] = [f"{above} {cell}".strip() for above, cell in zip(rows[last], cells, strict=True)]
        return rows


@pytest.fixture
def models(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Models:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setenv("LOGNAME", "li")
    found = Models(tmp_path, capsys)
    found.fill()
    return found


def test_models_are_listed_with_their_figures_and_what_is_served(models: Models):
    models("approve", "question-model/1")
    rows = models.rows()
    assert list(rows) == ["question-model/1", "question-model/2", "extraction-model/1"]
    status, registered, figures, run, served = rows["question-model/1"]
    assert (status, run, served) == ("approved", "20261121-165836", "yes")
    assert figures == "intent_accuracy 0.9 slot_f1 0.8 exact_match 0.7"
    assert len(registered) == len("2026-11-22 16:58:36")
    assert rows["question-model/2"][0::4] == ["pending", ""]
    assert rows["extraction-model/1"][2] == "f1 0.6 precision 0.65 recall 0.55"


def test_a_narrow_terminal_loses_nothing_of_the_list(models: Models, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")
    status, _, figures, run, _ = models.rows()["question-model/1"]
    assert (status, figures) == ("pending", "intent_accuracy 0.9 slot_f1 0.8 exact_match 0.7")
    assert run.replace(" ", "") == "20261121-165836"


def test_a_model_is_shown_with_its_figures_beside_those_of_the_served_one(models: Models):
    models("approve", "question-model/1", "--comment", "第一个")
    told = models("show", "question-model/latest")
    assert told.code == 0
    facts = dict(line.split(maxsplit=1) for line in told.out.partition("\n\n")[0].splitlines())
    assert (facts["model"], facts["status"], facts["served"]) == ("question-model/2", "pending", "question-model/1")
    assert facts["report"] == "models/question-model/2/report/report.html"
    assert Path(facts["report"]).is_file()
    assert facts["content"] == "as it was registered"
    lines = [
        [cell.strip() for cell in line.replace("┃", "│").split("│")]
        for line in told.out.partition("\n\n")[2].splitlines()
    ]
    assert lines[0] == ["figure", "question-model/2", "question-model/1 (served)", "difference"]
    assert lines[2:] == [
        ["intent_accuracy", "0.9", "0.9", "+0"],
        ["slot_f1", "0.85", "0.8", "+0.05"],
        ["exact_match", "0.7", "0.7", "+0"],
        ["calibration_error", "0.02", "", ""],
    ]


def test_what_was_decided_and_a_change_of_the_files_are_shown(models: Models):
    models("approve", "question-model/1", "--comment", "两跳更好")
    (models.registry.package("question-model/1").model_folder / "model.safetensors").write_text("x")
    shown = models("show", "question-model/1").out
    assert "decision    approved by li at 20" in shown
    assert "UTC: 两跳更好" in shown
    assert "not what was registered as question-model/1 any more" in shown
    assert "difference" not in shown


def test_approving_says_what_is_served(models: Models):
    told = models("approve", "question-model/latest", "--comment", "better")
    assert (told.code, told.out) == (0, "question-model/2: approved by li\nquestion-model/2 is served now\n")
    older = models("approve", "question-model/1").out.splitlines()[1]
    assert older.startswith("question-model/2 stays served, a newer version that is approved; reject it to serve ")
    assert models.registry.approved("question-model").decisions[0].comment == "better"


def test_rejecting_says_what_is_served_then(models: Models):
    for version in ("1", "2"):
        models("approve", f"question-model/{version}")
    told = models("reject", "question-model/2", "--comment", "mistakes counts")
    assert (told.code, told.out) == (0, "question-model/2: rejected by li\nquestion-model/1 is served\n")
    last = models("reject", "question-model/1", "--comment", "so does this").out.splitlines()[1]
    assert last == "no question-model is approved: none is served until you approve one"
    assert models.registry.package("question-model/1").decisions[-1].comment == "so does this"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "question-model/9"), "models has these versions of question-model: 1, 2"),
        (("approve", "questions/1"), "error: ID questions/1: expected GROUP/VERSION, the group one of question-model"),
        (("reject", "question-model/1"), "error: --comment (not set): expected a text"),
        (("reject", "question-model/1", "--comment", " "), "--comment ' ': expected the reason why"),
        (("list", "--registry", "made"), "made: expected a registry of models or a new folder"),
        (("approve", "question-model/1", "--registry", "gone"), "gone has these versions of question-model: none"),
        (("show",), "error: ID (not set): expected a text"),
        (("burn",), "error: COMMAND burn: expected one of approve, list, reject, show"),
    ],
)  # fmt: skip
def test_what_is_asked_wrong_ends_with_2_and_says_what_would_be_right(models: Models, words, message: str):
    told = models(*words)
    assert told.code == 2
    assert message in told.err
    assert "Traceback" not in told.err
    assert {package.status for package in models.registry.packages()} == {"pending"}
    assert not (models.folder / "gone").exists()


def test_where_there_is_none_the_run_that_registers_one_is_told(models: Models):
    told = models("list", "--registry", "new")
    assert told.code == 0
    assert told.out.startswith("no models in new; a run whose model passes its gate registers one: ")
    assert "`ckgqa run question-answering`, `ckgqa run knowledge-graph --raw ...`" in told.out
    assert "`ckgqa run knowledge-graph --raw ...` registers one" in models(
        "show", "extraction-model/latest", "--registry", "new"
    ).err  # fmt: skip
    assert not (models.folder / "new").exists()


def test_a_package_that_cannot_be_read_is_named_and_what_is_below_it_is_not_served(models: Models):
    models("approve", "question-model/1")
    (models.folder / "models" / "question-model" / "2" / "package.json").write_text("{")
    told = models("list")
    assert told.code == 0
    assert "skipped: models/question-model/2/package.json: not JSON" in told.err
    assert "warning: no question-model is served, because a package is damaged: models/question-model/2" in told.err
    shown = models("show", "question-model/1")
    assert shown.code == 0
    assert "warning: no question-model is served, because a package is damaged: models/question-model/2" in shown.err
    assert "served      no question-model" in shown.out
    assert list(models.rows()) == ["question-model/1", "extraction-model/1"]
    assert models.rows()["question-model/1"][-1] == ""
    assert models("approve", "question-model/1").code == 2


def test_changed_files_are_not_approved(models: Models):
    path = models.folder / "models" / "question-model" / "1" / "report" / "report.json"
    path.write_text(json.dumps({"slot_f1": 1.0}))
    told = models("approve", "question-model/1")
    assert told.code == 2
    assert "models/question-model/1/report: not what was registered as question-model/1 any more" in told.err


def test_who_has_no_name_decides_by_his_number(models: Models, monkeypatch: pytest.MonkeyPatch):
    def nameless() -> str:
        raise KeyError(f"getpwuid(): uid not found: {os.getuid()}")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert f"approved by uid {os.getuid()}" in models("approve", "question-model/1").out
