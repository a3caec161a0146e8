import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ckgqa.localaws import stop as stop_module
from ckgqa.localaws.environment import ServerProgram
from ckgqa.localaws.instances import known_ports, read_instance
from ckgqa.localaws.processes import end_processes

STAND_IN = Path(__file__).parent / "stand_in.py"
CHOICES = {
    "account": "000000000000",
    "region": "us-east-1",
    "auth": True,
    "period_divisor": 1.0,
    "images": {},
    "spot_interruptions": 0,
    "spot_interruption_after_s": 30.0,
    "proxy_image": "python:3.11-slim-bookworm",
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of its own; whatever was started is ended."""
    monkeypatch.setenv("CKGQA_CACHE", str(tmp_path / "cache"))
    yield tmp_path / "cache"
    for port in known_ports():
        instance = read_instance(port)
        process = instance and instance.process()
        if instance:
            end_processes([process] if process else [], 0.1)
            end_processes(instance.left_processes(), 0.1)


@pytest.fixture
def no_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine in which nothing is left; test_docker_leftovers.py asks the real one."""
    monkeypatch.setattr(stop_module, "remove_leftovers", lambda _instance, *, needed: [])


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture
def choices(port: int) -> dict:
    return {**CHOICES, "port": port}


@pytest.fixture
def stand_in() -> Callable[..., Callable[[], ServerProgram]]:
    """Return a function that makes what finds the program: the stand-in with a behaviour."""

    def finder(*behaviour: str) -> Callable[[], ServerProgram]:
        return lambda: ServerProgram((sys.executable, str(STAND_IN), *behaviour), Path("/models"))

    return finder
