"""A question model behind HTTP that says what it is told, and fails as it is told."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Records = Mapping[str, Mapping[str, object]]


class StubServer:
    """Answers `/invocations` from a table; `failures` are used up first, one a request."""

    def __init__(self, records: Records | Callable[[str], Mapping[str, object]]) -> None:
        self.records = records
        self.failures: list[Callable[[BaseHTTPRequestHandler], None]] = []
        self.requests: list[dict[str, object]] = []
        self.connections: set[object] = set()
        self.url = ""

    def reply(self, question: str) -> Mapping[str, object]:
        return self.records(question) if callable(self.records) else self.records[question]


def send(handler: BaseHTTPRequestHandler, status: int, content: bytes, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(content)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


def status(code: int, content: object = None, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Fail with a status."""
    return lambda handler: send(handler, code, json.dumps(content, ensure_ascii=False).encode(), **headers)


def late(seconds: float) -> Callable[[BaseHTTPRequestHandler], None]:
    """Say nothing for a while, and then close."""

    def wait(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return wait


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Close without an answer."""
    handler.close_connection = True


@contextmanager
def serving(records: Records | Callable[[str], Mapping[str, object]]) -> Iterator[StubServer]:
    """Serve on a free port of loopback while the block runs."""
    stub = StubServer(records)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            stub.connections.add(self.client_address)
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            stub.requests.append({"path": self.path, "type": self.headers["Content-Type"], "body": body})
            if stub.failures:
                stub.failures.pop(0)(self)
                return
            predictions = [stub.reply(question) for question in body["questions"]]
            send(self, 200, json.dumps({"predictions": predictions}, ensure_ascii=False).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
