"""What the API gets that is wrong, too large, too much or too late, each with the reply that it gets."""

import asyncio
import base64
import hashlib
import json
import threading

import itsdangerous
import pytest
from ckgqa_answer.api.event_log import EventLog
from ckgqa_answer.api.middleware import ServiceLimits
from ckgqa_answer.api.receipts import Receipt, ReceiptCodec
from ckgqa_answer.api.schemas import MAX_RECEIPT_CHARS, ErrorReply
from ckgqa_answer.application import Application
from ckgqa_answer.dialogue.context import ContextCodec, Conversation
from ckgqa_answer.linking.index import Index
from ckgqa_answer.linking.lexicon import Lexicon
from ckgqa_answer.linking.sentences import SentenceStore
from ckgqa_answer.question_model.http import HttpModel
from ckgqa_answer.retrieval.graph_client import GraphClient
from pydantic import TypeAdapter

from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.retry import RetryPolicy

from ..http import Site, made_app, over_http
from ..made import record, write_graph
from ..stub_server import late, serving, status

QUESTION = "《战狼2》是谁导演的？"
MEANS = ("list:导演/@value", {"subject": "战狼2"})
FORGED = ContextCodec("another key").encode(Conversation("list:导演/@value", {"subject": ("战狼2",)}, ("吴京",)))


@pytest.fixture
def site(application, graph_folder, tmp_path):
    return Site(made_app(application, graph_folder, tmp_path))


def refused(reply, code):
    """Check that it is an error as the contract has them; give the reason."""
    assert reply.status_code == code, reply.text
    assert reply.headers["content-type"] == "application/json"
    said = TypeAdapter(ErrorReply).validate_python(reply.json())
    assert said.request_id == reply.headers["x-request-id"]
    assert "Traceback" not in reply.text
    return said.error


# Questions


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("", "the question is empty: expected a question in Chinese"),
        (" \u3000\n", "the question is empty: expected a question in Chinese"),
        ("吴" * 10_000, "the question has 10000 characters; at most 128 are answered"),
        (7, "question: Input should be a valid string"),
        (None, "question: Input should be a valid string"),
        (["吴京"], "question: Input should be a valid string"),
    ],
)
def test_a_question_that_is_none(site, question, reason):
    assert refused(site.ask(question), 400) == reason


@pytest.mark.parametrize(
    "question", ["😀😀", "Who directed Wolf Warrior 2?", "SELECT * FROM film; DROP TABLE film; --"]
)
def test_what_cannot_be_understood_is_said_so(site, model, question):
    reply = site.ask(question)
    assert (reply.status_code, reply.json()["status"], reply.json()["facts"]) == (200, "unclear", [])
    assert reply.json()["answer"].startswith("没有听懂这个问题。请用中文问")
    assert model.asked == []


@pytest.mark.parametrize(
    "name",
    [
        "吴京'); g.V().drop(); //",
        '吴京" OR "1"="1',
        "${new File('/etc/passwd').text}",
        "<script>alert(1)</script>",
        "x\x00y",
    ],
)
def test_code_is_just_a_name_that_is_not_found(site, model, graph, name):
    before = graph.run(lambda g: g.V().count().to_list())
    question = f"{name}的妻子是谁"
    model.tell(question, "list:妻子/@value", {"subject": name})
    reply = site.ask(question)
    assert (reply.status_code, reply.json()["status"]) == (200, "unknown")
    assert reply.json()["answer"] == f"不知道：图谱里没有“{name}”这个名字。"
    assert reply.headers["content-type"] == "application/json"
    assert graph.run(lambda g: g.V().count().to_list()) == before


def test_a_name_under_three_types_is_what_the_predicate_says(site, model):
    for label, value in (("作者", "余华"), ("导演", "张艺谋"), ("歌手", "李健")):
        question = f"《活着》的{label}是谁"
        model.tell(question, f"list:{label}/@value", {"subject": "活着"})
        assert site.ask(question).json()["values"] == [value]


def test_an_intent_that_the_graph_has_no_edge_for(site, model):
    model.tell("《战狼2》的编剧是谁", "list:编剧/@value", {"subject": "战狼2"})
    said = site.ask("《战狼2》的编剧是谁").json()
    assert (said["status"], said["answer"]) == ("unknown", "不知道：图谱里没有《战狼2》的编剧。")
    assert said["understood"]["text"] == "问的是《战狼2》的编剧"


@pytest.mark.parametrize(
    ("context", "reason"),
    [
        ("x" * 2001, "the conversation's context has 2001 characters; at most 2000 are allowed"),
        ("forged", "the conversation's context is not one that this service gave"),
        (FORGED, "the conversation's context is not one that this service gave"),
        ({"a": 1}, "context: Input should be a valid string"),
    ],
)
def test_a_forged_or_oversized_context(site, context, reason):
    assert refused(site.ask("他的妻子呢？", context=context), 400).startswith(reason)


# Requests


@pytest.mark.parametrize(
    ("body", "media", "code", "reason"),
    [
        (b"{", "application/json", 400, "the body is not JSON"),
        (b"\xff\xfe", "application/json", 400, "the body is not JSON"),
        (b"[" * 50_000, "application/json", 400, "There was an error parsing the body"),
        (b"", "application/json", 400, "the body: Field required"),
        (
            b"[]",
            "application/json",
            400,
            "the body: Input should be a valid dictionary or object to extract fields from",
        ),
        (b'{"question": "\\ud83d"}', "application/json", 400, "the question is not valid Unicode text"),
        (b'{"question": "a", "q": 1}', "application/json", 400, "q: Extra inputs are not permitted"),
        (b'{"question": "a"}', "text/plain", 415, "the body's type is text/plain; expected application/json"),
        (b'{"question": "a"}', "", 415, "the body's type is not given; expected application/json"),
        (
            b"question=a",
            "application/x-www-form-urlencoded",
            415,
            "the body's type is application/x-www-form-urlencoded",
        ),
    ],
)
def test_a_body_that_is_none(site, body, media, code, reason):
    headers = {"Content-Type": media} if media else {}
    reply = site.send("POST", "/api/ask", content=body, headers=headers)
    assert refused(reply, code).startswith(reason)


def test_a_body_that_is_too_large(site):
    assert refused(site.ask("吴" * 30_000), 413) == "the body is larger than 65536 bytes; send less at a time"

    async def stream():
        for _ in range(70):
            yield b"x" * 1000

    # Its size is not said beforehand.
    reply = site.send("POST", "/api/ask", content=stream(), headers={"Content-Type": "application/json"})
    assert refused(reply, 413) == "the body is larger than 65536 bytes; send less at a time"
    assert reply.headers["connection"] == "close"


def test_what_is_not_there_and_what_is_not_taken(site):
    assert refused(site.get("/api/nothing"), 404) == "there is nothing at /api/nothing"
    reply = site.get("/api/ask")
    assert refused(reply, 405) == "/api/ask does not take GET"
    assert reply.headers["allow"] == "POST"


def test_a_body_that_comes_too_late(application, graph_folder, tmp_path):
    app = made_app(application, graph_folder, tmp_path, ServiceLimits(body_timeout_s=0.05))

    async def work(_):
        sent: list[dict[str, object]] = []
        messages = [{"type": "http.request", "body": b"{", "more_body": True}]

        async def receive():
            if not messages:
                await asyncio.sleep(5)
            return messages.pop()

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http", "method": "POST", "path": "/api/ask", "headers": [(b"content-type", b"application/json")],
            "query_string": b"", "http_version": "1.1",
        }  # fmt: skip
        await app(scope, receive, send)
        assert sent[0]["status"] == 408
        assert json.loads(sent[1]["body"])["error"] == "the body did not arrive within 0.05 s"

    over_http(app, work)


# Too much


class Held:
    """A model that answers when it is let."""

    def __init__(self, model) -> None:
        self.model = model
        self.let = threading.Event()
        self.most = self.now = 0
        self.lock = threading.Lock()

    def predict(self, questions):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.let.wait(20)
        with self.lock:
            self.now -= 1
        return self.model.predict(questions)


def test_more_requests_than_are_taken_get_503_and_a_time_to_come_again(application, model, graph_folder, tmp_path):
    model.tell(QUESTION, *MEANS)
    application.model = held = Held(model)
    app = made_app(application, graph_folder, tmp_path, ServiceLimits(threads=2, max_requests=5))

    async def work(client):
        asked = [asyncio.create_task(client.post("/api/ask", json={"question": QUESTION})) for _ in range(5)]
        while held.now < 2:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        reply = await client.get("/api/info")
        assert refused(reply, 503) == "5 requests are being answered already; try again in 1 s"
        assert (reply.headers["retry-after"], "down" in reply.json()) == ("1", False)
        # Who watches is answered all the same.
        assert (await client.get("/ping")).status_code == 200
        assert "ckgqa_requests_under_way 5.0" in (await client.get("/metrics")).text
        held.let.set()
        assert [reply.status_code for reply in await asyncio.gather(*asked)] == [200] * 5
        assert held.most == 2
        assert (await client.get("/api/info")).status_code == 200

    over_http(app, work)


# Bugs of ours


def test_a_bug_is_told_by_its_id_and_shown_in_the_log_alone(application, graph_folder, tmp_path, caplog, monkeypatch):
    def broken(_):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(application.model, "predict", broken)
    site = Site(made_app(application, graph_folder, tmp_path))
    reply = site.ask(QUESTION)
    reason = refused(reply, 500)
    assert reason == "this is an error of the service's own; its log says more under this request_id"
    assert "secret" not in reply.text
    (said,) = [one for one in caplog.records if one.exc_info]
    assert reply.json()["request_id"] in said.getMessage()
    assert site.get("/ping").status_code == 200


# Services that are down


def test_a_model_that_is_down_and_comes_back(lexicon, index, graph, graph_folder, tmp_path):
    quick = RetryPolicy(attempts=2, wait_s=0.01)
    with serving({QUESTION: record(QUESTION, *MEANS), "谁": record("谁", "outside")}) as stub:
        model = HttpModel(stub.url, timeout_s=0.2, retries=quick)
        site = Site(made_app(Application(model, graph, lexicon, SentenceStore(index)), graph_folder, tmp_path))
        for failure in (status(503), late(0.4), status(404), status(200, {"predictions": [{"predicted_label": "x"}]})):
            stub.failures = [failure] * 2
            reply = site.ask(QUESTION)
            assert refused(reply, 503) == "the model cannot be asked at the moment; try again in 2 s"
            assert (reply.headers["retry-after"], reply.json()["down"]) == ("2", ["model"])
            assert stub.url not in reply.text
            stub.failures = [failure] * 2
            assert site.get("/ready").json()["down"] == ["model"]
            stub.failures = []
            assert site.ask(QUESTION).status_code == 200
        assert 'ckgqa_failures_total{service="model"} 4.0' in site.get("/metrics").text
        model.close()


def test_a_question_that_the_model_refuses_is_the_clients_fault(lexicon, index, graph, graph_folder, tmp_path):
    with serving({}) as stub:
        model = HttpModel(stub.url)
        site = Site(made_app(Application(model, graph, lexicon, SentenceStore(index)), graph_folder, tmp_path))
        stub.failures = [status(413, {"error": "question 1 has 100 characters; at most 64 are read"})]
        reason = refused(site.ask("吴京" * 50), 400)
        assert reason == "the model rejected the question: question 1 has 100 characters; at most 64 are read"
        model.close()


def test_a_graph_that_is_down_and_comes_back(model, lexicon, index, tmp_path):
    folder = write_graph(tmp_path / "graph")
    graph = GraphClient(str(folder / "graph.db"), retries=RetryPolicy(1))
    site = Site(made_app(Application(model, graph, lexicon, SentenceStore(index)), folder, tmp_path))
    model.tell(QUESTION, *MEANS)
    model.tell("谁", "outside")
    assert site.ask(QUESTION).status_code == 200
    folder.rename(tmp_path / "elsewhere")
    reply = site.ask(QUESTION)
    assert refused(reply, 503) == "the graph cannot be asked at the moment; try again in 2 s"
    assert (reply.headers["retry-after"], reply.json()["down"]) == ("2", ["graph"])
    assert str(tmp_path) not in reply.text
    assert refused(site.get("/ready"), 503) == "the graph cannot be asked at the moment; try again in 2 s"
    assert site.get("/api/neighbourhood?id=x").json()["down"] == ["graph"]
    assert site.get("/api/examples").json()["down"] == ["graph"]
    assert 'ckgqa_failures_total{service="graph"} 3.0' in site.get("/metrics").text
    (tmp_path / "elsewhere").rename(folder)
    assert site.ask(QUESTION).status_code == site.get("/ready").status_code == 200
    graph.close()


@pytest.mark.parametrize("bug", [RuntimeError("dictionary changed size"), RecursionError(), NotImplementedError()])
def test_a_bug_in_a_query_is_a_500_and_no_graph_that_is_down(application, model, graph_folder, tmp_path, caplog, bug):
    model.tell(QUESTION, *MEANS)

    def fail(_):
        raise bug

    real = application.graph.run
    application.graph.run = lambda _: real(fail)
    reply = Site(made_app(application, graph_folder, tmp_path)).ask(QUESTION)
    assert refused(reply, 500).startswith("this is an error of the service's own")
    assert any(record.exc_info and record.exc_info[1] is bug for record in caplog.records)


def test_names_that_cannot_be_reloaded_are_a_warning_and_a_count(model, graph, tmp_path):
    folder = write_graph(tmp_path / "graph")
    index = Index(folder)
    app = made_app(Application(model, graph, Lexicon(index), SentenceStore(index)), folder, tmp_path)
    model.tell(QUESTION, *MEANS)
    model.tell("谁", "outside")
    site = Site(app)
    assert "ckgqa_index_reload_failures_total 0.0" in site.get("/metrics").text
    with (folder / "names.jsonl").open("a") as names:
        names.write("{")
    assert site.ask(QUESTION).json()["status"] == "answered"
    assert "ckgqa_index_reload_failures_total 1.0" in site.get("/metrics").text
    ready = site.get("/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    assert ready.json()["warnings"] == [
        "the graph's names have changed and cannot be loaded; answers use the ones before"
    ]
    index.close()


def test_both_down_are_both_named(application, graph_folder, tmp_path, monkeypatch):
    def fail(*_):
        raise ServiceError("down")

    monkeypatch.setattr(application.model, "predict", fail)
    monkeypatch.setattr(application.graph, "run", fail)
    reply = Site(made_app(application, graph_folder, tmp_path)).get("/ready")
    assert refused(reply, 503) == "the model and the graph cannot be asked at the moment; try again in 2 s"
    assert reply.json()["down"] == ["model", "graph"]


def test_what_else_is_down_is_no_stack_trace_either(application, graph_folder, tmp_path, monkeypatch):
    def fail(*_):
        raise ServiceError("the index of /secret cannot be read")

    monkeypatch.setattr(type(application.lexicon), "version", property(fail))
    reply = Site(made_app(application, graph_folder, tmp_path)).get("/api/examples")
    assert refused(reply, 503) == "a part of this service cannot be asked at the moment; try again in 2 s"
    assert "down" not in reply.json()


# Receipts and logs


@pytest.mark.parametrize("answer", ["吴" * 5000, "\x00" * 5000, "😀" * 5000, ""])
def test_a_receipt_is_never_too_long(answer):
    question = "😀" * 128
    receipts = ReceiptCodec("key")
    text = receipts.encode(Receipt("x" * 64, question, "answered", answer))
    assert len(text) <= MAX_RECEIPT_CHARS
    found = receipts.decode(text)
    assert (found.question, answer.startswith(found.answer)) == (question, True)
    with pytest.raises(InputError):
        ReceiptCodec("another key").decode(text)


_FIELDS = '"request_id":"r","question":"谁","status":"answered"'
_UNKNOWN_STATUS = '{"request_id":"r","question":"谁","status":"certain","answer":""}'


@pytest.mark.parametrize(
    "content",
    [
        "[" * 2800,
        f'{{{_FIELDS},"answer":{"[" * 900}{"]" * 900}}}',
        f'{{{_FIELDS},"answer":"\\ud83d"}}',
        _UNKNOWN_STATUS,
    ],
    ids=["brackets", "a nested answer", "half a character", "an unknown status"],
)
def test_a_receipt_that_is_forged_with_the_public_key_is_rejected(site, tmp_path, content):
    signer = itsdangerous.Signer("ckgqa", salt="receipt", key_derivation="hmac", digest_method=hashlib.sha256)
    receipt = signer.sign(base64.urlsafe_b64encode(content.encode())).decode()
    assert len(receipt) <= MAX_RECEIPT_CHARS
    reply = site.send("POST", "/api/feedback", json={"receipt": receipt, "verdict": "up"})
    assert refused(reply, 400).startswith("the receipt is not one that this service gave")
    assert not (tmp_path / "feedback.jsonl").exists()


def test_a_log_that_is_full_makes_room(tmp_path):
    event_log = EventLog(tmp_path / "logs", max_bytes=1024)
    event_log.open()
    for number in range(40):
        event_log.append("unanswered", {"question": f"{number} 谁" * 4})
    now, before = tmp_path / "logs" / "unanswered.jsonl", tmp_path / "logs" / "unanswered.jsonl.1"
    assert max(now.stat().st_size, before.stat().st_size) <= 1024
    last = [json.loads(line)["question"] for line in (before.read_text() + now.read_text()).splitlines()]
    assert last == [f"{number} 谁" * 4 for number in range(40)][-len(last) :]


def test_a_log_that_cannot_be_written_keeps_no_answer_back_but_a_verdict(
    application, model, graph_folder, tmp_path, caplog
):
    model.tell(QUESTION, *MEANS)
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("unanswered.jsonl", "feedback.jsonl"):
        (logs / name).mkdir()
    site = Site(made_app(application, graph_folder, logs))
    assert site.ask("😀").json()["status"] == "unclear"
    assert any("unanswered.jsonl: cannot be written" in one for one in caplog.messages)
    receipt = site.ask(QUESTION).json()["receipt"]
    reply = site.send("POST", "/api/feedback", json={"receipt": receipt, "verdict": "up"})
    assert "ckgqa_feedback_total{" not in site.get("/metrics").text
    assert refused(reply, 503) == "a part of this service cannot be asked at the moment; try again in 2 s"
