"""The paths of localaws itself, in front of the base: credentials of jobs, the registry, and the status."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from localaws.base import Base
from localaws.credentials import CREDENTIALS_PATH, CredentialsEndpoint

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

STATUS_PATH = "/localaws/status"


class Front:
    """The ASGI application of one localaws."""

    def __init__(
        self, base: Base, registry: Asgi, credentials: CredentialsEndpoint, status: Callable[[], dict[str, Any]]
    ) -> None:
        self._base = base
        self._registry = registry
        self._credentials = credentials
        self._status = status
        self.changed = threading.Event()
        """Set by every request that may have changed the state of the base."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith("/v2/"):
            await self._registry(scope, receive, send)
        elif scope["type"] == "http" and path.startswith(CREDENTIALS_PATH):
            await _answer(send, await asyncio.to_thread(self._credentials.answer, path))
        elif scope["type"] == "http" and path == STATUS_PATH:
            await _answer(send, await asyncio.to_thread(self._status))
        else:
            await self._base.asgi(scope, receive, send)
            if scope.get("method") not in {"GET", "HEAD", None}:
                self.changed.set()


async def _answer(send: Send, value: dict[str, Any] | None) -> None:
    status, body = (404, {"message": "not found"}) if value is None else (200, value)
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
