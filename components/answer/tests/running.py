"""The program in a process of its own: started on a free port, asked, and ended."""

import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

LISTENING = re.compile(r"listening on http://127\.0\.0\.1:(\d+)")


@contextmanager
def running(graph: Path, endpoint: str, *flags: str, **variables: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """Run `serve` on a free port for the block; give the process and the port."""
    command = [sys.executable, "-m", "ckgqa_answer", "serve", "--graph", str(graph), "--endpoint", endpoint]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | variables
    process = subprocess.Popen([*command, "--port", "0", *flags], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield process, port_of(process)
    finally:
        process.kill()
        process.communicate()


def port_of(process: "subprocess.Popen[str]") -> int:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if found := LISTENING.search(line):
            return int(found[1])
    raise AssertionError(said)


def ask(port: int, question: str, **more: object) -> tuple[int, dict[str, object]]:
    return send(port, "POST", "/api/ask", {"question": question, **more})


def send(port: int, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        content = None if body is None else json.dumps(body).encode()
        connection.request(method, path, content, {"Content-Type": "application/json"})
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
