"""A stop leaves nothing of a server, however that ended, and nothing of anybody else's is touched."""

import socket
from pathlib import Path

import psutil
import pytest

from ckgqa.localaws import stop as stop_module
from ckgqa.localaws.instances import Instance, default_state, known_ports, port_is_taken, read_instance
from ckgqa.localaws.start import start
from ckgqa.localaws.stop import Removed, state_port, stop
from ckgqa.runtime.errors import InputError, ServiceError

pytestmark = pytest.mark.usefixtures("no_docker")


def kill(instance: Instance) -> None:
    process = instance.process()
    process.kill()
    process.wait()


def test_a_running_server_is_stopped_and_its_state_deleted(cache, choices, stand_in):
    port = choices["port"]
    instance = start(None, choices, stand_in()).instance
    removed = stop(port, None, keep_state=False)
    assert removed == Removed(server=True, state=default_state(port))
    assert (instance.process(), read_instance(port), port_is_taken(port)) == (None, None, False)
    assert [path.name for path in (cache / "localaws").rglob("*")] == ["instances"]


def test_the_state_is_kept_on_demand_and_deleted_later(choices, stand_in):
    port = choices["port"]
    start(None, choices, stand_in())
    assert stop(port, None, keep_state=True) == Removed(server=True, kept_state=default_state(port))
    assert known_ports() == [port]
    assert stop(port, None, keep_state=False) == Removed(state=default_state(port))
    assert stop(port, None, keep_state=False) == Removed()


def test_a_state_folder_elsewhere_is_found_by_the_port_and_by_itself(tmp_path, choices, stand_in):
    port, state = choices["port"], tmp_path / "state"
    start(state, choices, stand_in())
    stop(port, None, keep_state=True)
    assert state_port(state) == port
    start(state, choices, stand_in())
    assert stop(port, None, keep_state=False).state == state
    assert not state.exists()


def test_a_deaf_server_is_killed_with_a_line(choices, stand_in, capsys):
    instance = start(None, choices, stand_in("deaf")).instance
    assert stop(choices["port"], None, keep_state=False, patience_s=1).server
    assert instance.process() is None
    assert capsys.readouterr().err == f"process {instance.pid} did not end within 1 s and was killed\n"


def test_what_a_killed_server_started_is_ended(choices, stand_in):
    instance = start(None, choices, stand_in("child")).instance
    child = int((Path(instance.state) / "child").read_text())
    kill(instance)
    removed = stop(choices["port"], None, keep_state=False)
    assert removed == Removed(left=[f"process {child}"], state=Path(instance.state))
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_a_folder_that_is_no_state_folder_is_never_deleted(choices, stand_in):
    port = choices["port"]
    start(None, choices, stand_in())
    precious = default_state(port) / "precious"
    precious.touch()
    (default_state(port) / "configuration.json").unlink()
    assert stop(port, None, keep_state=False) == Removed(server=True)
    assert precious.exists()


@pytest.mark.parametrize("content", [None, "{}", "[1]"])
def test_a_folder_without_a_configuration_has_no_port(tmp_path, content):
    if content:
        (tmp_path / "configuration.json").write_text(content)
    with pytest.raises(InputError):
        state_port(tmp_path)


def test_a_state_folder_that_was_deleted_by_hand_does_not_hide_the_server(choices, stand_in):
    instance = start(None, choices, stand_in()).instance
    (Path(instance.state) / "configuration.json").unlink()
    assert stop(choices["port"], None, keep_state=False) == Removed(server=True)
    assert instance.process() is None


def test_a_server_of_another_user_is_left_alone(choices, stand_in, monkeypatch, tmp_path):
    instance = start(None, choices, stand_in()).instance
    with monkeypatch.context() as other:
        other.setenv("CKGQA_CACHE", str(tmp_path / "other"))
        with pytest.raises(ServiceError, match="was not started from here"):
            stop(choices["port"], None, keep_state=False)
    assert instance.process() is not None


def test_a_listener_that_is_not_ours_is_reported(choices, stand_in):
    instance = start(None, choices, stand_in()).instance
    kill(instance)
    with socket.create_server(("127.0.0.1", choices["port"])):
        assert stop(choices["port"], None, keep_state=False).state == Path(instance.state)


def test_without_docker_everything_else_is_done_first(choices, stand_in, monkeypatch):
    def refuse(instance: str, *, needed: bool) -> list[str]:
        assert (instance, needed) == (f"localaws-{choices['port']}", True)
        raise ServiceError("Docker does not answer")

    instance = start(None, choices, stand_in()).instance
    monkeypatch.setattr(stop_module, "remove_leftovers", refuse)
    with pytest.raises(ServiceError, match="Docker does not answer"):
        stop(choices["port"], None, keep_state=False)
    assert (instance.process(), read_instance(choices["port"]), Path(instance.state).exists()) == (None, None, False)
