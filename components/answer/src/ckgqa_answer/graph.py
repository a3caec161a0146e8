"""The graph that is asked: a few connections, made when they are needed, and made anew when they break.

A connection is lent to one question at a time, so that one that broke is thrown away without harm to another question.
A graph that was down is asked again as soon as it is back; an embedded file that was replaced is opened anew.
"""

import logging
import queue
from collections.abc import Callable
from typing import TypeVar

import aiohttp
from gremlin_python.driver.protocol import GremlinServerError
from gremlin_python.driver.remote_connection import RemoteConnection
from gremlin_python.process.anonymous_traversal import traversal
from gremlin_python.process.graph_traversal import GraphTraversalSource

from ckgqa.graph.connection import connect, embedded_path, scheme_of
from ckgqa.graph.errors import TraversalError, UnsupportedStepError
from ckgqa.runtime.errors import InputError, ServiceError, require
from ckgqa.runtime.log import without_credentials
from ckgqa_answer.down import GraphError
from ckgqa_answer.retries import PassingError, Retries

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

LOST = (aiohttp.ClientError, OSError, TimeoutError, RuntimeError)
"""What gremlinpython raises for a connection that cannot be made, was closed, or gives no answer in time."""


class Graph:
    """Runs traversals. Threads may share it, as long as no event loop runs in them (gremlinpython brings its own).

    Args:
        url: address of the graph, as `ckgqa.graph.connection.connect` takes it.
        timeout_s: seconds that one traversal may take.
        connections: traversals that run at once, at least 1; more wait.
        retries: how often one is tried.

    Raises:
        InputError: the address is wrong, or there is no graph in the file.
    """

    def __init__(self, url: str, timeout_s: float = 5.0, connections: int = 8, retries: Retries | None = None) -> None:
        require(connections >= 1, f"connections is {connections}: at least 1 is expected")
        scheme_of(url)
        self.url = url
        self._place = f"graph {without_credentials(url)}"
        self._timeout_s = timeout_s
        self._retries = retries or Retries(attempts=2)
        self._file = embedded_path(url)
        # What lies in it is a connection, with the file that it was made for, or the right to make one.
        self._idle: queue.LifoQueue[tuple[RemoteConnection, object] | None] = queue.LifoQueue()
        for _ in range(connections):
            self._idle.put(None)
        if self._file is not None:
            self._idle.get()
            self._idle.put((connect(url, read_only=True, timeout_s=timeout_s), self._stamp()))

    def run(self, work: Callable[[GraphTraversalSource], Result]) -> Result:
        """Do the work with a traversal source; do it again when the connection breaks.

        Raises:
            GraphError: the graph is down, late or busy.
        """
        try:
            return self._retries.run(self._place, lambda: self._once(work))
        except ServiceError as error:
            raise GraphError(str(error)) from error

    def close(self) -> None:
        """Close the connections that are idle."""
        while not self._idle.empty():
            lent = self._idle.get()
            if lent is not None:
                _close(lent[0])

    def _once(self, work: Callable[[GraphTraversalSource], Result]) -> Result:
        try:
            lent = self._idle.get(timeout=self._timeout_s)
        except queue.Empty as error:
            raise ServiceError(f"{self._place}: too many questions at once; try again in a moment") from error
        kept: tuple[RemoteConnection, object] | None = None
        try:
            lent = self._usable(lent)
            found = work(traversal().with_remote(lent[0]))
            kept = lent
        except GremlinServerError as error:
            raise PassingError(f"it refused ({error})") from error
        except LOST as error:
            raise PassingError(str(error) or f"no answer ({type(error).__name__})") from error
        finally:
            if kept is None and lent is not None:
                _close(lent[0])
            self._idle.put(kept)
        return found

    def _usable(self, lent: tuple[RemoteConnection, object] | None) -> tuple[RemoteConnection, object]:
        """Give the connection, or a new one in the place of none, or of one whose file is another now.

        Raises:
            PassingError: there is no graph now.
        """
        stamp = self._stamp()
        if lent is not None and lent[1] == stamp:
            return lent
        if lent is not None:
            _close(lent[0])
        try:
            return connect(self.url, read_only=True, timeout_s=self._timeout_s, pool_size=1), stamp
        except (UnsupportedStepError, TraversalError):
            raise
        except InputError as error:  # the file was there at the start
            raise PassingError(str(error)) from error

    def _stamp(self) -> object:
        """Give what changes when another file takes the embedded graph's place.

        Raises:
            PassingError: there is no file now.
        """
        if self._file is None:
            return None
        try:
            found = self._file.stat()
        except FileNotFoundError as error:
            raise PassingError("the file is gone; load the graph again") from error
        return found.st_dev, found.st_ino


def _close(connection: RemoteConnection) -> None:
    """Close a connection, which may be broken."""
    try:
        connection.close()
    except LOST as error:
        logger.debug("closing a broken connection: %s", error)
