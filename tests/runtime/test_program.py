"""A stage's command line: flags from the dataclass, exit codes of ckgqa.runtime.errors, one line for each error."""

import errno
import inspect
import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import pytest
from annotated_types import Ge, Gt, Le, MultipleOf

from ckgqa.runtime import sagemaker_env
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.program import Command, main
from ckgqa.runtime.settings import CheckedSettings, InputPath, OutputPath, OutputValue, flags_of, plain_settings


@dataclass(frozen=True)
class Settings(CheckedSettings):
    raw: InputPath
    """What is read."""
    model: OutputPath
    """What is written."""
    rounds: Annotated[int, Ge(1)] = 3
    """How often, in rounds;
    100 % of them count."""
    share: Annotated[float, Gt(0), Le(1)] = 0.5
    """How much."""
    width: Annotated[int, MultipleOf(2)] = 2
    """How wide."""
    bold: bool = True
    """Whether to dare."""
    mode: Literal["fast", "slow"] = "fast"
    """How."""
    f1: OutputValue | None = None
    """Receives the F1."""
    checkpoint_dir: Path | None = None
    """Where checkpoints outlive the process."""


def run(argv: list[str], work) -> int:
    return main("demo", "A demonstration.", [Command("go", Settings, work)], argv)


def call(tmp_path: Path, *more: str, work=lambda settings: None) -> int:
    return run(["go", "--raw", str(tmp_path), "--model", str(tmp_path / "model"), *more], work)


def test_fields_become_flags_with_their_kinds_choices_and_texts() -> None:
    flags = {flag.name: flag for flag in flags_of(Settings)}
    assert [flag.option for flag in flags.values()][:3] == ["--raw", "--model", "--rounds"]
    assert (flags["raw"].kind, flags["model"].kind, flags["f1"].kind, flags["bold"].kind) == (
        "input",
        "output",
        "value",
        "setting",
    )
    assert flags["rounds"].help == "How often, in rounds; 100 % of them count."
    assert flags["mode"].choices == ("fast", "slow")
    assert flags["raw"].required
    assert not flags["f1"].required


def test_settings_arrive_typed_and_booleans_in_either_spelling(tmp_path: Path) -> None:
    seen: list[Settings] = []
    assert call(tmp_path, "--rounds", "7", "--bold", "False", "--mode", "slow", work=seen.append) == 0
    assert (seen[0].rounds, seen[0].bold, seen[0].mode, seen[0].raw) == (7, False, "slow", tmp_path)
    assert plain_settings(seen[0]) == {"rounds": 7, "share": 0.5, "width": 2, "bold": False, "mode": "slow"}


@pytest.mark.parametrize("unknown", [["--colour", "red"], ["--round", "7"]])
def test_an_unknown_flag_stops_the_program(tmp_path: Path, capsys, unknown: list[str]) -> None:
    assert call(tmp_path, *unknown) == 2
    assert f"error: {unknown[0]}: expected a flag of go; --help lists them\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "refused"),
    [
        ([], "COMMAND (not set): expected one of go"),
        (["come"], "COMMAND come: expected one of go"),
        (["go", "--model", "m"], "--raw (not set): expected a path"),
        (["go", "--raw=r"], "--model (not set): expected a path"),
    ],
)
def test_a_missing_command_or_flag_is_refused_in_the_same_form(capsys, argv: list[str], refused: str) -> None:
    assert run(argv, print) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(f"error: {refused}")


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        (["--bold", "maybe"], "--bold maybe: expected true or false"),
        (["--mode", "odd"], "--mode odd: expected one of fast, slow"),
        (["--rounds", "many"], "--rounds many: expected an integer of at least 1"),
        (["--rounds", "0"], "--rounds 0: expected an integer of at least 1"),
        (["--share", "nan"], "--share nan: expected a number above 0 and of at most 1"),
        (["--share", "0"], "--share 0.0: expected a number above 0 and of at most 1"),
        (["--width", "7"], "--width 7: expected an integer, a multiple of 2"),
    ],
)
def test_every_refusal_of_a_value_has_one_form(tmp_path: Path, capsys, typed: list[str], refused: str) -> None:
    assert call(tmp_path, *typed) == 2
    assert f"error: {refused}\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("train.jsonl line 7: no text"), 2),
        (ServiceError("throttled"), 75),
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), 75),
        (OSError(errno.EACCES, "Permission denied", "/data/x"), 2),
        (OSError(errno.EROFS, "Read-only file system", "/data/x"), 2),
        (OSError(errno.EIO, "Input/output error", "/data/x"), 1),
        (MemoryError(), 75),
        (ValueError("a bug"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_each_error_has_its_exit_code_and_reason(tmp_path: Path, capsys, error: BaseException, code: int) -> None:
    def fail(settings: Settings) -> None:
        raise error

    assert call(tmp_path, work=fail) == code
    shown = capsys.readouterr().err
    assert ("Traceback" in shown) == (code == 1)
    if isinstance(error, InputError):
        assert "error: train.jsonl line 7: no text" in shown


def test_the_log_keeps_credentials_out(tmp_path: Path, capsys) -> None:
    @dataclass(frozen=True)
    class Secret:
        url: str
        api_token: str

    command = Command("go", Secret, lambda settings: None)
    assert main("demo", "", [command], ["go", "--url", "ws://me:pass@host:8182/g", "--api-token", "abc"]) == 0
    shown = capsys.readouterr().err
    assert "url=ws://***@host:8182/g api_token=***" in shown.replace("'", "")


def test_nonsense_is_refused_when_the_settings_are_made(tmp_path: Path, capsys) -> None:
    assert call(tmp_path, "--rounds", "0") == 2
    assert "--rounds 0: expected an integer of at least 1" in capsys.readouterr().err


def test_an_input_that_is_not_there_is_named(tmp_path: Path, capsys) -> None:
    assert run(["go", "--raw", str(tmp_path / "no.zip"), "--model", "m"], lambda settings: None) == 2
    assert f"--raw {tmp_path / 'no.zip'}: expected an existing file or folder" in capsys.readouterr().err


def test_sigterm_unwinds_and_ends_with_143(tmp_path: Path) -> None:
    cleaned: list[bool] = []

    def wait(settings: Settings) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        finally:
            cleaned.append(True)

    assert call(tmp_path, work=wait) == 143
    assert cleaned == [True]


def test_the_runner_names_the_checkpoints_folder_unless_one_is_typed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv(sagemaker_env.CHECKPOINT_VARIABLE, str(tmp_path / "kept"))
    seen: list[Settings] = []
    call(tmp_path, work=seen.append)
    call(tmp_path, "--checkpoint-dir", "/typed", work=seen.append)
    call(tmp_path, "--checkpoint-dir", "", work=seen.append)  # as a pipeline hands on a setting that was not given
    assert [settings.checkpoint_dir for settings in seen] == [tmp_path / "kept", Path("/typed"), tmp_path / "kept"]


def test_a_sagemaker_training_job_needs_no_flags(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "input" / "config").mkdir(parents=True)
    (tmp_path / "input" / "data" / "raw").mkdir(parents=True)
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "output").mkdir()
    hyperparameters = {"rounds": "9", "bold": "false", "sagemaker_region": "eu-west-1"}
    (tmp_path / "input" / "config" / "hyperparameters.json").write_text(json.dumps(hyperparameters))
    monkeypatch.setattr(sagemaker_env.implied_arguments, "__defaults__", (tmp_path,))
    monkeypatch.setattr(sagemaker_env.write_failure, "__defaults__", (tmp_path,))
    seen: list[Settings] = []
    assert run(["go"], seen.append) == 0
    assert seen == [
        Settings(
            raw=tmp_path / "input" / "data" / "raw",
            model=tmp_path / "model",
            rounds=9,
            bold=False,
            f1=tmp_path / "output" / "data" / "f1",
            checkpoint_dir=tmp_path / "checkpoints",
        )
    ]
    assert run(["go", "--rounds", "0"], seen.append) == 2
    assert "expected an integer of at least 1" in (tmp_path / "output" / "failure").read_text()


@dataclass(frozen=True)
class ServiceSettings:
    model: InputPath
    """What is served."""
    max_batch: int = 32
    """How many at once."""


def serve(argv: list[str], work) -> int:
    return main("demo", "A demonstration.", [Command("serve", ServiceSettings, work, service=True)], argv)


def test_a_service_finds_its_model_and_takes_settings_from_the_environment(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "input" / "config").mkdir(parents=True)  # a training job's; no business of a service
    monkeypatch.setattr(sagemaker_env.service_arguments, "__defaults__", (tmp_path,))
    monkeypatch.setenv("CKGQA_SERVE_MAX_BATCH", "8")
    seen: list[ServiceSettings] = []
    assert serve(["serve"], seen.append) == 0
    assert serve(["serve", "--max-batch", "4", "--model", str(tmp_path)], seen.append) == 0
    assert seen == [ServiceSettings(tmp_path / "model", 8), ServiceSettings(tmp_path, 4)]


def test_a_variable_that_names_no_setting_stops_the_service(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("CKGQA_SERVE_BATCH", "8")
    assert serve(["serve", "--model", str(tmp_path)], print) == 2
    assert "CKGQA_SERVE_BATCH: `serve` has no setting 'batch'; it has max_batch, model" in capsys.readouterr().err


def test_checking_the_values_reads_no_source(monkeypatch) -> None:
    monkeypatch.setattr(inspect, "getsource", lambda _: pytest.fail("only the help needs the texts under the fields"))
    settings = Settings(raw=Path("r"), model=Path("m"))
    assert plain_settings(settings)["rounds"] == 3
    with pytest.raises(InputError, match="--rounds 0: expected an integer of at least 1"):
        Settings(raw=Path("r"), model=Path("m"), rounds=0)
