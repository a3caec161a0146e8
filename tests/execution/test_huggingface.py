"""Names on the Hugging Face hub, against a small hub of our own on loopback."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ckgqa.execution.huggingface import folder_of
from ckgqa.runtime.errors import InputError

NAME, COMMIT = "people/tiny-bert", "0123456789abcdef0123456789abcdef01234567"
FILES = {"config.json": b'{"model_type": "bert"}', "vocab.txt": b"[PAD]\n", "pytorch_model.bin": b"not asked for"}


class Hub(BaseHTTPRequestHandler):
    """Answers what the hub's client asks for: what a model has, and its files."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith(f"/api/models/{NAME}/tree"):
            tree = [{"type": "file", "path": name, "size": len(body), "oid": name} for name, body in FILES.items()]
            self._send(json.dumps(tree).encode(), "application/json")
        elif path.startswith(f"/api/models/{NAME}"):
            siblings = [{"rfilename": name} for name in FILES]
            self._send(json.dumps({"id": NAME, "sha": COMMIT, "siblings": siblings}).encode(), "application/json")
        elif path.rpartition("/")[2] in FILES and path.startswith(f"/{NAME}/resolve/"):
            self._send(FILES[path.rpartition("/")[2]], "application/octet-stream")
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.end_headers()

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), "X-Repo-Commit": COMMIT}
        headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()}"'
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def fetch(name: str, endpoint: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run in a process of its own, since the hub's client reads its address when it is imported."""
    code = (
        "import pathlib, sys; from ckgqa.execution.huggingface import folder_of; "
        "print(folder_of(pathlib.Path(sys.argv[1])))"
    )
    environment = {**os.environ, "HF_ENDPOINT": endpoint, "HF_HOME": str(home), "HF_HUB_DISABLE_TELEMETRY": "1"}
    return subprocess.run(
        [sys.executable, "-c", code, name], env=environment, capture_output=True, text=True, check=False
    )


def test_a_name_becomes_a_folder_with_what_is_read_and_is_there_without_the_hub_later(hub: str, tmp_path: Path):
    done = fetch(NAME, hub, tmp_path)
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.strip())
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        name: FILES[name] for name in ("config.json", "vocab.txt")
    }
    again = fetch(NAME, "http://127.0.0.1:9", tmp_path)
    assert again.stdout == done.stdout, again.stderr


def test_a_name_that_the_hub_does_not_know_is_refused(hub: str, tmp_path: Path):
    done = fetch("people/no-such-bert", hub, tmp_path)
    assert (
        "InputError: --encoder people/no-such-bert: expected an existing folder, or the name of a model of the "
        in done.stderr
    )


def test_a_hub_that_is_down_is_a_service_that_may_come_back(tmp_path: Path):
    done = fetch(NAME, "http://127.0.0.1:9", tmp_path)
    assert (
        "ServiceError: --encoder people/tiny-bert: there is no such folder, and the Hugging Face hub does not answer"
        in done.stderr
    )


def test_a_folder_stays_what_it_is_and_a_path_is_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert folder_of(tmp_path) == tmp_path
    assert folder_of(Path("/no/such/folder")) == Path("/no/such/folder")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(InputError, match="names on the Hugging Face hub need huggingface_hub"):
        folder_of(Path("people/tiny-bert"))
