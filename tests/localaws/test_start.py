"""A server is started once and found again, and whatever keeps it from running is one clear error."""

import json
import signal
import socket
import threading
from pathlib import Path

import psutil
import pytest

from ckgqa.localaws.instances import Instance, default_state, log_file, one_at_a_time, read_instance
from ckgqa.localaws.server_settings import read_settings
from ckgqa.localaws.start import start, wait_for_end
from ckgqa.runtime.errors import InputError, ServiceError, StageError


def never() -> None:
    raise AssertionError("nothing is to be started")


def kill(instance: Instance) -> None:
    process = instance.process()
    process.kill()
    process.wait()


def interrupt_after(seconds: float) -> None:
    """Press Ctrl-C."""
    threading.Timer(seconds, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT]).start()


def test_it_runs_in_the_background_in_a_session_of_its_own(choices, stand_in):
    port = choices["port"]
    started = start(None, choices, stand_in("slow"))
    assert started.instance == read_instance(port)
    process = started.instance.process()
    assert process is not None
    assert (process.pid, Path(started.instance.state)) == (started.process.pid, default_state(port))
    settings = read_settings(default_state(port))
    assert (settings.port, settings.models, settings.state) == (port, "/models", str(default_state(port)))
    assert (default_state(port) / "configuration.json").stat().st_mode & 0o777 == 0o600
    assert default_state(port).stat().st_mode & 0o777 == 0o700
    assert process.cmdline()[-1] == str(default_state(port) / "configuration.json")
    assert "the stand-in starts" in log_file(default_state(port)).read_text()


def test_its_environment_has_its_own_sources_alone(choices, stand_in, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PYTHONHOME", "")
    environment = start(None, choices, stand_in()).instance.process().environ()
    assert environment["PYTHONPATH"].endswith("localaws/src")
    assert "PYTHONHOME" not in environment


def test_the_root_key_has_the_form_of_aws_and_stays(choices, stand_in, no_docker):
    state = default_state(choices["port"])
    start(None, choices, stand_in())
    first = read_settings(state)
    kill(read_instance(choices["port"]))
    start(None, choices, stand_in())
    second = read_settings(state)
    assert (first.access_key, first.secret_key) == (second.access_key, second.secret_key)
    assert len(first.access_key) == 20
    assert first.access_key.startswith("AKIA")
    assert set(first.access_key[4:]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    assert len(first.secret_key) == 40


def test_two_states_have_two_keys(tmp_path, choices, stand_in):
    start(tmp_path / "one", choices, stand_in())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        other = listening.getsockname()[1]
    start(tmp_path / "two", {**choices, "port": other}, stand_in())
    assert read_settings(tmp_path / "one").secret_key != read_settings(tmp_path / "two").secret_key


def test_with_the_same_settings_it_runs_already(choices, stand_in):
    first = start(None, choices, stand_in())
    again = start(None, choices, never)
    assert (again.instance, again.process) == (first.instance, None)


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("region", "eu-west-1", "region=us-east-1, not eu-west-1"),
        ("account", "123456789012", "account=000000000000, not 123456789012"),
        ("auth", False, "auth=True, not False"),
        ("period_divisor", 60.0, "period_divisor=1.0, not 60.0"),
        ("images", {"a": "b"}, "images={}, not {'a': 'b'}"),
        ("spot_interruptions", 2, "spot_interruptions=0, not 2"),
        ("spot_interruption_after_s", 1.0, "spot_interruption_after_s=30.0, not 1.0"),
        ("proxy_image", "x", "proxy_image=python:3.11-slim-bookworm, not x"),
    ],
)
def test_with_other_settings_the_difference_is_named(choices, stand_in, name, value, named):
    start(None, choices, stand_in())
    with pytest.raises(InputError) as raised:
        start(None, {**choices, name: value}, never)
    assert named in str(raised.value)
    assert "\n" not in str(raised.value)


def test_another_state_folder_is_a_difference_too(tmp_path, choices, stand_in):
    start(tmp_path / "one", choices, stand_in())
    start(None, choices, never)  # no folder named: the one that it has
    with pytest.raises(InputError, match=r"state=.*one, not .*two"):
        start(tmp_path / "two", choices, never)


@pytest.mark.parametrize(
    ("name", "value"),
    [("region", "moon"), ("account", "1"), ("period_divisor", float("nan"))],
)
def test_nonsense_is_refused_before_anything_is_done(cache, choices, name, value):
    with pytest.raises(InputError, match=name.replace("_", ".")):
        start(None, {**choices, name: value}, never)
    assert not cache.exists()


def test_a_taken_port_is_a_matter_of_the_machine(choices):
    with (
        socket.create_server(("127.0.0.1", choices["port"])),
        pytest.raises(ServiceError, match="is taken by another p"),
    ):
        start(None, choices, never)


def test_a_server_of_another_user_is_recognized(choices, stand_in, monkeypatch, tmp_path):
    start(None, choices, stand_in())
    with monkeypatch.context() as other:
        other.setenv("CKGQA_CACHE", str(tmp_path / "other"))
        with pytest.raises(ServiceError, match="is taken by another localaws"):
            start(None, choices, never)


def test_a_folder_with_other_things_is_no_state_folder(tmp_path, choices):
    (tmp_path / "precious").touch()
    with pytest.raises(InputError, match="expected a state folder"):
        start(tmp_path, choices, never)
    with pytest.raises(InputError, match="expected a state folder"):
        start(tmp_path / "precious", choices, never)


def test_a_configuration_that_cannot_be_read_is_named(tmp_path, choices):
    (tmp_path / "configuration.json").write_text("{")
    with pytest.raises(InputError, match="not a configuration"):
        start(tmp_path, choices, never)


def test_a_state_that_another_server_uses_is_refused(tmp_path, choices, stand_in):
    start(tmp_path / "state", choices, stand_in())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        other = listening.getsockname()[1]
    with pytest.raises(InputError, match=f"port {choices['port']}"):
        start(tmp_path / "state", {**choices, "port": other}, never)


@pytest.mark.parametrize(("code", "error"), [(2, InputError), (75, ServiceError), (1, StageError)])
def test_a_server_that_ends_while_it_starts_gives_its_reason_and_its_code(choices, stand_in, code, error):
    with pytest.raises(StageError, match=r"does not start: port 4566 is taken \(its log: ") as raised:
        start(None, choices, stand_in("exit", str(code), "port 4566 is taken"))
    assert (type(raised.value), raised.value.exit_code) == (error, code)
    assert read_instance(choices["port"]) is None


def test_the_log_before_is_kept(choices, stand_in):
    with pytest.raises(StageError):
        start(None, choices, stand_in("exit", "2", "first"))
    with pytest.raises(StageError):
        start(None, choices, stand_in("exit", "2", "second"))
    log = log_file(default_state(choices["port"]))
    assert ("first" in log.with_name("localaws.log.1").read_text(), "second" in log.read_text()) == (True, True)


def test_a_server_that_hangs_is_stopped_with_what_it_started(choices, stand_in):
    with pytest.raises(ServiceError, match="is not ready after 1 s"):
        start(None, choices, stand_in("child", "hang"), patience_s=1)
    child = int((default_state(choices["port"]) / "child").read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
    assert read_instance(choices["port"]) is None


def test_ctrl_c_stops_a_server_that_starts(choices, stand_in):
    interrupt_after(1)
    with pytest.raises(KeyboardInterrupt):
        start(None, choices, stand_in("hang"))
    assert read_instance(choices["port"]) is None
    command = str(default_state(choices["port"]) / "configuration.json")
    assert not [process for process in psutil.process_iter(["cmdline"]) if command in (process.info["cmdline"] or [])]


def test_in_the_foreground_it_writes_to_standard_error(choices, stand_in, capfd):
    started = start(None, choices, stand_in("dies"), foreground=True)
    with pytest.raises(ServiceError, match="localaws ended, see above"):
        wait_for_end(started.process, choices["port"])
    out, err = capfd.readouterr()
    assert (out, err) == ("", "INFO the stand-in starts\n")
    assert read_instance(choices["port"]) is None


def test_ctrl_c_stops_a_server_in_the_foreground(choices, stand_in):
    started = start(None, choices, stand_in(), foreground=True)
    interrupt_after(0.5)
    with pytest.raises(KeyboardInterrupt):
        wait_for_end(started.process, choices["port"])
    assert started.instance.process() is None
    assert read_instance(choices["port"]) is None


def test_of_two_at_once_one_starts_and_the_other_finds_it(choices, stand_in, capsys):
    results = []

    def up() -> None:
        with one_at_a_time():
            results.append(start(None, choices, stand_in()))

    threads = [threading.Thread(target=up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({result.instance for result in results}) == 1
    assert sorted(result.process is None for result in results) == [False, True]


def test_a_reused_pid_is_not_taken_for_the_server(choices, stand_in, cache):
    start(None, choices, stand_in())
    record = cache / "localaws" / "instances" / f"{choices['port']}.json"
    written = json.loads(record.read_text())
    kill(read_instance(choices["port"]))
    record.write_text(json.dumps({**written, "pid": psutil.Process().pid}))  # this test's own process
    instance = read_instance(choices["port"])
    assert (instance.process(), instance.left_processes()) == (None, [])
