"""The body of a request: complete within its limits; beyond them a rejection that closes the connection."""

import asyncio
from collections.abc import Sequence

import pytest
from starlette.types import Message

from ckgqa.serving.bodies import RequestRejected, read_body


def part(body: bytes, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def read(messages: Sequence[Message], length: str | None = None) -> tuple[bytes, int]:
    """Read a body of at most 10 bytes within 0.1 s; return it, and how many messages stay unread."""
    left = list(messages)

    async def receive() -> Message:
        if not left:
            await asyncio.sleep(20)
        return left.pop(0)

    headers = [] if length is None else [(b"content-length", length.encode("latin-1"))]
    return asyncio.run(read_body({"type": "http", "headers": headers}, receive, 10, 0.1)), len(left)


def test_a_body_is_read_to_its_end():
    assert read([part(b"12345"), part(b"67890", more=False), part(b"next")], "10") == (b"1234567890", 1)
    assert read([part(b"", more=False)]) == (b"", 0)
    # An invalid length is the server's concern; the limit holds all the same.
    assert read([part(b"1", more=False)], "²") == (b"1", 0)


@pytest.mark.parametrize(
    ("messages", "length", "status", "reason"),
    [
        ([], "11", 413, "the body is larger than 10 bytes; send less at a time"),
        ([part(b"123456"), part(b"78901")], None, 413, "the body is larger than 10 bytes; send less at a time"),
        ([part(b"123456"), part(b"78901", more=False)], "1", 413, "the body is larger than 10 bytes; send less at a"),
        ([part(b"1")], "2", 408, "the body did not arrive within 0.1 s"),
        ([part(b"1"), {"type": "http.disconnect"}], "2", 400, "the client disconnected before its request was"),
    ],
)
def test_a_rejection_closes_the_connection(messages: list[Message], length: str | None, status: int, reason: str):
    with pytest.raises(RequestRejected) as raised:
        read(messages, length)
    assert (raised.value.status, raised.value.headers) == (status, {"Connection": "close"})
    assert raised.value.reason.startswith(reason)
