"""The few parts of ASGI that the registry's front needs."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Self

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class ClientGone(Exception):  # noqa: N818 - a state of the connection
    """The client closed the connection before the end of its request."""


class TooLarge(Exception):  # noqa: N818 - a state of the request
    """The body is larger than what is read into memory."""


@dataclass
class Request:
    """A request."""

    method: str
    """The HTTP method."""
    path: str
    """The decoded path."""
    query: str
    """The query, percent-encoded."""
    headers: dict[str, str]
    """The headers, names in lower case."""
    scheme: str
    """`http` or `https`."""
    receive: Receive
    """Returns the next part of the body."""
    client_gone: bool = False
    """The client closed the connection while its body was read."""

    @classmethod
    def read(cls, scope: Scope, receive: Receive) -> Self:
        """Return the request of an ASGI scope."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope["query_string"].decode("latin-1")
        return cls(scope["method"], scope["path"], query, headers, scope.get("scheme", "http"), receive)

    @property
    def has_body(self) -> bool:
        """Whether its headers announce a body."""
        return "transfer-encoding" in self.headers or self.headers.get("content-length", "0") != "0"

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives.

        Raises:
            ClientGone: the client closed the connection.
        """
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                self.client_gone = True
                raise ClientGone
            if chunk := message.get("body", b""):
                yield chunk
            more = message.get("more_body", False)

    async def closed(self) -> None:
        """Wait until the client closes the connection. Only for a request without a body: it reads the body's place."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def body(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            TooLarge: it has more bytes than the limit.
            ClientGone: the client closed the connection.
        """
        content = b""
        async for chunk in self.chunks():
            content += chunk
            if len(content) > limit:
                raise TooLarge
        return content


@dataclass(frozen=True)
class Response:
    """A response with a small body."""

    status: int
    """The HTTP status."""
    body: bytes = b""
    """The body."""
    headers: dict[str, str] = field(default_factory=dict)
    """The headers beside `Content-Length`."""

    async def send(self, send: Send) -> None:
        """Send it. The server leaves the body out if the method is HEAD."""
        headers = {"Content-Length": str(len(self.body))} | self.headers
        await send_start(send, self.status, headers)
        await send({"type": "http.response.body", "body": self.body})


async def send_start(send: Send, status: int, headers: dict[str, str]) -> None:
    """Send the status and the headers."""
    lines = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
