"""What every request passes: its id, the limits, the headers of the reply, the counts, and a net for bugs."""

import logging
import re
import secrets
import time
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ckgqa.serving.bodies import RequestRejected, read_body
from ckgqa_answer.api.metrics import OTHER, Metrics
from ckgqa_answer.api.refusals import BUG, refusal

logger = logging.getLogger(__name__)

ID = "X-Request-Id"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
UNLIMITED = frozenset({"/ping", "/metrics"})
"""What answers however many requests wait."""
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class Limits:
    """What the service takes upon itself."""

    threads: int = 8
    """Questions that are answered at once; others wait."""
    max_requests: int = 64
    """Requests under way, above which further ones are refused."""
    max_body_bytes: int = 64 * 1024
    body_timeout_s: float = 10.0


@dataclass
class _Reply:
    """What went out of a reply so far."""

    send: Send
    request_id: str
    status: int = 0
    added: dict[str, str] = field(default_factory=lambda: dict(SECURITY))

    async def pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in {**self.added, ID: self.request_id}.items():
                headers[name] = value
        await self.send(message)


class Guard:
    """Middleware round the whole application.

    Args:
        app: what it guards.
        limits: what a request may bring.
        metrics: counts requests.
    """

    def __init__(self, app: ASGIApp, limits: Limits, metrics: Metrics) -> None:
        self._app, self._limits, self._metrics = app, limits, metrics
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reply = _Reply(send, _request_id(Headers(scope=scope)))
        scope.setdefault("state", {})["request_id"] = reply.request_id
        started = time.perf_counter()
        refused: Response | None = None
        try:
            await self._limited(scope, receive, reply.pass_on)
        except RequestRejected as error:
            refused = refusal(reply.request_id, error.status, error.reason, error.headers)
        except Exception:
            logger.exception("request %s: this is a bug in ckgqa", reply.request_id)
            if not reply.status:
                refused = refusal(reply.request_id, HTTPStatus.INTERNAL_SERVER_ERROR, BUG)
        if refused is not None:
            await refused(scope, receive, reply.pass_on)
        self._metrics.seen(_route(scope), reply.status, time.perf_counter() - started)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request within the limits.

        Raises:
            RequestRejected: its body is too large, late or cut off, or too many are under way.
        """
        if scope["path"] in UNLIMITED:
            await self._app(scope, receive, send)
            return
        body = await read_body(scope, receive, self._limits.max_body_bytes, self._limits.body_timeout_s)
        if self._under_way >= self._limits.max_requests:
            reason = f"{self._under_way} requests are being answered already; try again in 1 s"
            raise RequestRejected(HTTPStatus.SERVICE_UNAVAILABLE, reason, {"Retry-After": "1"})
        self._under_way += 1
        self._metrics.under_way.set(self._under_way)
        try:
            await self._app(scope, _again(body, receive), send)
        finally:
            self._under_way -= 1
            self._metrics.under_way.set(self._under_way)


def _request_id(headers: Headers) -> str:
    given = headers.get(ID, "")
    return given if _ID.fullmatch(given) else secrets.token_hex(16)


def _route(scope: Scope) -> str:
    """Name the route that a request took."""
    return str(getattr(scope.get("route"), "path", OTHER))


def _again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read already, and then whatever comes."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed
