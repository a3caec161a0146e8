"""Services of stages: the port comes first, active requests finish, and no thread holds a drain for ever."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ckgqa.runtime.errors import ServiceError
from ckgqa.serving.http import serve_http

PROGRAM = """
import sys, time
from fastapi import FastAPI
from ckgqa.runtime.log import set_up_logging
from ckgqa.runtime.program import Terminated
from ckgqa.serving.http import serve_http
import signal

def terminate(*_):
    raise Terminated

app = FastAPI()

@app.get("/{seconds}")
def wait(seconds: float) -> float:
    time.sleep(seconds)
    return seconds

set_up_logging()
signal.signal(signal.SIGTERM, terminate)
serve_http(app, sys.argv[1], 0, drain_s=2)
"""
START_S = 60


@contextmanager
def running(
    log: Path, host: str = "127.0.0.1", shown: str = "127.0.0.1"
) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with log.open("wb") as stderr:
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, host], env=environment, stderr=stderr)
    try:
        until = time.monotonic() + START_S
        while not (found := re.search(rf"listening on http://{re.escape(shown)}:(\d+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.02)
        yield process, int(found[1])
    finally:
        process.kill()
        process.wait()


def get(port: int, path: str, replies: list[tuple[int, bytes]]) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path)
        reply = connection.getresponse()
        replies.append((reply.status, reply.read()))


def test_active_requests_finish_and_the_server_accepts_no_new_ones(tmp_path: Path):
    replies: list[tuple[int, bytes]] = []
    with running(tmp_path / "log") as (process, port):
        asking = threading.Thread(target=get, args=(port, "/1.0", replies))
        asking.start()
        time.sleep(0.4)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
        asking.join(30)
        assert process.wait(30) == 0
    assert replies == [(200, b"1.0")]
    assert "drained" in (tmp_path / "log").read_text()


def test_a_drain_ends_before_a_thread_that_still_computes(tmp_path: Path):
    with running(tmp_path / "log") as (process, port):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as asking:
            asking.sendall(b"GET /20.0 HTTP/1.1\r\nHost: a\r\n\r\n")
            time.sleep(0.4)
            process.send_signal(signal.SIGTERM)
            started = time.monotonic()
            assert process.wait(15) == 143
        assert 2 <= time.monotonic() - started < 8
    assert "the drain ended with active requests" in (tmp_path / "log").read_text()


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_the_log_names_an_ipv6_address_as_a_url(tmp_path: Path):
    with running(tmp_path / "log", "::1", "[::1]") as (_, port), socket.create_connection(("::1", port), timeout=10):
        pass


def test_a_port_in_use_ends_the_program_before_it_starts():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServiceError, match=f"127.0.0.1:{port} cannot be listened on .*; free it, or use another"):
            serve_http(lambda: None, "127.0.0.1", port, drain_s=1)
