"""The client of the graph: a few connections, opened when they are needed, and replaced when they break.

A connection is lent to one question at a time, so that a broken one is closed without harm to another question. A graph
that was down answers as soon as it is back; an embedded file that was replaced is opened anew.

Only failures of the connection are retried. They are told apart from bugs where they arise, at the call of the driver:
a RuntimeError in a query of ours passes through as it is.
"""

import logging
import queue
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from gremlin_python.driver.protocol import GremlinServerError
from gremlin_python.driver.remote_connection import RemoteConnection
from gremlin_python.process.anonymous_traversal import traversal
from gremlin_python.process.graph_traversal import GraphTraversalSource

from ckgqa.graph.connection import connect, embedded_path, lost_connection, scheme_of, transient_failures
from ckgqa.graph.errors import TraversalError, UnsupportedStepError
from ckgqa.runtime.errors import InputError, ServiceError, require
from ckgqa.runtime.log import without_credentials
from ckgqa.runtime.retry import RetryPolicy, TransientError
from ckgqa.runtime.settings import refusal
from ckgqa_answer.errors import GraphError
from ckgqa_answer.settings import REQUEST_RETRIES

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

GRAPH_RETRIES = replace(REQUEST_RETRIES, attempts=2)


class QueryError(Exception):
    """The graph's engine rejects a query of ours: a bug, no failure of the graph."""


@dataclass(frozen=True)
class _Connection:
    """An open connection."""

    remote: RemoteConnection
    stamp: object
    """Identifies the embedded file that it was opened for."""

    def submit(self, bytecode: Any) -> Any:  # noqa: ANN401 -- gremlinpython is not typed
        """Execute a traversal; the one method that a traversal source calls.

        Raises:
            TransientError: the connection failed, or the server refuses.
            QueryError: the embedded engine does not know the query.
        """
        try:
            with transient_failures(failure_of_connection):
                return self.remote.submit(bytecode)
        except (UnsupportedStepError, TraversalError) as error:
            raise QueryError(str(error)) from error
        except InputError as error:  # the file was damaged after it was opened
            raise TransientError(str(error)) from error

    def close(self) -> None:
        """Close the connection, even if it is broken."""
        try:
            self.remote.close()
        except Exception as error:
            reason = failure_of_connection(error)
            if reason is None:
                raise
            logger.debug("closing a broken connection: %s", reason)


def failure_of_connection(error: Exception) -> str | None:
    """Return why a connection to a server failed; None if the error is another one, such as a bug."""
    if isinstance(error, GremlinServerError):
        return f"it refused ({error})"
    return lost_connection(error)


class GraphClient:
    """Runs queries. Threads may share it, as long as no event loop runs in them (gremlinpython brings its own).

    Args:
        url: address of the graph, in the form of `ckgqa.graph.connection.connect`.
        timeout_s: seconds that one traversal may take.
        connections: traversals that run at once, at least 1; more wait.
        retries: how often a query is tried.

    Raises:
        InputError: the address is wrong, or the file is not a graph.
    """

    def __init__(
        self, url: str, timeout_s: float = 5.0, connections: int = 8, retries: RetryPolicy = GRAPH_RETRIES
    ) -> None:
        require(connections >= 1, refusal("connections", connections, "an integer of at least 1"))
        scheme_of(url)
        self.url = url
        self._service = f"graph {without_credentials(url)}"
        self._timeout_s = timeout_s
        self._retries = retries
        self._file = embedded_path(url)
        # An item is an idle connection, or the permission to open one.
        self._idle: queue.LifoQueue[_Connection | None] = queue.LifoQueue()
        for _ in range(connections - 1):
            self._idle.put(None)
        # An embedded graph is opened at once, so that a wrong file is reported when the program starts.
        first = None if self._file is None else connect(url, read_only=True, timeout_s=timeout_s)
        self._idle.put(None if first is None else _Connection(first, self._stamp()))

    def run(self, query: Callable[[GraphTraversalSource], Result]) -> Result:
        """Run a query with a traversal source; run it again if the connection breaks.

        Raises:
            GraphError: the graph is down, late or busy.
        """
        try:
            return self._retries.run(self._service, lambda _: self._once(query))
        except ServiceError as error:
            raise GraphError(str(error)) from error

    def close(self) -> None:
        """Close the idle connections."""
        while not self._idle.empty():
            connection = self._idle.get()
            if connection is not None:
                connection.close()

    def _once(self, query: Callable[[GraphTraversalSource], Result]) -> Result:
        try:
            idle = self._idle.get(timeout=self._timeout_s)
        except queue.Empty as error:
            raise ServiceError(f"{self._service}: too many questions at once; try again in a moment") from error
        usable: _Connection | None = None
        connection = idle
        try:
            connection = self._current(idle)
            result = query(traversal().with_remote(connection))
            usable = connection
        finally:
            self._idle.put(usable)
            if usable is None and connection is not None:
                connection.close()
        return result

    def _current(self, connection: _Connection | None) -> _Connection:
        """Return the connection, or a new one if there is none or the embedded file was replaced.

        Raises:
            TransientError: there is no graph now.
        """
        stamp = self._stamp()
        if connection is not None and connection.stamp == stamp:
            return connection
        if connection is not None:
            connection.close()
        try:
            with transient_failures():
                return _Connection(connect(self.url, read_only=True, timeout_s=self._timeout_s, pool_size=1), stamp)
        except InputError as error:  # the file was there when the program started
            raise TransientError(str(error)) from error

    def _stamp(self) -> object:
        """Return a value that changes if the embedded file is replaced.

        Raises:
            TransientError: there is no file now.
        """
        if self._file is None:
            return None
        try:
            status = self._file.stat()
        except FileNotFoundError as error:
            raise TransientError("the file is gone; load the graph again") from error
        return status.st_dev, status.st_ino
