"""`ckgqa localaws`: the words and the exit codes, with a stand-in for the server."""

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ckgqa.cli import localaws as module
from ckgqa.cli.localaws import image_table
from ckgqa.cli.main import main
from ckgqa.localaws import stop as stop_module
from ckgqa.localaws.environment import ServerProgram
from ckgqa.localaws.instances import default_state, read_instance
from ckgqa.localaws.processes import end_processes
from ckgqa.localaws.server_settings import read_settings
from ckgqa.runtime.errors import InputError

STAND_IN = Path(__file__).parents[1] / "localaws" / "stand_in.py"


@pytest.fixture(autouse=True)
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A free port and a cache of its own; a server that still runs is ended."""
    monkeypatch.setenv("CKGQA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(stop_module, "remove_leftovers", lambda _instance, *, needed: [])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        free = int(listening.getsockname()[1])
    play(monkeypatch)
    yield free
    instance = read_instance(free)
    process = instance and instance.process()
    end_processes([process] if process else [], 0.1)


def play(monkeypatch: pytest.MonkeyPatch, *behaviour: str) -> None:
    """Let the stand-in behave in a way."""
    program = ServerProgram((sys.executable, str(STAND_IN), *behaviour), Path("/models"))
    monkeypatch.setattr(module, "installed_program", lambda: program)


def localaws(command: str, port: int, *words: str) -> int:
    return main(["localaws", command, "--port", str(port), *words])


def test_it_is_started_looked_at_used_and_stopped(port, capsys):
    assert localaws("up", port) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        f"localaws runs at http://127.0.0.1:{port}\nIts log: {default_state(port)}/logs/localaws.log\n\n"
    )
    for command in (f'eval "$(ckgqa localaws env --port {port})"', f"ckgqa localaws down --port {port}"):
        assert command in out
    assert max(map(len, out.splitlines()[2:])) <= 80
    assert localaws("up", port) == 0
    assert capsys.readouterr().out.startswith(f"localaws already runs at http://127.0.0.1:{port}\n")
    assert localaws("status", port) == 0
    out = capsys.readouterr().out
    assert f"localaws runs at http://127.0.0.1:{port} since 20" in out
    assert out.splitlines()[1:] == [
        f"state     {default_state(port)}",
        f"log       {default_state(port)}/logs/localaws.log",
        "docker    20.10.24",
        f"registry  127.0.0.1:{port}",
        "jobs      1 InProgress, 2 Completed",
        "running   training-job/first",
    ]
    assert localaws("env", port) == 0
    out = capsys.readouterr().out
    assert f"export AWS_ENDPOINT_URL=http://127.0.0.1:{port}\n" in out
    assert f"export AWS_SECRET_ACCESS_KEY={read_settings(default_state(port)).secret_key}\n" in out
    assert localaws("down", port) == 0
    out = capsys.readouterr().out
    assert out == f"Stopped localaws on port {port}.\nDeleted its state: {default_state(port)}\n"


def test_each_flag_is_a_setting(port, tmp_path):
    flags = {
        "--region": "cn-north-1", "--account": "123456789012", "--period-divisor": "60", "--image": "gpu:*=cpu",
        "--spot-interruptions": "2", "--spot-interruption-after": "1.5", "--proxy-image": "x",
        "--state": str(tmp_path / "state"),
    }  # fmt: skip
    words = [word for pair in flags.items() for word in pair]
    assert localaws("up", port, *words, "--image", "a=b", "--no-auth") == 0
    made = read_settings(tmp_path / "state")
    assert (made.port, made.region, made.account, made.auth) == (port, "cn-north-1", "123456789012", False)
    assert (made.period_divisor, made.images) == (60.0, {"gpu:*": "cpu", "a": "b"})
    assert (made.spot_interruptions, made.spot_interruption_after_s, made.proxy_image) == (2, 1.5, "x")


def test_when_it_does_not_run_each_command_says_so(port, capsys):
    assert localaws("status", port) == 75
    assert capsys.readouterr().out == f"localaws does not run on port {port}\n"
    assert localaws("status", port, "--json") == 75
    assert json.loads(capsys.readouterr().out)["running"] is False
    assert localaws("env", port) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), err[:7]) == ("", 1, "error: ")
    assert localaws("down", port) == 0
    assert capsys.readouterr().out == f"localaws does not run on port {port}.\n"
    assert main(["localaws", "down", "--all"]) == 0
    assert capsys.readouterr().out == "localaws does not run\n"


@pytest.mark.parametrize("code", [1, 2, 75])
def test_a_server_that_does_not_start_gives_its_code_and_its_line(monkeypatch, port, capsys, code):
    play(monkeypatch, "exit", str(code), "no Docker")
    assert localaws("up", port) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"error: localaws does not start: no Docker (its log: {default_state(port)}/logs/localaws.log)\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--image", "a"], "--image a: expected FROM=TO, with each FROM once"),
        (["--image", "a=b", "--image", "a=c"], "--image a=c: expected FROM=TO, with each FROM once"),
        (["--period-divisor", "0.5"], "--period-divisor 0.5: expected a number of at least 1"),
        (["--region", "moon"], "--region moon: expected a region such as us-east-1"),
        (["--account", "1"], "account '1': expected 12 digits"),
    ],
)
def test_nonsense_is_one_line(port, capsys, words, line):
    assert localaws("up", port, *words) == 2
    assert capsys.readouterr().err == f"error: {line}\n"


def test_with_other_settings_it_says_which_and_goes_on(port, capsys):
    localaws("up", port)
    capsys.readouterr()
    assert localaws("up", port, "--region", "eu-west-1") == 2
    err = capsys.readouterr().err
    assert f"localaws runs on port {port} with region=us-east-1, not eu-west-1; stop it first: " in err
    assert read_instance(port).process() is not None


def test_a_docker_engine_that_is_gone_is_shown(monkeypatch, port, capsys):
    play(monkeypatch, "undocked")
    localaws("up", port)
    capsys.readouterr()
    assert localaws("status", port) == 0
    assert "docker    does not answer\n" in capsys.readouterr().out


def test_a_server_that_does_not_answer_is_told_from_one_that_does_not_run(monkeypatch, port, capsys):
    localaws("up", port)
    capsys.readouterr()
    monkeypatch.setattr(module, "ask_status", lambda _port: None)
    assert localaws("status", port) == 75
    assert f"is process {read_instance(port).pid}, but does not answer; its log: " in capsys.readouterr().out


def test_a_server_that_was_killed_is_told_from_one_that_never_ran(port, capsys):
    localaws("up", port)
    end_processes([read_instance(port).process()], 0)
    capsys.readouterr()
    assert localaws("status", port) == 75
    assert capsys.readouterr().out.startswith(f"localaws on port {port} ended without cleaning up; ")
    assert localaws("env", port) == 2
    assert capsys.readouterr().out == ""


def test_status_as_json(port, capsys):
    localaws("up", port)
    capsys.readouterr()
    assert localaws("status", port, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["running"], found["port"], found["pid"]) == (True, port, read_instance(port).pid)
    assert found["status"]["jobs"] == {"InProgress": 1, "Completed": 2}


def test_a_state_folder_names_its_port(port, tmp_path, capsys):
    localaws("up", port, "--state", str(tmp_path / "state"))
    capsys.readouterr()
    assert main(["localaws", "down", "--state", str(tmp_path / "state"), "--keep-state"]) == 0
    assert capsys.readouterr().out == f"Stopped localaws on port {port}.\nKept its state: {tmp_path / 'state'}\n"
    assert main(["localaws", "down", "--state", str(tmp_path)]) == 2
    assert main(["localaws", "down", "--state", str(tmp_path), "--all"]) == 2


def test_all_are_stopped(port, capsys):
    localaws("up", port)
    capsys.readouterr()
    assert main(["localaws", "down", "--all"]) == 0
    assert capsys.readouterr().out.startswith(f"Stopped localaws on port {port}.\n")
    assert read_instance(port) is None


def test_a_server_that_ends_in_the_foreground_ends_the_command(monkeypatch, port, capfd):
    play(monkeypatch, "dies")
    assert localaws("up", port, "--foreground") == 75
    out, err = capfd.readouterr()
    assert out == f"localaws runs at http://127.0.0.1:{port}\n"
    assert err == "INFO the stand-in starts\nerror: localaws ended, see above\n"


@pytest.mark.parametrize("words", [["a"], ["=b"], ["a="], ["a=b", "a=c"]])
def test_an_image_is_replaced_by_one_other(words):
    with pytest.raises(InputError):
        image_table(words)


def test_images_with_tags_and_digests_are_names():
    assert image_table(["r:5000/a@sha256:1=b:2", "*=c"]) == {"r:5000/a@sha256:1": "b:2", "*": "c"}
