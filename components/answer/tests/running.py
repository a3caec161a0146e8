"""The program in a process of its own: started on a free port, asked, and ended."""

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

LISTENING = re.compile(r"listening on http://127\.0\.0\.1:(\d+)")
START_S = 60


@dataclass
class Running:
    """A process that serves. What it logs goes to a file: a pipe that nobody reads would stop it."""

    process: "subprocess.Popen[bytes]"
    log: Path
    port: int = 0

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def ended(self, timeout_s: float = 20) -> int:
        """Wait for its end and give the exit code."""
        return self.process.wait(timeout_s)


@contextmanager
def running(graph: Path, endpoint: str, *flags: str, **variables: str) -> Iterator[Running]:
    """Run `serve` on a free port for the block."""
    command = [sys.executable, "-m", "ckgqa_answer", "serve", "--graph", str(graph), "--endpoint", endpoint]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | variables
    with tempfile.NamedTemporaryFile() as log:
        process = subprocess.Popen([*command, "--port", "0", *flags], env=environment, stderr=log)
        one = Running(process, Path(log.name))
        try:
            one.port = _port(one)
            yield one
        finally:
            process.kill()
            process.wait()


def _port(one: Running) -> int:
    until = time.monotonic() + START_S
    while one.process.poll() is None and time.monotonic() < until:
        if found := LISTENING.search(one.said()):
            return int(found[1])
        time.sleep(0.02)
    raise AssertionError(one.said())


def ask(port: int, question: str, **more: object) -> tuple[int, dict[str, object]]:
    return send(port, "POST", "/api/ask", {"question": question, **more})


def send(port: int, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        content = None if body is None else json.dumps(body).encode()
        connection.request(method, path, content, {"Content-Type": "application/json"})
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
