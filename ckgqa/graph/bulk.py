"""Loads millions of vertices and edges into an embedded graph, in batches of one transaction each.

Existing elements are not modified; new vertices, edges and `type` values are added. Rows may come in any order, but
those sorted by id are many times faster at scale: hashed ids in random order make each insert touch another page.
A first load into a graph without edges builds the secondary indexes at its end: a killed load leaves whole batches,
and the answers are right, only slow, until a load ends.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

from ckgqa.graph.file import INDEXES, close_file, connect_file, index_statement, missing_indexes, pack_id, translated
from ckgqa.graph.store import to_json
from ckgqa.runtime.artefacts import FactSource
from ckgqa.runtime.errors import InputError, require
from ckgqa.runtime.settings import refusal

T = TypeVar("T")

DEFAULT_BATCH_ROWS = 50_000
# Edges look up both ends in the index of vertex ids, at random: it should stay in memory (30 bytes a vertex).
CACHE_KIB = 256 * 1024
LOCK_TIMEOUT_S = 60.0
# The log beside the file is cut back to this once its content is in the file: it would keep the size of an index.
LOG_LIMIT_BYTES = 64 * 1024 * 1024

# What is there already costs one look at the index of ids: properties that are equal as text need no second one, and
# the ends of an edge are sought only when it is new.
ADD_VERTEX = """
INSERT INTO vertex (id, label, name, properties) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
SET properties = with_types(properties, excluded.properties)
WHERE properties <> excluded.properties AND lacks_types(properties, excluded.properties)
"""
ADD_EDGE = """
INSERT INTO edge (id, label, source, target, properties)
SELECT ?, ?, (SELECT key FROM vertex WHERE id = ?), (SELECT key FROM vertex WHERE id = ?), ?
WHERE NOT EXISTS (SELECT 1 FROM edge WHERE id = ?)
"""


class BulkVertex(NamedTuple):
    """One vertex to load; `types` is a set whose new values are added to a vertex that is there already."""

    id: str
    label: str
    name: str | None = None
    types: Sequence[str] = ()
    predicate: str | None = None


class BulkEdge(NamedTuple):
    """One edge to load, between vertices that are there; what is None is left out.

    `sentence_count` becomes the property `count`.
    """

    id: str
    from_id: str
    to_id: str
    label: str
    source: FactSource | None = None
    score: float | None = None
    sentence_count: int | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class AddedCounts:
    """The numbers of elements and types that a load has added."""

    vertices: int = 0
    edges: int = 0
    types: int = 0


class BulkLoader:
    """Loads into one graph file: `with BulkLoader(path) as loader: loader.add_vertices(...); loader.add_edges(...)`.

    Leaving the block builds the indexes that are missing, after bad input too, but not when the machine has refused.
    """

    def __init__(
        self,
        path: Path,
        *,
        batch_rows: int = DEFAULT_BATCH_ROWS,
        advance: Callable[[int], None] | None = None,
        lock_timeout_s: float = LOCK_TIMEOUT_S,
    ) -> None:
        """Open the graph, or make it.

        Args:
            path: the graph file.
            batch_rows: rows of one transaction.
            advance: called after each transaction with the number of rows it took.
            lock_timeout_s: how long to wait for another process that writes.

        Raises:
            InputError: the file is no graph of a known format.
            ServiceError: the machine refuses.
        """
        require(batch_rows >= 1, refusal("batch_rows", batch_rows, "an integer of at least 1"))
        self.path, self.batch_rows = path, batch_rows
        self._advance = advance or (lambda _: None)
        self._connection = connect_file(path, read_only=False, timeout_s=lock_timeout_s)
        self._connection.create_function("lacks_types", 2, lambda *texts: bool(_missing_types(*texts)))
        self._connection.create_function("with_types", 2, self._with_types)
        self._labels: dict[str, int] = {}
        self._new_types: list[int] = []
        self._added = AddedCounts()

    def __enter__(self) -> Self:
        """Drop the indexes of a graph that has no edge yet."""
        with translated(self.path):
            self._connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            self._connection.execute(f"PRAGMA journal_size_limit = {LOG_LIMIT_BYTES}")
            with self._transaction():
                if not self._connection.execute("SELECT EXISTS (SELECT 1 FROM edge)").fetchone()[0]:
                    for name in INDEXES:
                        self._connection.execute(f"DROP INDEX IF EXISTS {name}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Build what is missing, write the log into the file, and close it."""
        try:
            if kind is None or issubclass(kind, InputError):
                with translated(self.path):
                    self._finish()
        finally:
            close_file(self._connection)

    def _finish(self) -> None:
        for name in missing_indexes(self._connection):
            self._connection.execute(index_statement(name))
        self._connection.execute("PRAGMA wal_checkpoint (TRUNCATE)").fetchall()

    @property
    def added(self) -> AddedCounts:
        """The counts of the committed transactions so far."""
        return self._added

    def add_vertices(self, rows: Iterable[BulkVertex]) -> None:
        """Add vertices, and new types of those that are there.

        Raises:
            ServiceError: the disk is full, or the machine refuses otherwise; the batches before that stay.
        """
        for batch in batched(rows, self.batch_rows):
            with translated(self.path), self._transaction():
                new, types = self._vertex_batch(batch)
            self._added = AddedCounts(self._added.vertices + new, self._added.edges, self._added.types + types)
            self._advance(len(batch))

    def add_edges(self, rows: Iterable[BulkEdge]) -> None:
        """Add edges; one whose id is there already stays as it is.

        Raises:
            InputError: a vertex of an edge does not exist; the batch with it is rolled back, those before it stay.
            ServiceError: the disk is full, or the machine refuses otherwise; the batches before that stay.
        """
        for batch in batched(rows, self.batch_rows):
            with translated(self.path), self._transaction():
                new = self._edge_batch(batch)
            self._added = AddedCounts(self._added.vertices, self._added.edges + new, self._added.types)
            self._advance(len(batch))

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._connection, self._labels)

    def _label(self, text: str) -> int:
        if text not in self._labels:
            self._connection.execute("INSERT INTO label (text) VALUES (?) ON CONFLICT DO NOTHING", (text,))
            self._labels[text] = self._connection.execute("SELECT key FROM label WHERE text = ?", (text,)).fetchone()[0]
        return self._labels[text]

    def _vertex_batch(self, batch: Sequence[BulkVertex]) -> tuple[int, int]:
        values = [(pack_id(row.id), self._label(row.label), row.name, _vertex_properties(row)) for row in batch]
        self._new_types.clear()
        written = self._connection.executemany(ADD_VERTEX, values).rowcount
        return written - len(self._new_types), sum(self._new_types)

    def _with_types(self, stored: str, given: str) -> str:
        """Add to a vertex's properties the types that it lacks; SQLite calls this for each vertex that it changes."""
        new = _missing_types(stored, given)
        self._new_types.append(len(new))
        properties = json.loads(stored)
        return to_json({**properties, "type": [*properties.get("type", []), *new]})

    def _edge_batch(self, batch: Sequence[BulkEdge]) -> int:
        values = [
            (one := pack_id(row.id), self._label(row.label), pack_id(row.from_id), pack_id(row.to_id),
             _edge_properties(row), one)
            for row in batch
        ]  # fmt: skip
        try:
            return self._connection.executemany(ADD_EDGE, values).rowcount
        except sqlite3.IntegrityError as error:
            raise InputError(f"graph {self.path}: {self._lost_end(batch)}") from error

    def _lost_end(self, batch: Sequence[BulkEdge]) -> str:
        for row in batch:
            for end in (row.from_id, row.to_id):
                if not self._connection.execute("SELECT 1 FROM vertex WHERE id = ?", (pack_id(end),)).fetchone():
                    return f"edge {row.id} ({row.label}): there is no vertex {end}; load the vertices first"
        return "an edge has no ends"


class _Transaction:
    """One batch: committed whole, or rolled back."""

    def __init__(self, connection: sqlite3.Connection, labels: dict[str, int]) -> None:
        self._connection, self._labels = connection, labels

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._connection.execute("COMMIT")
            return
        self._labels.clear()
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def batched(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut a stream into lists of `size` rows; the last may be shorter."""
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


def _vertex_properties(row: BulkVertex) -> str:
    properties: dict[str, list[str]] = {}
    if row.types:
        properties["type"] = list(dict.fromkeys(row.types))
    if row.predicate is not None:
        properties["predicate"] = [row.predicate]
    return to_json(properties)


def _missing_types(stored: str, given: str) -> list[str]:
    """List the types of `given` that `stored` does not have; both are the properties of a vertex."""
    known = json.loads(stored).get("type", [])
    return [one for one in json.loads(given).get("type", []) if one not in known]


def _edge_properties(row: BulkEdge) -> str:
    named = (("source", row.source), ("score", row.score), ("count", row.sentence_count), ("evidence", row.evidence))
    return to_json({key: value for key, value in named if value is not None})
