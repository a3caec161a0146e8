"""The HTTP application: the routes of the API and of the page, health and metrics.

Routes that use the graph are plain functions, which run in threads: gremlinpython brings its own event loop.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import anyio.to_thread
import orjson
from fastapi import FastAPI, Query, Request, Response
from starlette.exceptions import HTTPException

from ckgqa_answer.api import schemas
from ckgqa_answer.api.error_handlers import JSON, add_error_handlers, request_id_of, unavailable
from ckgqa_answer.api.metrics import MEDIA_TYPE, ServiceMetrics
from ckgqa_answer.api.middleware import RequestMiddleware, ServiceLimits
from ckgqa_answer.api.service import Service
from ckgqa_answer.api.static_files import INDEX, PageFiles

MAX_EDGES, MAX_EXAMPLES = 100, 20
_ERRORS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": schemas.ErrorReply, "description": "The request is wrong; `error` says why."},
    "5XX": {
        "model": schemas.ErrorReply,
        "description": "503 if the model or the graph is down, or too many requests are in progress.",
    },
}


def create_app(
    service: Service, metrics: ServiceMetrics, limits: ServiceLimits, page: PageFiles | None = None
) -> FastAPI:
    """Make the application.

    Args:
        service: does the work.
        metrics: counts; the same as the service's.
        limits: of requests.
        page: the page's files; None for those of the package.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = limits.threads
        yield

    # No pages of documentation: they load scripts from other hosts.
    app = FastAPI(
        title="ckgqa answer", docs_url=None, redoc_url=None, lifespan=lifespan, responses=_ERRORS,
        description="Answers Chinese questions from a knowledge graph.",
    )  # fmt: skip
    add_error_handlers(app, metrics)
    app.add_middleware(RequestMiddleware, limits=limits, metrics=metrics)
    _add_api(app, service)
    _add_health(app, service, metrics)
    _add_page(app, page or PageFiles())
    return app


def _add_api(app: FastAPI, service: Service) -> None:
    @app.post("/api/ask", response_model=schemas.AskReply)
    def ask(body: schemas.AskRequest, request: Request) -> Response:
        """Answer a question."""
        return _json(service.ask(body.question, body.context, request_id_of(request)).as_record())

    @app.post("/api/feedback", response_model=schemas.FeedbackReply)
    def feedback(body: schemas.FeedbackRequest) -> Response:
        """Store a verdict on an answer."""
        return _json(schemas.FeedbackReply(service.store_feedback(body)))

    @app.get("/api/neighbourhood", response_model=schemas.NeighbourhoodReply)
    def neighbourhood(
        id: Annotated[str, Query(min_length=1, max_length=200)],  # noqa: A002 -- the parameter's name
        limit: Annotated[int, Query(ge=1, le=MAX_EDGES)] = 30,
    ) -> Response:
        """Return the neighbourhood of a vertex."""
        found = service.neighbourhood(id, limit)
        if found is None:
            raise HTTPException(404, "the graph has no vertex of this id")
        return _json(found.as_record())

    @app.get("/api/examples", response_model=schemas.ExamplesReply)
    def examples(count: Annotated[int, Query(ge=1, le=MAX_EXAMPLES)] = 6) -> Response:
        """Return questions that have an answer in this graph."""
        return _json(schemas.ExamplesReply(service.examples(count)))

    @app.get("/api/info", response_model=schemas.InfoReply)
    def info() -> Response:
        """Describe the program, its graph and its model."""
        return _json(service.info())


def _add_health(app: FastAPI, service: Service, metrics: ServiceMetrics) -> None:
    @app.get("/ping", response_model=schemas.StateReply)
    async def ping() -> Response:
        """Return 200 while the program runs."""
        return _json(schemas.StateReply())

    @app.get("/ready", response_model=schemas.ReadyReply)
    def ready(request: Request) -> Response:
        """Try the model and the graph."""
        down = service.unhealthy_dependencies()
        if down:
            return unavailable(request_id_of(request), down)
        return _json(schemas.ReadyReply(warnings=service.warnings()).as_record())

    @app.get("/metrics", response_class=Response)
    async def counts() -> Response:
        """Return counts of requests, answers and failures."""
        return Response(metrics.text(), media_type=MEDIA_TYPE)


def _add_page(app: FastAPI, page: PageFiles) -> None:
    @app.get("/", include_in_schema=False)
    async def index(request: Request) -> Response:
        return page.response(INDEX, request)

    @app.get("/page/{name:path}", include_in_schema=False)
    async def file(name: str, request: Request) -> Response:
        return page.response(name, request)


def _json(reply: object) -> Response:
    """Return a record or a dataclass as JSON."""
    return Response(orjson.dumps(reply), media_type=JSON)
