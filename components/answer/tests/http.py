"""The HTTP application in this process, over the tests' graph and a scripted model."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
from ckgqa_answer.api.app import create_app
from ckgqa_answer.api.event_log import EventLog
from ckgqa_answer.api.metrics import ServiceMetrics
from ckgqa_answer.api.middleware import ServiceLimits
from ckgqa_answer.api.service import Service
from ckgqa_answer.api.static_files import PageFiles
from ckgqa_answer.application import Application
from fastapi import FastAPI

Work = Callable[[httpx2.AsyncClient], Awaitable[None]]
LIMIT_S = 30


def over_http(app: FastAPI, work: Work) -> None:
    """Run some work against the application."""

    async def run() -> None:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, base_url="http://answerer") as client,
        ):
            await asyncio.wait_for(work(client), LIMIT_S)

    asyncio.run(run())


def made_app(
    application: Application,
    folder: Path,
    logs: Path | None,
    limits: ServiceLimits | None = None,
    page: PageFiles | None = None,
) -> FastAPI:
    """Make the HTTP application over a graph's folder; its logs go to `logs`."""
    metrics = ServiceMetrics()
    service = Service(application, folder, "http://model", EventLog(logs, 100_000), metrics)
    return create_app(service, metrics, limits or ServiceLimits(), page)


class Site:
    """The application, asked one request at a time."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def send(self, method: str, path: str, **more: object) -> httpx2.Response:
        replies: list[httpx2.Response] = []

        async def work(client: httpx2.AsyncClient) -> None:
            replies.append(await client.request(method, path, **more))  # type: ignore[arg-type]

        over_http(self.app, work)
        return replies[0]

    def get(self, path: str, **more: object) -> httpx2.Response:
        return self.send("GET", path, **more)

    def ask(self, question: object, **more: object) -> httpx2.Response:
        return self.send("POST", "/api/ask", json={"question": question, **more})
