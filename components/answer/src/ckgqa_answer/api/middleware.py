"""The middleware of every request: its id, the limits, the reply's headers, the counts, a last-resort error handler."""

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
from ckgqa_answer.api.error_handlers import BUG, error_response
from ckgqa_answer.api.metrics import OTHER, ServiceMetrics

logger = logging.getLogger(__name__)

ID = "X-Request-Id"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
UNLIMITED = frozenset({"/ping", "/metrics"})
"""Paths that answer however many requests wait."""
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class ServiceLimits:
    """Request limits."""

    threads: int = 8
    """Requests that are processed at once; others wait."""
    max_requests: int = 64
    """Requests in progress above which further ones are rejected."""
    max_body_bytes: int = 64 * 1024
    body_timeout_s: float = 10.0


@dataclass
class _ReplySender:
    """Sends a reply, adds headers and remembers the status."""

    send: Send
    request_id: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=lambda: dict(SECURITY))

    async def __call__(self, message: Message) -> None:
        """Send one message of the reply."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            sent = MutableHeaders(scope=message)
            for name, value in {**self.headers, ID: self.request_id}.items():
                sent[name] = value
        await self.send(message)


class RequestMiddleware:
    """Middleware around the whole application.

    Args:
        app: the application.
        limits: of requests.
        metrics: counts requests.
    """

    def __init__(self, app: ASGIApp, limits: ServiceLimits, metrics: ServiceMetrics) -> None:
        self._app, self._limits, self._metrics = app, limits, metrics
        self._in_progress = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reply = _ReplySender(send, _request_id(Headers(scope=scope)))
        scope.setdefault("state", {})["request_id"] = reply.request_id
        started = time.perf_counter()
        rejection: Response | None = None
        try:
            await self._limited(scope, receive, reply)
        except RequestRejected as error:
            rejection = error_response(reply.request_id, error.status, error.reason, error.headers)
        except Exception:
            logger.exception("request %s: this is a bug in ckgqa", reply.request_id)
            if not reply.status:
                rejection = error_response(reply.request_id, HTTPStatus.INTERNAL_SERVER_ERROR, BUG)
        if rejection is not None:
            await rejection(scope, receive, reply)
        self._metrics.count_request(_route(scope), reply.status, time.perf_counter() - started)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request within the limits.

        Raises:
            RequestRejected: the body is too large, late or cut off, or too many requests are in progress.
        """
        if scope["path"] in UNLIMITED:
            await self._app(scope, receive, send)
            return
        body = await read_body(scope, receive, self._limits.max_body_bytes, self._limits.body_timeout_s)
        if self._in_progress >= self._limits.max_requests:
            reason = f"{self._in_progress} requests are being answered already; try again in 1 s"
            raise RequestRejected(HTTPStatus.SERVICE_UNAVAILABLE, reason, {"Retry-After": "1"})
        self._in_progress += 1
        self._metrics.in_progress.set(self._in_progress)
        try:
            await self._app(scope, _replayed(body, receive), send)
        finally:
            self._in_progress -= 1
            self._metrics.in_progress.set(self._in_progress)


def _request_id(headers: Headers) -> str:
    """Return the client's id if it is well-formed; otherwise a new one."""
    requested = headers.get(ID, "")
    return requested if _ID.fullmatch(requested) else secrets.token_hex(16)


def _route(scope: Scope) -> str:
    """Return the path of the route that served a request."""
    return str(getattr(scope.get("route"), "path", OTHER))


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Replay a body that was read already, and then the messages that follow."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return messages.pop() if messages else await receive()

    return next_message
