"""Vertices, edges and properties as the embedded engine passes them on: a key, and the row when it is asked for."""

import json
from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

# A value as Gremlin knows it: text, number, truth, element, list, map or nothing.
Value: TypeAlias = Any


class VertexRow(NamedTuple):
    """The row of one vertex; `properties` is JSON, lists of values, without the name."""

    id: str
    label: str
    name: str | None
    properties: str


class EdgeRow(NamedTuple):
    """The row of one edge; `properties` is JSON, single values."""

    id: str
    properties: str


class Rows(Protocol):
    """The source of the elements' rows."""

    # Whether rows may change while elements live, so that none is kept.
    writing: bool

    def vertex_row(self, key: int) -> VertexRow:
        """Read one vertex."""

    def edge_row(self, key: int) -> EdgeRow:
        """Read one edge."""

    def label_text(self, label: int) -> str:
        """Return the text of a label's key."""


Row = TypeVar("Row", VertexRow, EdgeRow)


class _Node(Generic[Row]):
    """One element by its key, equal to every other node of the same element."""

    __slots__ = ("_row", "key", "rows")

    def __init__(self, rows: Rows, key: int, row: Row | None) -> None:
        self.rows, self.key = rows, key
        self._row: Row | None = row

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and other.key == self.key

    def __hash__(self) -> int:
        return hash((type(self), self.key))

    def _read(self) -> Row:
        """Read the row."""
        raise NotImplementedError

    @property
    def row(self) -> Row:
        """The row, read on first use."""
        if self._row is None or self.rows.writing:
            self._row = self._read()
        return self._row

    @property
    def id(self) -> str:
        """The caller's id."""
        return self.row.id


class VertexNode(_Node[VertexRow]):
    """One vertex."""

    __slots__ = ()

    def __init__(self, rows: Rows, key: int, row: VertexRow | None = None) -> None:
        super().__init__(rows, key, row)

    def _read(self) -> VertexRow:
        return self.rows.vertex_row(self.key)

    @property
    def label(self) -> str:
        """The label."""
        return self.row.label

    def stored(self) -> dict[str, list[Value]]:
        """All properties, each with its values in the order they came."""
        row = self.row
        rest: dict[str, list[Value]] = json.loads(row.properties)
        return rest if row.name is None else {"name": [row.name], **rest}

    def values(self, key: str) -> list[Value]:
        """The values of one property, none if it is not there."""
        if key == "name":
            return [] if self.row.name is None else [self.row.name]
        found: list[Value] = json.loads(self.row.properties).get(key, [])
        return found


class EdgeNode(_Node[EdgeRow]):
    """One edge with the keys of its ends."""

    __slots__ = ("label_key", "source", "target")

    def __init__(self, rows: Rows, keys: Sequence[int], row: EdgeRow | None = None) -> None:
        """Take the keys of the edge, its source, its label and its target, in this order."""
        key, self.source, self.label_key, self.target = keys
        super().__init__(rows, key, row)

    def _read(self) -> EdgeRow:
        return self.rows.edge_row(self.key)

    @property
    def label(self) -> str:
        """The label."""
        return self.rows.label_text(self.label_key)

    @property
    def out_vertex(self) -> VertexNode:
        """Where the edge starts."""
        return VertexNode(self.rows, self.source)

    @property
    def in_vertex(self) -> VertexNode:
        """Where the edge ends."""
        return VertexNode(self.rows, self.target)

    def stored(self) -> dict[str, list[Value]]:
        """All properties, each in a list of one, as a vertex has them."""
        return {key: [value] for key, value in json.loads(self.row.properties).items()}

    def values(self, key: str) -> list[Value]:
        """The value of one property in a list, an empty one if it is not there."""
        properties = json.loads(self.row.properties)
        return [properties[key]] if key in properties else []


Element: TypeAlias = VertexNode | EdgeNode


class PropertyNode(NamedTuple):
    """One value of one property of one element."""

    element: Element
    key: str
    value: Value


class PathValue(NamedTuple):
    """The path of a traverser: the objects, and the labels that `as` assigned to each."""

    objects: tuple[Value, ...]
    labels: tuple[tuple[str, ...], ...]


class MapEntry(NamedTuple):
    """One entry of a map that was unfolded."""

    key: Value
    value: Value


class SetValue(tuple[Value, ...]):
    """A list without duplicates that the client gets as a set."""

    __slots__ = ()
