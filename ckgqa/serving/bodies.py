"""Reads the body of a request within limits. Requires Starlette."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

CLOSING = {"Connection": "close"}
"""Ends a connection with an unread body, because a server would parse the rest of it as the next request."""


class RequestRejected(Exception):  # noqa: N818 -- a reply to a client, no error of the program
    """A request that the service rejects.

    Args:
        status: HTTP status.
        reason: what is wrong with the request, and what the service expects.
        headers: further headers of the reply.
    """

    def __init__(self, status: HTTPStatus, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status, self.reason, self.headers = status, reason, headers or {}


async def read_body(scope: Scope, receive: Receive, max_bytes: int, timeout_s: float) -> bytes:
    """Read a request's body within a limit of size and a limit of time.

    Args:
        scope: ASGI's scope of the request.
        receive: returns the next ASGI message of the request.
        max_bytes: maximum size of the body.
        timeout_s: maximum seconds for the arrival of the whole body.

    Raises:
        RequestRejected: 413 for a body that is too large, 408 for one that arrives too late, 400 if the client
            disconnects.
    """
    reason = f"the body is larger than {max_bytes} bytes; send less at a time"
    too_large = RequestRejected(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason, CLOSING)
    content_length = Headers(scope=scope).get("content-length", "")
    if content_length.isdecimal() and int(content_length) > max_bytes:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(timeout_s):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    reason = "the client disconnected before its request was complete"
                    raise RequestRejected(HTTPStatus.BAD_REQUEST, reason, CLOSING)
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > max_bytes:
                    raise too_large
    except TimeoutError as error:
        reason = f"the body did not arrive within {timeout_s:g} s"
        raise RequestRejected(HTTPStatus.REQUEST_TIMEOUT, reason, CLOSING) from error
    return bytes(body)
