"""The application over HTTP, in this process: replies, rejections, limits and overload."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from threading import Event

import httpx2
import pytest
from ckgqa_train_jointbert.inference.loading import load_served
from ckgqa_train_jointbert.inference.predictions import QuestionPrediction
from ckgqa_train_jointbert.model.folder import read_model_folder
from ckgqa_train_jointbert.serving.app import InvocationLimits, make_app
from ckgqa_train_jointbert.settings import ServeSettings

Work = Callable[[httpx2.AsyncClient], Awaitable[None]]
Predict = Callable[[Sequence[str]], list[QuestionPrediction]]
QUESTIONS = ["《战狼2》是谁导演的？", "👨‍👩‍👧吴京ＡＢ的x是谁", "2"]


@pytest.fixture(scope="module")
def predict(served_model: Path) -> Predict:
    return load_served(read_model_folder(served_model), threads=1).predict


def over_http(predict: Predict, work: Work, **changed: object) -> None:
    """Run some work against the application with changed settings."""
    settings = ServeSettings(Path("model"), **changed)  # type: ignore[arg-type]
    app = make_app(predict, settings, InvocationLimits.from_settings(settings, window=64))

    async def run() -> None:
        transport = httpx2.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, base_url="http://model") as client,
        ):
            await asyncio.wait_for(work(client), 30)

    asyncio.run(run())


def rejection(reply: httpx2.Response) -> str:
    assert reply.headers["content-type"] == "application/json"
    return str(reply.json()["error"])


def test_ping_answers(predict: Predict):
    async def work(client: httpx2.AsyncClient) -> None:
        reply = await client.get("/ping")
        assert (reply.status_code, reply.json()) == (200, {})

    over_http(predict, work)


def test_every_form_gives_the_same_records_in_order(predict: Predict):
    rows = io.StringIO()
    csv.writer(rows).writerows([question] for question in QUESTIONS)
    lines = "".join(json.dumps({"question": question}) + "\n" for question in QUESTIONS)

    async def work(client: httpx2.AsyncClient) -> None:
        as_json = await client.post("/invocations", json={"questions": QUESTIONS})
        records = as_json.json()["predictions"]
        assert [type(record["predicted_label"]) for record in records] == [str] * 3
        bodies = (("text/csv", rows.getvalue()), ("application/jsonlines", lines))
        for media, body in bodies:
            reply = await client.post("/invocations", content=body.encode(), headers={"Content-Type": media})
            assert reply.status_code == 200
            assert list(_records(reply)) == records
        one = await client.post("/invocations", json={"question": QUESTIONS[1]})
        assert one.json()["predictions"][0]["predicted_label"] == records[1]["predicted_label"]

    over_http(predict, work)


def _records(reply: httpx2.Response) -> list[object]:
    if reply.headers["content-type"] == "application/jsonlines":
        return [json.loads(line) for line in reply.text.splitlines()]
    return list(reply.json()["predictions"])


def test_csv_can_be_answered_in_lines_for_batch_transform(predict: Predict):
    async def work(client: httpx2.AsyncClient) -> None:
        headers = {"Content-Type": "text/csv", "Accept": "application/jsonlines"}
        reply = await client.post("/invocations", content="谁\n谁".encode(), headers=headers)
        assert reply.headers["content-type"] == "application/jsonlines"
        assert len(reply.text.splitlines()) == 2

    over_http(predict, work)


def test_a_record_follows_the_contract(predict: Predict):
    async def work(client: httpx2.AsyncClient) -> None:
        reply = await client.post("/invocations", json={"questions": QUESTIONS})
        for question, record in zip(QUESTIONS, reply.json()["predictions"], strict=True):
            probabilities = list(record["probabilities"].values())
            assert next(iter(record["probabilities"])) == record["predicted_label"]
            assert probabilities[0] == record["probability"]
            assert probabilities == sorted(probabilities, reverse=True)
            assert 1 <= len(probabilities) <= 5
            for slot in record["slots"]:
                assert slot["text"] == question[slot["start"] : slot["end"]] != ""
                assert slot["role"] in {"@value", "inWork", "subject"}
                assert 0 <= slot["probability"] <= 1

    over_http(predict, work)


@pytest.mark.parametrize(
    ("media", "body", "status", "reason"),
    [
        ("text/plain", b"x", 415, "use one of application/json, application/jsonlines, text/csv"),
        ("application/json", b"{", 400, "the body is not JSON"),
        ("text/csv", b"a,b", 400, "line 1 has 2 fields"),
        ("application/json", b'{"question": ""}', 400, "question 1 is empty"),
        (
            "application/json",
            json.dumps({"question": "谁" * 65}).encode(),
            413,
            "question 1 has 65 characters; at most 64",
        ),
        ("application/json", json.dumps({"question": "谁" * 10_000}).encode(), 413, "question 1 has 10000 characters"),
    ],
)
def test_a_bad_request_is_rejected_with_the_reason(predict: Predict, media: str, body: bytes, status: int, reason: str):
    async def work(client: httpx2.AsyncClient) -> None:
        reply = await client.post("/invocations", content=body, headers={"Content-Type": media})
        assert reply.status_code == status
        assert reason in rejection(reply)

    over_http(predict, work)


def test_an_unsupported_form_of_reply_is_rejected(predict: Predict):
    async def work(client: httpx2.AsyncClient) -> None:
        reply = await client.post("/invocations", json={"question": "谁"}, headers={"Accept": "text/csv"})
        assert (reply.status_code, "is not supported" in rejection(reply)) == (406, True)

    over_http(predict, work)


def test_the_limits_are_settings(predict: Predict):
    async def work(client: httpx2.AsyncClient) -> None:
        many = await client.post("/invocations", json={"questions": ["谁"] * 3})
        assert (many.status_code, rejection(many)) == (413, "3 questions; a request holds at most 2")
        long = await client.post("/invocations", json={"question": "谁" * 6})
        assert (long.status_code, rejection(long)) == (413, "question 1 has 6 characters; at most 5 are read")
        large = await client.post("/invocations", content=b" " * 1025, headers={"Content-Type": "text/csv"})
        assert (large.status_code, rejection(large)) == (413, "the body is larger than 1024 bytes; send less at a time")
        assert large.headers["connection"] == "close"
        fits = await client.post("/invocations", json={"questions": ["谁" * 5] * 2})
        assert fits.status_code == 200

    over_http(predict, work, max_request_questions=2, max_question_chars=5, max_request_bytes=1024)


def test_a_body_without_a_length_is_cut_off_too(predict: Predict):
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 100

    async def work(client: httpx2.AsyncClient) -> None:
        reply = await client.post("/invocations", content=chunks(), headers={"Content-Type": "text/csv"})
        assert (reply.status_code, "larger than 1024 bytes" in rejection(reply)) == (413, True)

    over_http(predict, work, max_request_bytes=1024)


def test_a_body_that_does_not_arrive_is_rejected(predict: Predict):
    async def slow() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(10)

    async def work(client: httpx2.AsyncClient) -> None:
        reply = await client.post("/invocations", content=slow(), headers={"Content-Type": "text/csv"})
        assert (reply.status_code, rejection(reply)) == (408, "the body did not arrive within 0.2 s")

    over_http(predict, work, body_timeout_s=0.2)


def test_overload_is_503_with_the_time_to_come_back(predict: Predict):
    free = Event()

    def blocked(questions: Sequence[str]) -> list[QuestionPrediction]:
        free.wait(20)
        return predict(questions)

    async def work(client: httpx2.AsyncClient) -> None:
        async def ask() -> httpx2.Response:
            return await client.post("/invocations", json={"question": "谁"})

        tasks = []
        for _ in range(3):  # one is read, two wait
            tasks.append(asyncio.create_task(ask()))
            await asyncio.sleep(0.05)
        reply = await ask()
        assert reply.status_code == 503
        assert int(reply.headers["retry-after"]) >= 1
        assert "too many questions are waiting" in rejection(reply)
        assert (await client.get("/ping")).status_code == 200
        free.set()
        assert {(await task).status_code for task in tasks} == {200}
        assert (await ask()).status_code == 200

    over_http(blocked, work, max_waiting=2, max_batch=1)


def test_no_page_loads_scripts_from_elsewhere(predict: Predict):
    async def work(client: httpx2.AsyncClient) -> None:
        assert {(await client.get(path)).status_code for path in ("/docs", "/redoc", "/openapi.json")} == {404}
        assert (await client.get("/invocations")).status_code == 405

    over_http(predict, work)
