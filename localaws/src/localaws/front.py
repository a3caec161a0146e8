"""The paths of localaws itself, in front of the base: credentials of jobs, the registry, and the status."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from localaws.base import Base
from localaws.credentials import CREDENTIALS_PATH, CredentialsEndpoint
from localaws.registry.routes import is_registry_path

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

STATUS_PATH = "/localaws/status"
ADMIN_PATHS = ("/_ministack/", "/_localstack/", "/_aws/ses", "/_aws/sqs", "/_aws/sns")
"""Paths of the base that ask for no credentials, such as the one that deletes everything."""
OPEN_PATHS = ("/_ministack/health", "/_ministack/ready", "/_ministack/cfn-")
"""Those among them that tell nothing, or that CloudFormation needs."""


class Front:
    """The ASGI application of one localaws.

    Args:
        base: serves what is not served here.
        registry: serves ECR's registry.
        credentials: knows the credentials of jobs.
        status: returns the state of this localaws.
        signed_targets: starts of `X-Amz-Target` for which a request must have a signature.
    """

    def __init__(
        self,
        base: Base,
        registry: Asgi,
        credentials: CredentialsEndpoint,
        status: Callable[[], dict[str, Any]],
        signed_targets: tuple[bytes, ...],
    ) -> None:
        self._base = base
        self._signed_targets = signed_targets
        self._registry = registry
        self._credentials = credentials
        self._status = status
        self.changed = threading.Event()
        """Set by every request that may have changed the state of the base."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        path = scope.get("path", "")
        if scope["type"] == "http" and is_registry_path(path):
            await self._registry(scope, receive, send)
        elif scope["type"] == "http" and path.startswith(CREDENTIALS_PATH):
            await _answer(send, await asyncio.to_thread(self._credentials.answer, path))
        elif scope["type"] == "http" and path == STATUS_PATH:
            await _answer(send, await asyncio.to_thread(self._status))
        elif path.startswith(ADMIN_PATHS) and not path.startswith(OPEN_PATHS):
            # Neither a container nor a subscription of SNS to an address of this machine administers the account.
            await _answer(send, None)
        elif scope["type"] == "http" and self._lacks_signature(dict(scope["headers"])):
            body = {"__type": "MissingAuthenticationTokenException", "message": "Missing Authentication Token"}
            await _send(send, 400, body)
        else:
            await self._base.asgi(scope, receive, send)
            if scope.get("method") not in {"GET", "HEAD", None}:
                self.changed.set()

    def _lacks_signature(self, headers: dict[bytes, bytes]) -> bool:
        """Return whether a request to a service of ours has no signature; the base would call its key unknown."""
        target = headers.get(b"x-amz-target", b"")
        return target.startswith(self._signed_targets) and b"authorization" not in headers


async def _answer(send: Send, value: dict[str, Any] | None) -> None:
    await (_send(send, 404, {"message": "not found"}) if value is None else _send(send, 200, value))


async def _send(send: Send, status: int, body: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
