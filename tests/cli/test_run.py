"""`ckgqa run`: exit codes, the run's folder, going on after anything, with the toy pipeline in real processes."""

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from ckgqa.cli.main import main
from ckgqa.execution import run as running
from ckgqa.execution.compilation import compiler as compiling
from tests.cli import toy_cli

DRIVER = Path(__file__).with_name("toy_cli.py")
ADDRESS = "wss://me:secret-word@host:8182/gremlin"
WAIT_S = 120.0
"""Far above what any step takes on a busy machine."""


@dataclass
class Ended:
    returncode: int
    stdout: str
    stderr: str


class Runs:
    """`ckgqa` in a folder of its own; in this process where nothing is to be stopped: kfp takes seconds to import."""

    def __init__(self, folder: Path, capsys):
        self.folder, self.capsys = folder, capsys
        self.raw = folder / "numbers.txt"
        self.raw.write_text("1 2 3")

    def ckgqa(self, *words: str) -> Ended:
        self.capsys.readouterr()
        code = main(words)
        return Ended(code, *self.capsys.readouterr())

    def run(self, *words: str) -> Ended:
        return self.ckgqa("run", "toy", *words, "--target", "process")

    @contextlib.contextmanager
    def slow_run(self):
        """Start a run whose last stage sleeps, in a process of its own, and wait until it sleeps."""
        words = ("run", "toy", "--raw", "numbers.txt", "--behave", "slow", "--target", "process")
        process = subprocess.Popen(
            [sys.executable, str(DRIVER), *words],
            cwd=self.folder,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A shell starts what it puts in the background with Ctrl-C ignored, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 -- no threads here
        )
        deadline = time.monotonic() + WAIT_S
        try:
            while not any("done=1 total=100" in log.read_text() for log in self.folder.glob("runs/*/logs/build.log")):
                assert process.poll() is None, process.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield process
        finally:
            process.kill()
            process.communicate()

    @property
    def last(self) -> Path:
        return max((self.folder / "runs").iterdir())

    @property
    def contents(self) -> dict[str, bytes]:
        """Every file of every run, by its path."""
        files = [path for path in (self.folder / "runs").rglob("*") if path.is_file()]
        return {str(file.relative_to(self.folder)): file.read_bytes() for file in files}

    @property
    def manifest(self) -> dict:
        return json.loads((self.last / "manifest.json").read_text())

    @property
    def states(self) -> dict[str, str]:
        return {name: task["state"] for name, task in self.manifest["tasks"].items()}


@pytest.fixture
def runs(tmp_path, monkeypatch, capsys) -> Runs:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(compiling, "PIPELINES", dict(compiling.PIPELINES))
    monkeypatch.setattr(running, "open_executor", running.open_executor)
    monkeypatch.setattr("ckgqa.cli.run.PIPELINES", compiling.PIPELINES)
    toy_cli.install()
    return Runs(tmp_path, capsys)


def test_a_run_that_passes_its_gate_ends_with_0_and_leaves_its_whole_record(runs):
    done = runs.run("--raw", "numbers.txt", "--factor", "2")
    assert done.returncode == 0, done.stderr
    assert "build: done" in done.stderr
    manifest = runs.manifest
    assert manifest["state"] == "done"
    assert manifest["settings"]["factor"] == 2
    assert manifest["settings"]["min_f1"] == 0.2  # a default
    assert manifest["given"] == {"factor": 2}
    assert manifest["inputs"]["raw"]["sources"] == [str(runs.raw)]
    assert len(manifest["inputs"]["raw"]["hash"]) == 64
    assert manifest["tasks"]["build"]["program"] == "toy"
    assert manifest["seconds"] > 0
    assert len(manifest["commit"].removesuffix("-dirty")) == 40
    assert not (runs.last / "notification").exists()
    report = (runs.last / "report.md").read_text()
    assert "| build | done |" in report
    assert "| setting factor | 2 |" in report
    assert re.search(r"build +│ done +│ +\d", done.stdout)
    assert f"done: runs/{runs.last.name}/report.md" in done.stdout


def test_a_gate_that_is_not_passed_has_an_exit_code_and_a_notification_of_its_own(runs):
    done = runs.run("--raw", "numbers.txt", "--min-f1", "0.25")
    assert done.returncode == 3
    assert "gate not passed" in done.stderr
    assert runs.manifest["state"] == "gate-failed"
    assert runs.states["build"] == "skipped"
    told = (runs.last / "notification" / "notification.txt").read_text()
    assert told == "gate: 0.2 is below 0.25"


@pytest.mark.parametrize(("behave", "code"), [("input", 2), ("service", 75), ("bug", 1)])
def test_a_run_that_breaks_ends_with_the_stages_code_and_notifies(runs, behave, code):
    done = runs.run("--raw", "numbers.txt", "--behave", behave)
    assert done.returncode == code
    assert "error: build: " in done.stderr
    assert f"ckgqa run toy --resume {runs.last.name}" in done.stderr
    assert runs.manifest["state"] == "failed"
    assert "the run" in (runs.last / "notification" / "notification.txt").read_text()
    assert "Traceback" not in done.stderr


def test_going_on_after_it_was_put_right_repeats_only_what_failed(runs):
    runs.run("--raw", "numbers.txt", "--behave", "input")
    done = runs.run("--resume", "last", "--behave", "well")
    assert done.returncode == 0, done.stderr
    assert runs.states == {"raw": "done", "read": "cached", "judge": "cached", "build": "done", "notify": "skipped"}
    assert not (runs.last / "notification").exists()
    assert len(list((runs.folder / "runs").iterdir())) == 1


def test_going_on_sees_a_changed_input_flag_and_program_and_keeps_what_was_given(runs, monkeypatch):
    runs.run("--raw", "numbers.txt", "--factor", "2")
    assert runs.run("--resume", "last").returncode == 0
    assert runs.states["read"] == runs.states["build"] == "cached"
    assert runs.manifest["settings"]["factor"] == 2
    runs.raw.write_text("1 2 4")
    runs.run("--resume", "last")
    assert runs.states["read"] == runs.states["build"] == "done"
    monkeypatch.setenv("TOY_PROGRAM", " changed")
    runs.run("--resume", "last")
    assert runs.states["read"] == runs.states["build"] == "done"
    runs.raw.unlink()
    done = runs.run("--resume", runs.last.name)
    assert done.returncode == 0
    assert runs.states["build"] == "cached"
    assert "the run's own copy is used" in done.stderr


def test_going_on_that_is_refused_leaves_the_run_as_it_was(runs):
    runs.run("--raw", "numbers.txt", "--min-f1", "0.25")
    before = runs.contents
    assert any("notification" in name for name in before)
    refused = [
        ("--set", "wings=2"),
        ("--texts", "gone.json"),
        ("--texts", str(DRIVER)),
        ("--raw", "gone.zip"),
        ("--pipeline", "gone.yaml"),
        ("--pipeline", "numbers.txt"),
        ("--graph-url", "embedded:gone/graph.db"),
    ]
    for words in refused:
        assert runs.run("--resume", "last", "--factor", "3", *words).returncode == 2, words
        assert runs.contents == before, words
    assert not (runs.folder / "gone").exists()


@pytest.mark.parametrize(("behave", "code"), [("well", 0), ("service", 75)])
def test_the_password_of_an_address_reaches_the_stage_and_no_file_of_the_run(runs, behave, code):
    done = runs.run("--raw", "numbers.txt", "--graph-url", ADDRESS, "--behave", behave)
    assert done.returncode == code
    assert f"an address of {len(ADDRESS)} characters" in (runs.last / "logs" / "build.log").read_text()
    assert (runs.last / "notification").exists() == (code != 0)
    assert [name for name, content in runs.contents.items() if b"secret-word" in content] == []
    assert "secret-word" not in done.stdout + done.stderr
    assert runs.manifest["settings"]["graph_url"] == "wss://***@host:8182/gremlin"


def test_going_on_asks_for_a_password_again_which_was_not_kept(runs):
    runs.run("--raw", "numbers.txt", "--graph-url", ADDRESS, "--behave", "input")
    before = runs.contents
    refused = runs.run("--resume", "last", "--behave", "well")
    assert refused.returncode == 2
    assert "runs store no passwords, so --resume needs --graph-url again" in refused.stderr
    assert runs.contents == before
    assert runs.run("--resume", "last", "--behave", "well", "--graph-url", ADDRESS).returncode == 0
    assert runs.states["read"] == "cached"
    assert (runs.last / "logs" / "build.log").read_text().count(f"an address of {len(ADDRESS)} characters") == 2
    assert runs.run("--resume", "last", "--graph-url", "").returncode == 0  # a graph of its own, and nothing to keep
    assert runs.run("--resume", "last").returncode == 0


def test_a_password_in_an_edited_pipeline_is_refused_before_it_is_copied(runs):
    runs.ckgqa("compile", "toy", "-o", "toy.yaml")
    text = (runs.folder / "toy.yaml").read_text().replace("'{{$.inputs.parameters[''url'']}}'", f"'{ADDRESS}'")
    assert ADDRESS in text
    (runs.folder / "edited.yaml").write_text(text)
    done = runs.run("--raw", "numbers.txt", "--pipeline", "edited.yaml")
    assert done.returncode == 2
    assert "an address in it has a password, which runs do not store" in done.stderr
    assert runs.contents == {}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stage_that_somebody_else_stops_interrupts_the_run(runs, number, code):
    with runs.slow_run() as process:
        _signal_stage(runs.folder, number)
        _, err = process.communicate(timeout=WAIT_S)
    assert process.returncode == code
    assert "interrupted: build: stopped from outside" in err
    assert f"Continue with: ckgqa run toy --resume {runs.last.name}" in err
    assert (runs.manifest["state"], runs.states["build"]) == ("interrupted", "interrupted")
    assert runs.manifest["tasks"]["build"]["attempts"] == 1
    assert not (runs.last / "notification").exists()
    assert runs.run("--resume", "last").returncode == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_stops_its_stage_says_how_to_go_on_and_goes_on_from_its_checkpoint(runs, number, code):
    with runs.slow_run() as process:
        process.send_signal(number)
        _, err = process.communicate(timeout=WAIT_S)
    assert process.returncode == code
    assert f"Continue with: ckgqa run toy --resume {runs.last.name}" in err
    assert runs.manifest["state"] == "interrupted"
    assert runs.states["build"] == "interrupted"
    assert "terminated" in (runs.last / "logs" / "build.log").read_text()  # the stage heard of it
    assert not list(runs.last.glob("tasks/build/*/*"))  # and left nothing half-written
    done = runs.run("--resume", "last")
    assert done.returncode == 0, done.stderr
    assert runs.states["read"] == "cached"
    total = next(runs.last.glob("tasks/build/*/total/total.txt")).read_text()
    assert total == "6.0 again"  # it found its checkpoint


def test_a_run_that_is_going_on_is_not_gone_on_with(runs):
    with runs.slow_run():
        second = runs.run("--resume", "last")
        listed = runs.ckgqa("runs", "list")
        cleaned = runs.ckgqa("runs", "clean", "--keep", "0", "--yes")
    _kill_stage(runs.folder)
    assert second.returncode == 75
    assert "this run is still going on" in second.stderr
    assert "running" in listed.stdout
    assert "nothing to delete" in cleaned.stdout


def test_what_outlives_a_killed_run_keeps_it_locked(runs):
    with runs.slow_run() as process:
        process.kill()
        process.wait()
        try:
            assert "still going on" in runs.run("--resume", "last").stderr
        finally:
            _kill_stage(runs.folder)
    assert "killed" in runs.ckgqa("runs", "list").stdout
    assert runs.run("--resume", "last").returncode == 0


def _kill_stage(folder: Path) -> None:
    _signal_stage(folder, signal.SIGKILL)
    time.sleep(0.5)


def _signal_stage(folder: Path, number: int) -> None:
    """Send a signal to the stage that runs below this folder, found by its arguments."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (entry / "cmdline").exists():
            words = (entry / "cmdline").read_bytes()
            if b"ckgqa_toy" in words and str(folder).encode() in words:
                os.kill(int(entry.name), number)


def test_an_edited_pipeline_is_executed_and_gone_on_with(runs):
    assert runs.ckgqa("compile", "toy", "-o", "toy.yaml").returncode == 0
    text = (runs.folder / "toy.yaml").read_text()
    (runs.folder / "edited.yaml").write_text(text.replace("'{{$.inputs.parameters[''factor'']}}'", "'10'"))
    runs.run("--raw", "numbers.txt", "--pipeline", "edited.yaml")
    assert next(runs.last.glob("tasks/build/*/total/total.txt")).read_text() == "60.0 first"
    runs.run("--resume", "last")
    assert runs.states["build"] == "cached"


def test_any_parameter_can_be_set(runs):
    done = runs.run("--raw", "numbers.txt", "--set", "factor=3")
    assert done.returncode == 0
    assert runs.manifest["given"] == {"factor": 3}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--raw", "gone.zip"), "--raw gone.zip: expected an existing zip file or folder"),
        ((), "no input: expected one of --raw"),
        (("--resume", "gone"), "--resume gone: expected a run in"),
        (("--raw", "numbers.txt", "--set", "wings=2"), "--set wings: expected a parameter of the pipeline: behave"),
        (("--raw", "numbers.txt", "--set", "factor=two"), "--set factor=two: expected an integer"),
        (
            ("--raw", "numbers.txt", "--set", "raw_uri=/x"),
            "another parameter; --raw sets this input",
        ),
        (("--raw", "."), ".: expected a folder without the folder of the runs in it"),
        (("--raw", "numbers.txt", "--set", "factor"), "--set factor: expected TASK.NAME=VALUE"),
        (("--raw", "numbers.txt", "--texts", "gone.json"), "gone.json: there is no such file or folder of texts"),
        (("--raw", "numbers.txt", "--texts", str(DRIVER)), "expected one of .jsonl, .json, .txt"),
        (
            ("--raw", "numbers.txt", "--graph-url", "embedded:gone.db"),
            "gone.db: expected an existing graph file",
        ),
        (("--raw", "numbers.txt", "--pipeline", "gone.yaml"), "gone.yaml: there is no such file"),
        (("--raw", "numbers.txt", "--min-f1", "nan"), "--min-f1 nan: expected a number of at least 0 and of at most 1"),
        (("--raw", "numbers.txt", "--factor", "two"), "error: --factor two: expected an integer\n"),
        (("--raw", "numbers.txt", "--wings"), "error: --wings: expected a flag of ckgqa run toy; --help lists them"),
    ],
)
def test_what_is_given_wrong_ends_with_2_and_one_line_that_says_what_would_be_right(runs, words, message):
    done = runs.run(*words)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_new_run_that_cannot_begin_leaves_nothing(runs):
    runs.run("--raw", "numbers.txt", "--texts", "gone.json")
    assert not list((runs.folder / "runs").iterdir())


def test_docker_asked_for_and_absent_is_said_with_what_would_be_right(runs, monkeypatch):
    monkeypatch.undo()
    monkeypatch.chdir(runs.folder)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    done = runs.ckgqa("run", "knowledge-graph", "--raw", "numbers.txt", "--target", "docker")
    assert done.returncode == 75
    assert "Docker was asked for and does not answer" in done.stderr
    assert "plain processes" in done.stderr
    assert not list((runs.folder / "runs").iterdir())


def test_without_an_engine_processes_are_the_default_way(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    assert running.default_executor() == "process"


def test_texts_are_copied_under_their_names_which_are_in_the_sentences_ids(runs):
    (runs.folder / "more").mkdir()
    (runs.folder / "more" / "a.jsonl").write_text('{"text": "甲"}\n')
    (runs.folder / "b.json").write_text('{"text": "乙"}\n')
    runs.run("--raw", "numbers.txt", "--texts", "more", "--texts", "b.json")
    assert sorted(file.name for file in (runs.last / "inputs" / "texts").iterdir()) == ["a.jsonl", "b.json"]
    (runs.folder / "more" / "b.json").write_text("{}\n")
    done = runs.run("--raw", "numbers.txt", "--texts", "more", "--texts", "b.json")
    assert done.returncode == 2
    assert "--texts b.json: expected one file of this name" in done.stderr


def test_runs_are_listed_shown_and_cleaned(runs, monkeypatch):
    assert runs.ckgqa("runs", "list").returncode == 2  # nothing there yet
    runs.run("--raw", "numbers.txt")
    first = runs.last
    runs.run("--raw", "numbers.txt", "--min-f1", "0.9")
    listed = runs.ckgqa("runs", "list").stdout
    assert "done" in listed
    assert "gate-failed" in listed
    assert runs.ckgqa("runs", "show", first.name).stdout.startswith(f"# Run {first.name} of toy")
    assert "gate" in runs.ckgqa("runs", "show").stdout
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert "nothing was deleted" in runs.ckgqa("runs", "clean", "--keep", "1").stdout
    assert first.exists()
    assert runs.ckgqa("runs", "clean", "--keep", "1", "--yes").returncode == 0
    assert not first.exists()
    assert runs.last.exists()
    assert "nothing to delete" in runs.ckgqa("runs", "clean", "--keep", "1").stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"format": "ckgqa/run", "format_version": 99}', "not the record of a run that this version reads"),
        (
            '{"format": "ckgqa/run", "format_version": 1, "tasks": {}}',
            "expected the complete record of a run (KeyError",
        ),
    ],
)
def test_a_record_that_cannot_be_read_is_named_and_the_others_are_listed(runs, content, message):
    runs.run("--raw", "numbers.txt")
    (runs.folder / "runs" / "0").mkdir()
    (runs.folder / "runs" / "0" / "manifest.json").write_text(content)
    listed = runs.ckgqa("runs", "list")
    assert (listed.returncode, "done" in listed.stdout) == (0, True)
    assert message in listed.stderr
    assert runs.ckgqa("runs", "clean", "--keep", "0", "--yes").returncode == 0
    assert [run.name for run in (runs.folder / "runs").iterdir()] == ["0"]


def test_texts_of_which_some_are_gone_have_to_be_given_again(runs):
    for name in ("a.jsonl", "b.jsonl"):
        (runs.folder / name).write_text('{"text": "甲"}\n')
    runs.run("--raw", "numbers.txt", "--texts", "a.jsonl", "--texts", "b.jsonl")
    (runs.folder / "a.jsonl").unlink()
    done = runs.run("--resume", "last")
    assert done.returncode == 2
    assert "a.jsonl: expected all sources of the earlier run; set the flag again" in done.stderr
    (runs.folder / "b.jsonl").unlink()
    assert runs.run("--resume", "last").returncode == 0  # with the run's own copies


def test_help_names_the_commands_and_exit_codes(runs):
    assert "knowledge-graph" in runs.ckgqa("run", "--help").stdout
    told = runs.ckgqa("run", "toy", "--help").stdout
    assert "--min-f1 FLOAT" in told
    assert "3 the model did not pass the gate" in told
    assert "[default: 0.2]" in told
    real = " ".join(runs.ckgqa("run", "knowledge-graph", "--help").stdout.split())
    assert "empty registers it nowhere. [default: models]" in real


def test_a_setting_of_a_task_changes_it_alone_stands_in_the_record_and_survives_resume(runs):
    assert runs.run("--raw", "numbers.txt", "--factor", "2").returncode == 0
    before = runs.manifest["tasks"]
    done = runs.run("--resume", "last", "--set", "read.factor=3")
    assert done.returncode == 0, done.stderr
    assert runs.manifest["task_settings"] == {"read.factor": 3}
    assert runs.manifest["settings"]["factor"] == 2
    assert "| setting read.factor | 3 |" in (runs.last / "report.md").read_text()
    after = runs.manifest["tasks"]
    assert (runs.states["read"], runs.states["build"]) == ("done", "done")
    assert after["read"]["key"] != before["read"]["key"]
    assert "read.factor" not in (runs.last / "pipeline.yaml").read_text()
    assert runs.run("--resume", "last").returncode == 0
    assert (runs.states["read"], runs.states["build"]) == ("cached", "cached")
    assert runs.manifest["task_settings"] == {"read.factor": 3}
    assert runs.run("--resume", "last", "--set", "read.factor=2").returncode == 0
    assert runs.manifest["tasks"]["read"]["key"] == before["read"]["key"]


def test_a_setting_of_a_task_holds_in_an_edited_pipeline_too(runs):
    assert runs.ckgqa("compile", "toy", "-o", "edited.yaml", "--set", "read.factor=5").returncode == 0
    done = runs.run("--raw", "numbers.txt", "--pipeline", "edited.yaml", "--set", "build.behave=well")
    assert done.returncode == 0, done.stderr
    assert (
        "'5'" in (runs.last / "logs" / "read.log").read_text() or "5" in (runs.last / "logs" / "read.log").read_text()
    )
    assert runs.run("--resume", "last").returncode == 0
    assert runs.states["read"] == "cached"


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("red.factor=3", "did you mean read?"),
        ("read.factor=x", "--set read.factor=x: expected an integer"),
        ("build.url=ws://host", "another setting, since --graph-url sets the address of the graph"),
        (f"build.behave={ADDRESS}", "an address in it has a password, which runs do not store"),
    ],
)
def test_a_wrong_setting_of_a_task_ends_with_2_and_leaves_no_run(runs, assignment, message):
    done = runs.run("--raw", "numbers.txt", "--set", assignment)
    assert done.returncode == 2
    assert message in done.stderr
    assert "secret-word" not in done.stderr
    assert not list((runs.folder / "runs").iterdir())


def test_the_settings_of_every_task_are_listed(runs):
    listed = runs.ckgqa("run", "toy", "--help-all")
    assert listed.returncode == 0
    assert re.search(r"read\.factor INTEGER +\.? *.*\[default: --factor\]", listed.stdout)
    assert "build.url" not in listed.stdout


def test_the_numbers_of_a_pipeline_are_checked_before_anything_runs(runs):
    done = runs.ckgqa("run", "knowledge-graph", "--raw", "numbers.txt", "--epochs", "0", "--target", "process")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: --epochs 0: expected an integer of at least 1\n"
    assert not list((runs.folder / "runs").glob("*"))


def test_a_pipeline_that_reads_a_model_takes_the_registry(runs):
    words = ("--texts", "numbers.txt", "--model", "extraction-model/1", "--registry", "elsewhere")
    done = runs.ckgqa("run", "add-texts", *words, "--target", "process")
    assert done.returncode == 2
    assert "ID extraction-model/1: expected GROUP/VERSION; elsewhere has these versions" in done.stderr
