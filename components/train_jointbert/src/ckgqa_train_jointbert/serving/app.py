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

from ckgqa.serving.bodies import RequestRejected, read_body
from ckgqa_train_jointbert.inference.predictions import QuestionPrediction
from ckgqa_train_jointbert.serving.batcher import Batcher, Overloaded
from ckgqa_train_jointbert.serving.bodies import JSON, negotiate_reply, parse_request, render_reply
from ckgqa_train_jointbert.settings import ServeSettings


@dataclass(frozen=True)
class InvocationLimits:
    """Limits of a request to /invocations."""

    request_bytes: int
    request_questions: int
    question_chars: int
    body_timeout_s: float

    @classmethod
    def from_settings(cls, settings: ServeSettings, window: int) -> "InvocationLimits":
        """Take the limits from the settings; the default length of a question is the model's window."""
        chars = settings.max_question_chars or window
        return cls(settings.max_request_bytes, settings.max_request_questions, chars, settings.body_timeout_s)


def make_app(
    predict: Callable[[Sequence[str]], list[QuestionPrediction]], settings: ServeSettings, limits: InvocationLimits
) -> FastAPI:
    """Build the application.

    Args:
        predict: predicts a batch of questions.
        settings: the settings of the batches.
        limits: the limits of a request.
    """
    batcher = Batcher(predict, settings.max_batch, settings.max_wait_ms / 1000, settings.max_waiting)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        worker = asyncio.create_task(batcher.run())
        yield
        worker.cancel()
        batcher.close()

    # No pages of documentation, because FastAPI's load scripts from other hosts.
    app = FastAPI(title="ckgqa JointBERT", openapi_url=None, lifespan=lifespan)

    @app.get("/ping")
    async def ping() -> Response:
        """Confirm that the model is loaded: the server listens only afterwards."""
        return Response(b"{}\n", media_type=JSON)

    @app.post("/invocations")
    async def invocations(request: Request) -> Response:
        """Predict for the questions of a request."""
        try:
            body = await read_body(request.scope, request.receive, limits.request_bytes, limits.body_timeout_s)
            questions, default = parse_request(request.headers.get("content-type", ""), body)
            media = negotiate_reply(request.headers.get("accept", ""), default)
            check_size(questions, limits)
            predictions = await batcher.predict(questions)
        except RequestRejected as rejected:
            return _error(rejected.status, rejected.reason, rejected.headers)
        except Overloaded as overloaded:
            reason = f"too many questions are waiting; try again in {overloaded.retry_after_s} s"
            headers = {"Retry-After": str(overloaded.retry_after_s)}
            return _error(HTTPStatus.SERVICE_UNAVAILABLE, reason, headers)
        return Response(render_reply([prediction.as_record() for prediction in predictions], media), media_type=media)

    return app


def _error(status: HTTPStatus, reason: str, headers: Mapping[str, str] | None = None) -> Response:
    """Build a reply that carries the reason of an error."""
    return Response(orjson.dumps({"error": reason}), status, headers, JSON)


def check_size(questions: Sequence[str], limits: InvocationLimits) -> None:
    """Reject a request with too many or too long questions.

    Raises:
        RequestRejected: 413.
    """
    too_large = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if len(questions) > limits.request_questions:
        reason = f"{len(questions)} questions; a request holds at most {limits.request_questions}"
        raise RequestRejected(too_large, reason)
    for number, question in enumerate(questions, start=1):
        if len(question) > limits.question_chars:
            reason = f"question {number} has {len(question)} characters; at most {limits.question_chars} are read"
            raise RequestRejected(too_large, reason)
