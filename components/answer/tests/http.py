"""The HTTP application in this process, over the tests' graph and a scripted model."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx2
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
