"""Docker asked for and absent: one message, exit 75, nothing half done."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ckgqa.cli.main import main

ABSENT = ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:1"]


@pytest.mark.parametrize("host", ABSENT)
@pytest.mark.parametrize("command", [["build"], ["build", "preprocess", "--no-tests"], ["list"], ["clean"]])
def test_an_absent_engine_is_said_with_what_would_be_right(
    command: list[str], host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    assert main(["images", *command]) == 75
    said = capsys.readouterr().err
    assert f"error: Docker was asked for and does not answer at {host} (" in said
    assert "Start the engine" in said
    assert "Traceback" not in said


class Broken(BaseHTTPRequestHandler):
    """An engine that tells its version and fails at everything else, as one whose disk is full."""

    def do_GET(self):
        version = self.path.endswith("/version")
        body = b'{"ApiVersion": "1.44"}' if version else b'{"message": "no space left on device"}'
        self.send_response(200 if version else 500)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def test_an_engine_that_fails_in_the_middle_is_said_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with HTTPServer(("127.0.0.1", 0), Broken) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
        assert main(["images", "list"]) == 75
        server.shutdown()
    said = capsys.readouterr().err
    assert said.startswith("error: the Docker engine at tcp://127.0.0.1:")
    assert "no space left on device" in said


def test_an_unknown_image_is_refused_before_the_engine_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", ABSENT[0])
    assert main(["images", "build", "nothing"]) == 2
    assert "NAMES nothing: expected one of base, " in capsys.readouterr().err
