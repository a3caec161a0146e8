import io
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from localaws.serving.http import SPOOL, AnswerTimeoutError, ModelServer, NoAnswerError


@contextmanager
def served(handle: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[ModelServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            handle(self)

        do_POST = do_GET  # noqa: N815 -- the name that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield ModelServer("127.0.0.1", server.server_address[1])
        server.shutdown()


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"") -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def listening(answer: bytes) -> Iterator[ModelServer]:
    """A server that sends some bytes to whoever connects, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield ModelServer("127.0.0.1", server.getsockname()[1])


@pytest.mark.parametrize(("status", "ready"), [(200, True), (204, False), (503, False)])
def test_a_server_is_ready_if_ping_answers_200(status, ready):
    with served(lambda handler: reply(handler, status)) as server:
        assert server.ping() is ready


def test_a_server_that_is_not_there_is_not_ready():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert ModelServer("127.0.0.1", port).ping() is False


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b'{"MaxPayloadInMB": 3}', {"MaxPayloadInMB": 3}),
        (200, b"no json", {}),
        (200, b"[]", {}),
        (404, b'{"MaxPayloadInMB": 3}', {}),
    ],
)
def test_execution_parameters_are_optional(status, body, expected):
    with served(lambda handler: reply(handler, status, body)) as server:
        assert server.execution_parameters() == expected


def test_an_invocation_sends_its_headers_and_returns_the_answer():
    def handle(handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        reply(handler, 201, json.dumps([handler.path, handler.headers["Accept"], body.decode()]).encode())

    with served(handle) as server:
        answer = server.invoke(b"data", {"Accept": "text/csv"}, 10)
        assert (answer.status, answer.ok) == (201, True)
        with answer.body:
            assert json.loads(answer.body.read()) == ["/invocations", "text/csv", "data"]


def test_a_file_is_sent_in_chunks():
    def handle(handler: BaseHTTPRequestHandler) -> None:
        assert "Content-Length" not in handler.headers
        total = 0
        while size := int(handler.rfile.readline(), 16):
            total += len(handler.rfile.read(size))
            handler.rfile.readline()
        handler.rfile.readline()
        reply(handler, 200, f"{handler.headers['Transfer-Encoding']} {total}".encode())

    with served(handle) as server, server.invoke(io.BytesIO(b"x" * 100_000), {}, 10).body as body:
        assert body.read() == b"chunked 100000"


def test_a_large_answer_is_complete():
    content = b"0123456789" * (SPOOL // 10 + 1)
    with served(lambda handler: reply(handler, 200, content)) as server, server.invoke(b"", {}, 60).body as body:
        assert body.read() == content


def test_an_answer_that_does_not_come_is_a_timeout():
    ended = threading.Event()
    with served(lambda _: ended.wait(30)) as server:
        with pytest.raises(AnswerTimeoutError):
            server.invoke(b"", {}, 0.2)
        ended.set()


def test_an_answer_that_trickles_is_a_timeout():
    ended = threading.Event()

    def handle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not ended.wait(0.05):
            handler.wfile.write(b"x")
        handler.close_connection = True

    with served(handle) as server:
        with pytest.raises(AnswerTimeoutError):
            server.invoke(b"", {}, 0.5)
        ended.set()


@pytest.mark.parametrize("answer", [b"", b"no http\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"])
def test_a_broken_answer_is_none(answer):
    with listening(answer) as server, pytest.raises(NoAnswerError):
        server.invoke(b"", {}, 10)
