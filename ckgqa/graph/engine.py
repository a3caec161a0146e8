"""The embedded engine: a gremlinpython connection that evaluates bytecode over one SQLite file."""

from concurrent.futures import Future
from pathlib import Path

from gremlin_python.driver.remote_connection import RemoteConnection, RemoteTraversal
from gremlin_python.process.traversal import Bytecode, Traverser

from ckgqa.graph.bytecode import read, read_options
from ckgqa.graph.elements import Value
from ckgqa.graph.errors import TraversalError, UnsupportedStepError
from ckgqa.graph.machine import START, Machine, check_plan
from ckgqa.graph.steps.shortcuts import shorten
from ckgqa.graph.steps.table import KNOWN, STEPS
from ckgqa.graph.steps.write import WRITING
from ckgqa.graph.store import Store
from ckgqa.graph.values import to_client


class EmbeddedConnection(RemoteConnection):
    """A graph in one file, for `traversal().with_remote(...)`; threads may share it."""

    def __init__(self, path: Path, *, read_only: bool, timeout_s: float) -> None:
        super().__init__(f"embedded:{path}", "g")
        self.path = path
        self._store = Store(path, read_only=read_only, timeout_s=timeout_s)
        self._closed = False

    def submit(self, bytecode: Bytecode) -> RemoteTraversal:
        """Evaluate one traversal as one transaction.

        Raises:
            UnsupportedStepError: the traversal uses what the engine does not know; nothing has run.
            TraversalError: it has no answer; nothing of it is kept.
            ServiceError: it took too long, or the machine refuses; nothing of it is kept.
        """
        return RemoteTraversal(iter([Traverser(value) for value in self._evaluate(bytecode)]))

    def _evaluate(self, bytecode: Bytecode) -> list[Value]:
        options = read_options(bytecode)
        plan = read(bytecode, KNOWN)
        check_plan(plan, STEPS)
        limit_ms = options.get("evaluationTimeout")
        if not plan.steps:
            raise TraversalError("the traversal has no step: begin with V(), E(), inject(), union(), addV() or addE()")
        with self._store.transaction(
            write=plan.uses(WRITING) is not None, timeout_s=None if limit_ms is None else limit_ms / 1000
        ):
            stream = Machine(self._store, STEPS).run(shorten(plan), [START])
            return [to_client(traverser.value) for traverser in stream]

    def submit_async(self, bytecode: Bytecode) -> "Future[RemoteTraversal]":
        """Evaluate one traversal at once, for gremlinpython's `promise()`."""
        future: Future[RemoteTraversal] = Future()
        try:
            future.set_result(self.submit(bytecode))
        except Exception as error:  # noqa: BLE001 a future carries whatever happened to whoever waits for it
            future.set_exception(error)
        return future

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if not self._closed:
            self._closed = True
            self._store.close()

    def is_closed(self) -> bool:
        """Return whether `close` was called."""
        return self._closed

    def create_session(self) -> RemoteConnection:
        """Reject `tx()`: one traversal is one transaction, as on Neptune without sessions.

        Raises:
            UnsupportedStepError: always.
        """
        raise UnsupportedStepError("source instruction", "tx", ["one traversal as one transaction"])
