"""The Lambda behind API Gateway: events as it sends them, of REST APIs (v1) and HTTP APIs (v2)."""

import asyncio
import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from ckgqa_answer.commands import lambda_handler
from ckgqa_answer.commands.lambda_handler import handler, settings_of

from ckgqa.graph.ids import entity_id
from ckgqa.runtime.errors import InputError

from ..made import record
from ..stub_server import serving, status

EVENTS = Path(__file__).parents[1] / "events"
QUESTION = "《战狼2》是谁导演的？"
CONTEXT = SimpleNamespace(aws_request_id="af9c3624-0000-4000-8000-example")


def event(name: str) -> dict[str, object]:
    text = (EVENTS / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(text.replace("VERTEX", entity_id("吴京")))


@pytest.fixture
def stub():
    with serving({QUESTION: record(QUESTION, "list:导演/@value", {"subject": "战狼2"})}) as server:
        yield server


@pytest.fixture(autouse=True)
def _container(graph_folder, stub, monkeypatch):
    """A new container, with its variables."""
    monkeypatch.setenv("CKGQA_GRAPH", str(graph_folder))
    monkeypatch.setenv("CKGQA_ENDPOINT", stub.url)
    monkeypatch.setenv("CKGQA_CONTEXT_KEY", "secret")
    # Mangum takes the thread's loop, which a container never closes.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    lambda_handler._adapter.cache_clear()
    yield
    lambda_handler._adapter.cache_clear()
    asyncio.set_event_loop(None)
    loop.close()


@pytest.mark.parametrize(
    "name",
    [
        "v1_ask", "v1_ask_base64", "v1_of_http_api_named_stage", "v2_ask", "v2_ask_base64", "v2_ask_named_stage",
    ],
)  # fmt: skip
def test_a_question_is_answered_as_over_http(name):
    reply = handler(event(name), CONTEXT)
    assert (reply["statusCode"], reply["isBase64Encoded"]) == (200, False)
    said = json.loads(reply["body"])
    assert (said["question"], said["answer"]) == (QUESTION, "《战狼2》的导演是吴京。")
    assert reply["headers"]["content-type"] == "application/json"
    assert reply["headers"]["x-request-id"] == said["request_id"]
    if name in {"v1_ask", "v2_ask"}:
        assert said["request_id"] == "page-1"
    assert "default-src 'self'" in reply["headers"]["content-security-policy"]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_query_strings_bad_bodies_and_unknown_paths(version):
    found = json.loads(handler(event(f"{version}_neighbourhood"), CONTEXT)["body"])
    assert (len(found["edges"]), found["more"]) == (2, True)
    wrong = handler(event(f"{version}_bad_body"), CONTEXT)
    assert (wrong["statusCode"], json.loads(wrong["body"])["error"]) == (400, "the body is not JSON")
    nothing = handler(event(f"{version}_unknown_path"), CONTEXT)
    assert (nothing["statusCode"], json.loads(nothing["body"])["error"]) == (404, "there is nothing at /api/导演")


def test_a_body_that_is_not_base64():
    reply = handler(event("v2_bad_base64"), CONTEXT)
    assert reply["statusCode"] == 400
    assert json.loads(reply["body"]) == {
        "error": "the body is not Base64, though the event says so", "request_id": CONTEXT.aws_request_id,
    }  # fmt: skip


def test_a_picture_of_the_page_goes_out_as_base64(monkeypatch, tmp_path):
    from ckgqa_answer.api import static_files

    (tmp_path / "icon.png").write_bytes(b"\x89PNG\xff")
    monkeypatch.setattr(static_files.PageFiles.__init__, "__defaults__", (tmp_path,))
    asked = event("v2_unknown_path")
    asked["requestContext"]["http"]["path"] = "/page/icon.png"
    reply = handler(asked, CONTEXT)
    assert (reply["isBase64Encoded"], base64.b64decode(reply["body"])) == (True, b"\x89PNG\xff")


def test_the_graph_is_opened_once_a_container(monkeypatch):
    opened: list[object] = []
    make = lambda_handler.make_app
    monkeypatch.setattr(lambda_handler, "make_app", lambda settings: (opened.append(settings), make(settings))[1])
    for name in ("v2_ask", "v1_ask", "v2_ask"):
        assert handler(event(name), CONTEXT)["statusCode"] == 200
    assert len(opened) == 1


def test_a_model_that_is_down_gives_503(stub):
    stub.failures = [status(503)] * 3
    reply = handler(event("v2_ask"), CONTEXT)
    assert (reply["statusCode"], json.loads(reply["body"])["down"]) == (503, ["model"])
    assert handler(event("v2_ask"), CONTEXT)["statusCode"] == 200


def test_what_was_not_answered_is_a_line_of_the_log(caplog):
    asked = event("v2_ask") | {"body": json.dumps({"question": "😀"})}
    with caplog.at_level("INFO"):
        handler(asked, CONTEXT)
    (line,) = [one for one in caplog.messages if one.startswith("unanswered {")]
    assert json.loads(line.removeprefix("unanswered "))["status"] == "unclear"


def test_another_event_is_refused():
    with pytest.raises(InputError, match="expected an event of API Gateway"):
        handler({"source": "aws.events"}, CONTEXT)


def test_settings_come_from_variables(tmp_path):
    found = settings_of(
        {
            "CKGQA_GRAPH": str(tmp_path), "CKGQA_ENDPOINT": "qa", "CKGQA_GRAPH_URL": "wss://neptune:8182/gremlin",
            "CKGQA_INDEX": "/opt/linking.db", "CKGQA_CALIBRATION": "c.json", "CKGQA_MODEL_TIMEOUT_S": "2.5",
            "CKGQA_GRAPH_TIMEOUT_S": "3", "CKGQA_CONTEXT_KEY": "x",
        }
    )  # fmt: skip
    assert (found.graph, found.endpoint, found.graph_url) == (tmp_path, "qa", "wss://neptune:8182/gremlin")
    assert (found.index, found.calibration) == ("/opt/linking.db", "c.json")
    assert (found.model_timeout_s, found.graph_timeout_s, found.threads) == (2.5, 3.0, 1)


BOTH = {"CKGQA_GRAPH": "graph", "CKGQA_ENDPOINT": "qa"}


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"CKGQA_ENDPOINT": "qa"}, "CKGQA_GRAPH is not set: expected the value of `serve --graph`"),
        ({"CKGQA_GRAPH": "graph"}, "CKGQA_ENDPOINT is not set: expected the value of `serve --endpoint`"),
        ({**BOTH, "CKGQA_MODEL_TIMEOUT_S": "soon"}, "^CKGQA_MODEL_TIMEOUT_S soon: expected a number above 0$"),
        ({**BOTH, "CKGQA_GRAPH_TIMEOUT_S": "0"}, "^CKGQA_GRAPH_TIMEOUT_S 0: expected a number above 0$"),
    ],
)
def test_wrong_variables_are_refused(variables, reason):
    with pytest.raises(InputError, match=reason):
        settings_of(variables)


# Lambda's own runtime client, which the image starts, against a stub of the runtime's API.


@contextmanager
def runtime_api(asked: dict[str, object]) -> Iterator[tuple[str, list[dict[str, object]], threading.Event]]:
    """Give one event to whoever asks for the next one, and keep what is answered."""
    answers: list[dict[str, object]] = []
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if done.wait(30 if answers else 0):
                return
            content = json.dumps(asked).encode()
            self.send_response(200)
            for name, value in {
                "Content-Length": str(len(content)), "Lambda-Runtime-Aws-Request-Id": "af9c3624",
                "Lambda-Runtime-Deadline-Ms": "9999999999999", "Content-Type": "application/json",
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:answer",
            }.items():  # fmt: skip
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answers.append({"path": self.path, "reply": json.loads(body)})
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            done.set()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", answers, done
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_lambdas_runtime_finds_the_handler_and_gets_its_answer():
    pytest.importorskip("awslambdaric")
    with runtime_api(event("v2_ask")) as (address, answers, done):
        environment = os.environ | {"AWS_LAMBDA_RUNTIME_API": address, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-m", "awslambdaric", "ckgqa_answer.commands.lambda_handler.handler"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            assert done.wait(30), process.communicate(timeout=1)
        finally:
            process.kill()
            process.communicate()
    (answer,) = answers
    assert answer["path"] == "/2018-06-01/runtime/invocation/af9c3624/response"
    assert json.loads(answer["reply"]["body"])["values"] == ["吴京"]
