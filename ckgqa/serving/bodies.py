"""Reads the body of a request within limits. Needs Starlette."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

CLOSING = {"Connection": "close"}
"""What is left of a body that was not read would be taken for the next request of its connection."""


class Refused(Exception):  # noqa: N818 -- an answer to a client, no error of the program
    """A request that is not taken.

    Args:
        status: HTTP status.
        reason: what was wrong and what would be right.
        headers: further headers of the reply.
    """

    def __init__(self, status: HTTPStatus, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status, self.reason, self.headers = status, reason, headers or {}


async def read_body(scope: Scope, receive: Receive, max_bytes: int, timeout_s: float) -> bytes:
    """Read a request's body, no more of it and no longer than is allowed.

    Args:
        scope: the request's, after ASGI.
        receive: gives its messages.
        max_bytes: the largest body.
        timeout_s: seconds within which all of it has to arrive.

    Raises:
        Refused: 413 where it is too large, 408 where it does not arrive in time, 400 where its client left.
    """
    reason = f"the body is larger than {max_bytes} bytes; send less at a time"
    too_large = Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason, CLOSING)
    said = Headers(scope=scope).get("content-length", "")
    if said.isdecimal() and int(said) > max_bytes:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(timeout_s):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refused(HTTPStatus.BAD_REQUEST, "the client left before its request was whole", CLOSING)
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > max_bytes:
                    raise too_large
    except TimeoutError as error:
        reason = f"the body did not arrive within {timeout_s:g} s"
        raise Refused(HTTPStatus.REQUEST_TIMEOUT, reason, CLOSING) from error
    return bytes(body)
