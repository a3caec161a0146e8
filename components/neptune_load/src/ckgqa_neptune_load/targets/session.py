"""Requests to a Gremlin Server, repeated if the failure may pass."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from gremlin_python.driver.protocol import GremlinServerError
from gremlin_python.driver.remote_connection import RemoteConnection
from gremlin_python.process.anonymous_traversal import traversal
from gremlin_python.process.graph_traversal import GraphTraversalSource

from ckgqa.graph.connection import NETWORK_ERRORS, connect, transient_failures
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.log import without_credentials
from ckgqa.runtime.retry import RetryPolicy, TransientError

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

TOO_MANY_REQUESTS = 429
# Messages of Neptune and TinkerPop for a request that may succeed later. An element that exists already was added by
# another loader since we looked, or by our own request whose answer was lost.
TRANSIENT = (
    "ConcurrentModificationException",
    "ReadOnlyViolationException",
    "TimeLimitExceededException",
    "ThrottlingException",
    "TooManyRequestsException",
    "Server disconnected",
    "with id already exists",
    "ConstraintViolationException",
)


@dataclass(frozen=True)
class _Connection:
    """An open connection; only what its driver raises counts as a failure of the server."""

    remote: RemoteConnection

    def submit(self, bytecode: Any) -> Any:  # noqa: ANN401 -- gremlinpython is not typed
        """Execute a traversal; the one method that a traversal source calls.

        Raises:
            TransientError: another attempt may succeed.
            InputError: the server refuses the request itself.
        """
        try:
            with transient_failures():
                return self.remote.submit(bytecode)
        except GremlinServerError as error:
            raise _refused(error) from error

    def close(self) -> None:
        """Close the connection, even if it is broken."""
        try:
            self.remote.close()
        except (RuntimeError, *NETWORK_ERRORS) as error:
            logger.debug("closing a broken connection: %s", error)


class GremlinSession:
    """One connection to a graph, made anew after each failure. Use it as a context manager.

    Args:
        url: address of the graph.
        timeout_s: seconds that one request may take.
        retry: attempts and waits.
    """

    def __init__(self, url: str, timeout_s: float, retry: RetryPolicy) -> None:
        self.url = url
        self._timeout_s = timeout_s
        self._retry = retry
        self._connection: _Connection | None = None
        self._g: GraphTraversalSource | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._disconnect()

    def run(self, work: Callable[[GraphTraversalSource, bool], Result]) -> Result:
        """Do the work with a traversal source, and all of it again after a failure that may pass.

        Args:
            work: gets the source, and True if an attempt before this one may have done a part of it. An error of its
                own, such as a full disk, is no failure of the server and is raised as it is.

        Raises:
            ServiceError: the server cannot be reached, or all attempts failed.
            InputError: the server refuses the work itself.
        """
        try:
            return self._retry.run(without_credentials(self.url), partial(self._attempt, work), self._log_failure)
        except ServiceError as error:
            if isinstance(error.__cause__, TransientError):
                raise ServiceError(f"{error}; is the server up?") from error
            raise

    def _attempt(self, work: Callable[[GraphTraversalSource, bool], Result], attempt: int) -> Result:
        try:
            return work(self._source(), attempt > 1)
        except TransientError:
            self._disconnect()
            raise

    def _log_failure(self, attempt: int, wait_s: float, error: TransientError) -> None:
        attempts = self._retry.attempts
        logger.warning("attempt %d of %d failed: %s; again in %.1f s", attempt, attempts, error, wait_s)

    def _source(self) -> GraphTraversalSource:
        if self._g is None:
            self._connection = _Connection(self._open())
            self._g = traversal().with_remote(self._connection)
        return self._g

    def _open(self) -> RemoteConnection:
        with transient_failures():
            return connect(self.url, timeout_s=self._timeout_s)

    def _disconnect(self) -> None:
        connection, self._connection, self._g = self._connection, None, None
        if connection is not None:
            connection.close()


def _refused(error: GremlinServerError) -> TransientError | InputError:
    """Translate a refusal of the server: another attempt may succeed, or the request itself is wrong."""
    if error.status_code == TOO_MANY_REQUESTS or any(sign in str(error) for sign in TRANSIENT):
        return TransientError(str(error))
    return InputError(
        f"the server refused: {error}; it must take string ids (TinkerGraph: vertexIdManager and edgeIdManager ANY)"
    )
