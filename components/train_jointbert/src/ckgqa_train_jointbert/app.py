"""The HTTP application: `GET /ping` and `POST /invocations`, after SageMaker's contract for serving.

Source: "Amazon SageMaker AI: custom inference code with hosting services".
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response

from ckgqa.serving.bodies import Refused, read_body
from ckgqa_train_jointbert.batcher import Batcher, Overloaded
from ckgqa_train_jointbert.bodies import JSON, parse, reply_type, write
from ckgqa_train_jointbert.reading import Reading
from ckgqa_train_jointbert.serve_settings import ServeSettings


@dataclass(frozen=True)
class Limits:
    """What a request may bring."""

    request_bytes: int
    request_questions: int
    question_chars: int
    body_timeout_s: float

    @classmethod
    def of(cls, settings: ServeSettings, window: int) -> "Limits":
        """Take them from the settings; a question is never longer than the model's window."""
        chars = settings.max_question_chars or window
        return cls(settings.max_request_bytes, settings.max_request_questions, chars, settings.body_timeout_s)


def make_app(predict: Callable[[Sequence[str]], list[Reading]], settings: ServeSettings, limits: Limits) -> FastAPI:
    """Make the application.

    Args:
        predict: reads questions.
        settings: how questions are gathered.
        limits: what a request may bring.
    """
    batcher = Batcher(predict, settings.max_batch, settings.max_wait_ms / 1000, settings.max_waiting)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        worker = asyncio.create_task(batcher.run())
        yield
        worker.cancel()
        batcher.close()

    # No pages of documentation: theirs load scripts from elsewhere.
    app = FastAPI(title="ckgqa JointBERT", openapi_url=None, lifespan=lifespan)

    @app.get("/ping")
    async def ping() -> Response:
        """Say that the model is loaded: nothing listens before it is."""
        return Response(b"{}\n", media_type=JSON)

    @app.post("/invocations")
    async def invocations(request: Request) -> Response:
        """Read the questions of a request."""
        try:
            body = await read_body(request.scope, request.receive, limits.request_bytes, limits.body_timeout_s)
            questions, usual = parse(request.headers.get("content-type", ""), body)
            media = reply_type(request.headers.get("accept", ""), usual)
            check_size(questions, limits)
            readings = await batcher.ask(questions)
        except Refused as refused:
            return _error(refused.status, refused.reason, refused.headers)
        except Overloaded as overloaded:
            reason = f"too many questions wait already; try again in {overloaded.retry_after_s} s"
            headers = {"Retry-After": str(overloaded.retry_after_s)}
            return _error(HTTPStatus.SERVICE_UNAVAILABLE, reason, headers)
        return Response(write([reading.as_record() for reading in readings], media), media_type=media)

    return app


def _error(status: HTTPStatus, reason: str, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a reason."""
    return Response(orjson.dumps({"error": reason}), status, headers, JSON)


def check_size(questions: Sequence[str], limits: Limits) -> None:
    """Refuse more, or longer, questions than are allowed.

    Raises:
        Refused: 413.
    """
    too_large = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if len(questions) > limits.request_questions:
        raise Refused(too_large, f"{len(questions)} questions; at most {limits.request_questions} go into a request")
    for number, question in enumerate(questions, start=1):
        if len(question) > limits.question_chars:
            reason = f"question {number} has {len(question)} characters; at most {limits.question_chars} are read"
            raise Refused(too_large, reason)
