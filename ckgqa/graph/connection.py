"""`connect(url)`: one client path for every graph; only the connection differs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import aiohttp
from gremlin_python.driver.aiohttp.transport import AiohttpTransport
from gremlin_python.driver.driver_remote_connection import DriverRemoteConnection
from gremlin_python.driver.remote_connection import RemoteConnection

from ckgqa.graph.engine import EmbeddedConnection
from ckgqa.runtime.errors import InputError, require
from ckgqa.runtime.retry import TransientError
from ckgqa.runtime.settings import refusal

# A question's traversal takes milliseconds; what takes longer than this is lost or broken.
DEFAULT_TIMEOUT_S = 60.0
# Gremlin Server's own default is 10 MB of answer; neighbourhoods of a limited size stay far below.
MAX_CONTENT_BYTES = 64 * 1024 * 1024
EMBEDDED = "embedded"

# Requests that a connection to a server carries at once, each over a socket of its own; gremlinpython's own default.
DEFAULT_POOL_SIZE = 8

NETWORK_ERRORS = (aiohttp.ClientError, OSError, TimeoutError)
"""A connection that cannot be opened, was lost, or has no answer in time, if a call of the driver raises it."""
DRIVER_MESSAGES = ("Connection was ", "Received error on read", "Failed to connect to server")
"""How the messages of bare RuntimeErrors and Exceptions begin that gremlinpython raises for a lost connection."""

Opener: TypeAlias = Callable[[str, bool, float, int], RemoteConnection]


# A file has no sockets.
def _open_embedded(url: str, read_only: bool, timeout_s: float, pool_size: int) -> RemoteConnection:  # noqa: ARG001
    return EmbeddedConnection(Path(url.removeprefix(f"{EMBEDDED}:")), read_only=read_only, timeout_s=timeout_s)


class ServerConnection(DriverRemoteConnection):
    """A connection to a Gremlin Server that leaves nothing open behind it, however it fails.

    gremlinpython forgets a socket whose opening failed, and one that broke while it was written to.

    Args:
        url: address of the server.
        timeout_s: the longest wait for one answer; without it a lost answer would hang the client for ever.
        pool_size: sockets, which are opened as they are needed.
    """

    def __init__(self, url: str, timeout_s: float, pool_size: int) -> None:
        self._timeout_s = timeout_s
        self._transports: list[AiohttpTransport] = []
        super().__init__(url, "g", pool_size=pool_size, transport_factory=self._transport)

    def close(self) -> None:
        """Close every socket; a second time does nothing."""
        try:
            super().close()
        finally:
            while self._transports:
                self._transports.pop().close()

    def _transport(self) -> AiohttpTransport:
        made = AiohttpTransport(read_timeout=self._timeout_s, max_content_length=MAX_CONTENT_BYTES)
        self._transports.append(made)
        return made


# A server decides itself who writes.
def _open_server(url: str, read_only: bool, timeout_s: float, pool_size: int) -> RemoteConnection:  # noqa: ARG001
    return ServerConnection(url, timeout_s, pool_size)


# What opens which kind of address. A graph that signs its connections, as Neptune with IAM does, gets a scheme and an
# opener of its own here; nothing that uses the connection changes.
OPENERS: dict[str, Opener] = {EMBEDDED: _open_embedded, "ws": _open_server, "wss": _open_server}


def scheme_of(url: str) -> str:
    """Return the scheme of an address, which selects its opener; a plain path is an embedded graph.

    Raises:
        InputError: the address is empty or of an unknown kind.
    """
    require(
        bool(url.strip()),
        "graph address is empty: expected a path, embedded:PATH, ws://HOST:PORT/gremlin or wss://...",
    )
    scheme, colon, rest = url.partition(":")
    if colon and scheme in OPENERS and (scheme == EMBEDDED or rest.startswith("//")):
        require(bool(rest.strip("/")) or rest == "/", f"graph address {url!r} names no host or file")
        return scheme
    if "://" in url:
        raise InputError(f"graph address {url!r}: expected a path, embedded:PATH, ws://HOST:PORT/gremlin or wss://...")
    return EMBEDDED


def embedded_path(url: str) -> Path | None:
    """Return the file of an embedded graph; None for any other address."""
    return Path(url.removeprefix(f"{EMBEDDED}:")) if scheme_of(url) == EMBEDDED else None


def connect(
    url: str, *, read_only: bool = False, timeout_s: float = DEFAULT_TIMEOUT_S, pool_size: int = DEFAULT_POOL_SIZE
) -> RemoteConnection:
    """Open a graph for `traversal().with_remote(...)`; close it when done.

    Args:
        url: a path or `embedded:PATH` of a graph file; `ws://` or `wss://` of a Gremlin Server.
        read_only: refuse to change an embedded graph, and to make its file.
        timeout_s: the longest wait for one answer, and for another process that writes.
        pool_size: sockets to a server, which are opened as they are needed.

    Raises:
        InputError: the address, or the file behind it, is not a graph.
        ServiceError: the machine refuses.
    """
    require(timeout_s > 0, refusal("timeout_s", timeout_s, "a number above 0"))
    require(pool_size >= 1, refusal("pool_size", pool_size, "an integer of at least 1"))
    return OPENERS[scheme_of(url)](url, read_only, timeout_s, pool_size)


def lost_connection(error: Exception) -> str | None:
    """Return why a connection to a server was lost or cannot be opened; None for any other error, such as a bug.

    Args:
        error: what a call of the driver raised; an error from elsewhere, such as a full disk, can look the same.
    """
    if isinstance(error, NETWORK_ERRORS):
        return str(error) or ("no answer in time" if isinstance(error, TimeoutError) else type(error).__name__)
    if type(error) in {RuntimeError, Exception} and str(error).startswith(DRIVER_MESSAGES):
        return str(error)
    return None


@contextmanager
def transient_failures(reason_of: Callable[[Exception], str | None] = lost_connection) -> Iterator[None]:
    """Raise `TransientError` for a call of the driver that failed in a way that may pass; other errors pass through.

    Args:
        reason_of: returns why another attempt may succeed, or None if it cannot.
    """
    try:
        yield
    except Exception as error:
        reason = reason_of(error)
        if reason is None:
            raise
        raise TransientError(reason) from error
