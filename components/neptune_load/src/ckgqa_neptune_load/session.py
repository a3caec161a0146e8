"""Requests to a Gremlin Server that are tried again when the failure may pass."""

import logging
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

import aiohttp
from gremlin_python.driver.protocol import GremlinServerError
from gremlin_python.driver.remote_connection import RemoteConnection
from gremlin_python.process.anonymous_traversal import traversal
from gremlin_python.process.graph_traversal import GraphTraversalSource

from ckgqa.graph.connection import connect
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.log import without_credentials

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

TOO_MANY_REQUESTS = 429
LONGEST_WAIT_S = 30.0
# What a server says when the same request may succeed later; the names are Neptune's and TinkerPop's. An element that
# exists already was added by another loader since we looked, or by our own request whose answer was lost.
PASSING = (
    "ConcurrentModificationException",
    "ReadOnlyViolationException",
    "TimeLimitExceededException",
    "ThrottlingException",
    "TooManyRequestsException",
    "Server disconnected",
    "with id already exists",
    "ConstraintViolationException",
)
# Wrong address, closed or lost connection, no answer in time.
CONNECTION_ERRORS = (aiohttp.ClientError, OSError, TimeoutError)


class Session:
    """One connection to a server, made anew when it breaks. Use it as a context manager.

    Args:
        url: address of the server.
        timeout_s: seconds that one request may take.
        attempts: how often a request is tried.
        wait_s: seconds before the second attempt; each further wait is twice as long.
    """

    def __init__(self, url: str, timeout_s: float, attempts: int, wait_s: float) -> None:
        self.url = url
        self._timeout_s = timeout_s
        self._attempts = attempts
        self._wait_s = wait_s
        self._connection: RemoteConnection | None = None
        self._g: GraphTraversalSource | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._disconnect()

    def run(self, work: Callable[[GraphTraversalSource, bool], Result]) -> Result:
        """Do the work with a traversal source; do all of it again when it fails in a way that may pass.

        Args:
            work: gets the source, and True when an attempt before this one may have done a part of it.

        Raises:
            ServiceError: the server cannot be reached, or all attempts failed.
            InputError: the server refuses the work itself.
        """
        for attempt in range(1, self._attempts + 1):
            try:
                return work(self._source(), attempt > 1)
            except Exception as error:  # gremlinpython raises bare RuntimeError: _reason tells
                reason = _reason(error)
                self._disconnect()
                if attempt == self._attempts:
                    raise ServiceError(
                        f"{without_credentials(self.url)}: {reason} (tried {attempt} times); is the server up?"
                    ) from error
                wait_s = min(self._wait_s * 2 ** (attempt - 1), LONGEST_WAIT_S)
                logger.warning("attempt %d of %d failed: %s; again in %.1f s", attempt, self._attempts, reason, wait_s)
                time.sleep(wait_s)
        raise AssertionError("at least one attempt is made")

    def _source(self) -> GraphTraversalSource:
        if self._g is None:
            self._connection = connect(self.url, timeout_s=self._timeout_s)
            self._g = traversal().with_remote(self._connection)
        return self._g

    def _disconnect(self) -> None:
        connection, self._connection, self._g = self._connection, None, None
        if connection is None:
            return
        try:
            connection.close()
        except (RuntimeError, *CONNECTION_ERRORS) as error:
            logger.debug("closing a broken connection: %s", error)


def _reason(error: Exception) -> str:
    """Say why a request failed when trying again may help; raise what will not pass.

    Raises:
        InputError: the server refused the request itself.
        Exception: the error as it came, where it is none of the server's.
    """
    if isinstance(error, GremlinServerError):
        if error.status_code == TOO_MANY_REQUESTS or any(sign in str(error) for sign in PASSING):
            return str(error)
        raise InputError(
            f"the server refused: {error}; it must take string ids (TinkerGraph: vertexIdManager and edgeIdManager ANY)"
        ) from error
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, CONNECTION_ERRORS):
        return str(error) or type(error).__name__
    if isinstance(error, RuntimeError) and "onnection was" in str(error):  # "Connection was (already) closed ..."
        return str(error)
    raise error
