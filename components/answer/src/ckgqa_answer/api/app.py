"""The HTTP application: the routes of the API, the page, and what watches over them.

Routes that touch the graph are plain functions, which run in threads: gremlinpython brings its own event loop.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import anyio.to_thread
import orjson
from fastapi import FastAPI, Query, Request, Response
from starlette.exceptions import HTTPException

from ckgqa_answer.api import schemas
from ckgqa_answer.api.guard import Guard, Limits
from ckgqa_answer.api.metrics import MEDIA_TYPE, Metrics
from ckgqa_answer.api.page import INDEX, Page
from ckgqa_answer.api.refusals import JSON, add_refusals, id_of, unavailable
from ckgqa_answer.api.service import Service

MAX_EDGES, MAX_EXAMPLES = 100, 20
_ERRORS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": schemas.ErrorReply, "description": "The request is wrong; `error` says why."},
    "5XX": {"model": schemas.ErrorReply, "description": "503 where the model or the graph is down, or too much comes."},
}


def create_app(service: Service, metrics: Metrics, limits: Limits, page: Page | None = None) -> FastAPI:
    """Make the application.

    Args:
        service: does the work.
        metrics: counts; the same as the service's.
        limits: what the server takes upon itself.
        page: the page's files; None for those of the package.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = limits.threads
        yield

    # No pages of documentation: theirs load scripts from elsewhere.
    app = FastAPI(
        title="ckgqa answer", docs_url=None, redoc_url=None, lifespan=lifespan, responses=_ERRORS,
        description="Answers Chinese questions from a knowledge graph.",
    )  # fmt: skip
    add_refusals(app, metrics)
    app.add_middleware(Guard, limits=limits, metrics=metrics)
    _add_api(app, service)
    _add_watching(app, service, metrics)
    _add_page(app, page or Page())
    return app


def _add_api(app: FastAPI, service: Service) -> None:
    @app.post("/api/ask", response_model=schemas.AskReply)
    def ask(body: schemas.AskRequest, request: Request) -> Response:
        """Answer a question."""
        return _json(service.ask(body.question, body.context, id_of(request)))

    @app.post("/api/feedback", response_model=schemas.FeedbackReply)
    def feedback(body: schemas.FeedbackRequest) -> Response:
        """Keep a verdict on an answer."""
        return _json({"request_id": service.judge(body)})

    @app.get("/api/neighbourhood", response_model=schemas.NeighbourhoodReply)
    def neighbourhood(
        id: Annotated[str, Query(min_length=1, max_length=200)],  # noqa: A002 -- the parameter's name
        limit: Annotated[int, Query(ge=1, le=MAX_EDGES)] = 30,
    ) -> Response:
        """Give what stands round a vertex."""
        found = service.around(id, limit)
        if found is None:
            raise HTTPException(404, "the graph has no vertex of this id")
        return _json(found)

    @app.get("/api/examples", response_model=schemas.ExamplesReply)
    def examples(count: Annotated[int, Query(ge=1, le=MAX_EXAMPLES)] = 6) -> Response:
        """Give questions that are answered from this graph."""
        return _json({"questions": service.examples(count)})

    @app.get("/api/info", response_model=schemas.InfoReply)
    def info() -> Response:
        """Say what answers here."""
        return _json(service.info())


def _add_watching(app: FastAPI, service: Service, metrics: Metrics) -> None:
    @app.get("/ping", response_model=schemas.StateReply)
    async def ping() -> Response:
        """Say that the program answers."""
        return _json({"status": "ok"})

    @app.get("/ready", response_model=schemas.StateReply)
    def ready(request: Request) -> Response:
        """Ask the model and the graph."""
        down = service.down()
        return unavailable(id_of(request), down) if down else _json({"status": "ok"})

    @app.get("/metrics", response_class=Response)
    async def counts() -> Response:
        """Count requests, answers and failures."""
        return Response(metrics.text(), media_type=MEDIA_TYPE)


def _add_page(app: FastAPI, page: Page) -> None:
    @app.get("/", include_in_schema=False)
    async def index(request: Request) -> Response:
        return page.answer(INDEX, request)

    @app.get("/page/{name:path}", include_in_schema=False)
    async def file(name: str, request: Request) -> Response:
        return page.answer(name, request)


def _json(record: dict[str, object]) -> Response:
    return Response(orjson.dumps(record), media_type=JSON)
