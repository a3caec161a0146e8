"""Reads and writes the elements of one graph file; one traversal is one transaction."""

# Statements are put together from this module's own tables, columns and question marks; every value is bound.
# ruff: noqa: S608

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ckgqa.graph.elements import EdgeNode, EdgeRow, Value, VertexNode, VertexRow
from ckgqa.graph.errors import TraversalError
from ckgqa.graph.file import close_file, connect_file, missing_indexes, pack_id, translated, unpack_id
from ckgqa.runtime.errors import ServiceError

logger = logging.getLogger(__name__)
to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

# How many of SQLite's own instructions pass between two looks at the clock: well under a millisecond.
INSTRUCTIONS_PER_LOOK = 50_000
_VERTEX = (
    "SELECT vertex.key, vertex.id, label.text, vertex.name, vertex.properties"
    " FROM vertex JOIN label ON label.key = vertex.label"
)
_EDGE = "SELECT key, source, label, target, id, properties FROM edge"
# Direction -> (column of the edge that is given, column that is wanted).
_OUT, _IN = ("source", "target"), ("target", "source")
_ENDS: Mapping[str, tuple[tuple[str, str], ...]] = {"out": (_OUT,), "in": (_IN,), "both": (_OUT, _IN)}


class Store:
    """One open graph file. Threads may share it: a transaction at a time."""

    def __init__(self, path: Path, *, read_only: bool, timeout_s: float) -> None:
        self.path = path
        self.timeout_s = timeout_s
        self._connection = connect_file(path, read_only=read_only, timeout_s=timeout_s)
        self._lock = threading.RLock()
        self._labels: dict[str, int] = {}
        self._texts: dict[int, str] = {}
        self._deadline = 0.0
        self.writing = False
        if missing := missing_indexes(self._connection):
            logger.warning(
                "graph %s: a load is under way or was broken off (no %s): slow until one ends", path, ", ".join(missing)
            )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            close_file(self._connection)

    @contextmanager
    def transaction(self, *, write: bool, timeout_s: float | None = None) -> Iterator[None]:
        """Run one traversal: commit all of it, or roll back.

        Raises:
            ServiceError: the time is up, or the machine refuses.
            InputError: the file turns out to be broken, or may not be written.
        """
        with self._lock, translated(self.path):
            self._deadline = time.monotonic() + (self.timeout_s if timeout_s is None else timeout_s)
            self._connection.set_progress_handler(self._late, INSTRUCTIONS_PER_LOOK)
            self._connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            self.writing = write
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._labels.clear()
                self._texts.clear()
                self._connection.set_progress_handler(None, 0)
                # SQLite itself rolls back when the disk is full.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _late(self) -> bool:
        return time.monotonic() > self._deadline

    def look_at_clock(self) -> None:
        """Stop a traversal that has run too long.

        Raises:
            ServiceError: it has.
        """
        if self._late():
            raise ServiceError(f"graph {self.path}: the traversal took longer than its time limit")

    def rows(self, statement: str, values: Sequence[Value] = ()) -> Iterable[tuple[Value, ...]]:
        """Run one statement; a traversal that also writes gets all rows before it goes on."""
        cursor = self._connection.execute(statement, values)
        return cursor.fetchall() if self.writing else cursor

    # Labels

    def label_text(self, label: int) -> str:
        """Return the text of a label's key."""
        if label not in self._texts:
            ((text,),) = self._connection.execute("SELECT text FROM label WHERE key = ?", (label,)).fetchall()
            self._texts[label] = text
        return self._texts[label]

    def label_keys(self, texts: Iterable[str]) -> list[int]:
        """Return the keys of those labels that occur."""
        found = []
        for text in texts:
            if text not in self._labels and (
                row := self._connection.execute("SELECT key FROM label WHERE text = ?", (text,)).fetchone()
            ):
                self._labels[text] = row[0]
            if text in self._labels:
                found.append(self._labels[text])
        return found

    def make_label(self, text: str) -> int:
        """Return the key of a label; make one for a new label."""
        if not (known := self.label_keys([text])):
            self._connection.execute("INSERT INTO label (text) VALUES (?)", (text,))
            known = self.label_keys([text])
        return known[0]

    # Reading

    def vertex_row(self, key: int) -> VertexRow:
        """Read one vertex."""
        row = self._connection.execute(f"{_VERTEX} WHERE vertex.key = ?", (key,)).fetchone()
        if row is None:
            raise TraversalError("this traversal has dropped a vertex that it asks about later")
        return VertexRow(unpack_id(row[1]), *row[2:])

    def edge_row(self, key: int) -> EdgeRow:
        """Read one edge."""
        row = self._connection.execute("SELECT id, properties FROM edge WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise TraversalError("this traversal has dropped an edge that it asks about later")
        return EdgeRow(unpack_id(row[0]), row[1])

    def _vertices(self, condition: str, values: Sequence[Value]) -> Iterator[VertexNode]:
        for row in self.rows(f"{_VERTEX} {condition}", values):
            yield VertexNode(self, row[0], VertexRow(unpack_id(row[1]), *row[2:]))

    def _edges(self, condition: str, values: Sequence[Value]) -> Iterator[EdgeNode]:
        for row in self.rows(f"{_EDGE} {condition}", values):
            yield EdgeNode(self, row[:4], EdgeRow(unpack_id(row[4]), row[5]))

    def vertices(self, labels: Sequence[str] | None = None) -> Iterator[VertexNode]:
        """Read all vertices, or those with one of the labels, in the order they came."""
        if labels is None:
            return self._vertices("ORDER BY vertex.key", ())
        keys = self.label_keys(labels)
        return self._vertices(f"WHERE vertex.label IN ({_marks(keys)}) ORDER BY vertex.key", keys)

    def edges(self, labels: Sequence[str] | None = None) -> Iterator[EdgeNode]:
        """Read all edges, or those with one of the labels, in the order they came."""
        if labels is None:
            return self._edges("ORDER BY key", ())
        keys = self.label_keys(labels)
        return self._edges(f"WHERE label IN ({_marks(keys)}) ORDER BY key", keys)

    def vertices_named(self, name: str) -> Iterator[VertexNode]:
        """Read the vertices with a name, by its index."""
        return self._vertices("WHERE vertex.name = ?", (name,))

    def vertices_by_id(self, ids: Iterable[str]) -> Iterator[VertexNode]:
        """Read vertices in the order of `ids`; one that is asked for twice comes twice, an absent one not at all."""
        for one in ids:
            yield from self._vertices("WHERE vertex.id = ?", (pack_id(one),))

    def edges_by_id(self, ids: Iterable[str]) -> Iterator[EdgeNode]:
        """Read edges in the order of `ids`, as `vertices_by_id` does."""
        for one in ids:
            yield from self._edges("WHERE id = ?", (pack_id(one),))

    def neighbours(self, vertex: int, direction: str, labels: Sequence[str]) -> Iterator[VertexNode]:
        """Follow edges (all, or those with one of the labels) `out`, `in` or `both` ways, from the index alone."""
        narrowed, keys = self._narrowed(labels)
        for given, wanted in _ENDS[direction]:
            for (key,) in self.rows(f"SELECT {wanted} FROM edge WHERE {given} = ?{narrowed}", (vertex, *keys)):
                yield VertexNode(self, key)

    def incident(self, vertex: int, direction: str, labels: Sequence[str]) -> Iterator[EdgeNode]:
        """Find the edges themselves; a loop comes twice in `both`, as it has two ends."""
        narrowed, keys = self._narrowed(labels)
        for given, _ in _ENDS[direction]:
            statement = f"SELECT key, source, label, target FROM edge WHERE {given} = ?{narrowed}"
            for row in self.rows(statement, (vertex, *keys)):
                yield EdgeNode(self, row)

    def degree(self, vertex: int, direction: str, labels: Sequence[str]) -> int:
        """Count edges without reading them."""
        narrowed, keys = self._narrowed(labels)
        statements = (f"SELECT count(*) FROM edge WHERE {given} = ?{narrowed}" for given, _ in _ENDS[direction])
        return sum(self._connection.execute(statement, (vertex, *keys)).fetchone()[0] for statement in statements)

    def _narrowed(self, labels: Sequence[str]) -> tuple[str, list[int]]:
        keys = self.label_keys(labels)
        return (f" AND label IN ({_marks(keys)})", keys) if labels else ("", [])

    def count(self, table: str, labels: Sequence[str] | None = None) -> int:
        """Count the rows of `vertex` or `edge`, all or those with one of the labels."""
        keys = [] if labels is None else self.label_keys(labels)
        condition = "" if labels is None else f" WHERE label IN ({_marks(keys)})"
        number: int = self._connection.execute(f"SELECT count(*) FROM {table}{condition}", keys).fetchone()[0]
        return number

    # Writing

    def add_vertex(self, element_id: str, label: str) -> VertexNode:
        """Add a vertex without properties.

        Raises:
            TraversalError: there is one with this id.
        """
        values = (pack_id(element_id), self.make_label(label))
        return VertexNode(
            self,
            self._insert(
                "vertex", element_id, "INSERT INTO vertex (id, label, properties) VALUES (?, ?, '{}')", values
            ),
        )

    def add_edge(self, element_id: str, label: str, source: int, target: int) -> EdgeNode:
        """Add an edge without properties.

        Raises:
            TraversalError: there is one with this id.
        """
        label_key = self.make_label(label)
        statement = "INSERT INTO edge (id, label, source, target, properties) VALUES (?, ?, ?, ?, '{}')"
        key = self._insert("edge", element_id, statement, (pack_id(element_id), label_key, source, target))
        return EdgeNode(self, (key, source, label_key, target))

    def _insert(self, kind: str, element_id: str, statement: str, values: Sequence[Value]) -> int:
        try:
            return self._connection.execute(statement, values).lastrowid or 0
        except sqlite3.IntegrityError as error:
            raise TraversalError(f"{kind} with id already exists: {element_id}") from error

    def write(self, element: VertexNode | EdgeNode, properties: Mapping[str, list[Value]]) -> None:
        """Replace all properties of an element."""
        if isinstance(element, VertexNode):
            rest = {key: values for key, values in properties.items() if key != "name"}
            name = properties.get("name", [None])[0]
            self._connection.execute(
                "UPDATE vertex SET name = ?, properties = ? WHERE key = ?", (name, to_json(rest), element.key)
            )
        else:
            single = {key: values[0] for key, values in properties.items()}
            self._connection.execute("UPDATE edge SET properties = ? WHERE key = ?", (to_json(single), element.key))

    def drop(self, element: VertexNode | EdgeNode) -> None:
        """Remove an edge, or a vertex with all its edges; an element that is gone already is ignored."""
        if isinstance(element, VertexNode):
            self._connection.execute("DELETE FROM edge WHERE source = ? OR target = ?", (element.key, element.key))
        table = "vertex" if isinstance(element, VertexNode) else "edge"
        self._connection.execute(f"DELETE FROM {table} WHERE key = ?", (element.key,))


def _marks(values: Sequence[Value]) -> str:
    return ", ".join("?" * len(values))
