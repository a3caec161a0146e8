"""How values compare, order and reach the client, as Java and TinkerPop do it."""

from collections.abc import Hashable, Iterable
from enum import Enum

from gremlin_python.process.traversal import Direction, T
from gremlin_python.structure.graph import Edge, Path, Property, Vertex, VertexProperty

from ckgqa.graph.elements import EdgeNode, MapEntry, PathValue, PropertyNode, SetValue, Value, VertexNode
from ckgqa.graph.errors import TraversalError

COLLECTIONS = (list, tuple)


def is_list(value: Value) -> bool:
    """Return whether Gremlin sees a list or a set; the engine's own records are tuples too, but no lists."""
    return isinstance(value, COLLECTIONS) and not isinstance(value, PropertyNode | PathValue | MapEntry)


def identity(value: Value) -> Hashable:
    """Return a key that two values share exactly if TinkerPop considers them the same: 1, 1.0 and true are three."""
    if isinstance(value, PropertyNode):
        return (PropertyNode, value.element, value.key, identity(value.value))
    if isinstance(value, PathValue):
        return (PathValue, tuple(map(identity, value.objects)), value.labels)
    if isinstance(value, dict):
        return (dict, frozenset((identity(key), identity(item)) for key, item in value.items()))
    if isinstance(value, SetValue):
        return (SetValue, frozenset(map(identity, value)))
    if isinstance(value, COLLECTIONS):
        return (list, tuple(map(identity, value)))
    return (type(value), value)


def map_key(value: Value) -> Hashable:
    """Make a value fit for a key of a map: lists become tuples."""
    return tuple(map(map_key, value)) if isinstance(value, list) else value


def _kind(value: Value) -> type | None:
    """Return the kind of a value; only values of one kind have an order."""
    if isinstance(value, bool):
        return bool
    if isinstance(value, int | float):
        return float
    return str if isinstance(value, str) else None


def equal(left: Value, right: Value) -> bool:
    """Compare as Gremlin's `eq`: numbers by value whatever their type, never a number with a truth or a text."""
    if _kind(left) is not _kind(right):
        return False
    if is_list(left) and is_list(right):
        return len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)


def java_text(text: str) -> bytes:
    """Order text as Java does, by UTF-16 units: a rare character beyond U+FFFF comes before U+FF08 （."""
    return text.encode("utf-16-be", "surrogatepass")


def compare(left: Value, right: Value) -> int | None:
    """Order two values: negative, 0 or positive; None when they cannot be compared."""
    kind = _kind(left)
    if kind is None or kind is not _kind(right):
        return None
    first, second = (java_text(left), java_text(right)) if kind is str else (left, right)
    return (first > second) - (first < second)


# TinkerPop's order of types for `order()`: nothing, truths, numbers, text, elements.
_RANKS: tuple[type | None, ...] = (bool, float, str)


def order_key(value: Value) -> tuple[int, Value]:
    """Return a sort key for values of mixed types.

    Raises:
        TraversalError: the value is a list, a map or a path, which the engine does not order.
    """
    if value is None:
        return (0, 0)
    if isinstance(value, VertexNode | EdgeNode):
        return (10 + isinstance(value, EdgeNode), java_text(value.id))
    kind = _kind(value)
    if kind is None:
        raise TraversalError(
            f"order() cannot order {type(value).__name__}: add a by() with text, a number or an element"
        )
    return (1 + _RANKS.index(kind), java_text(value) if kind is str else value)


def largest(values: Iterable[Value], *, sign: int) -> Value:
    """Pick the largest value (`sign` 1) or the smallest (-1) of at least one.

    Raises:
        TraversalError: two values cannot be compared.
    """
    items = iter(values)
    best = next(items)
    for item in items:
        order = compare(item, best)
        if order is None:
            raise TraversalError(f"min() and max() cannot compare {item!r} with {best!r}")
        if order * sign > 0:
            best = item
    return best


def to_client(value: Value) -> Value:
    """Turn an engine's value into what gremlinpython would read from a server: elements are id and label alone."""
    if isinstance(value, VertexNode):
        return Vertex(value.id, value.label)
    if isinstance(value, EdgeNode):
        return Edge(value.id, to_client(value.out_vertex), value.label, to_client(value.in_vertex))
    if isinstance(value, PropertyNode):
        return _property(value)
    if isinstance(value, PathValue):
        return Path([set(labels) for labels in value.labels], [to_client(item) for item in value.objects])
    if isinstance(value, MapEntry):
        return {map_key(to_client(value.key)): to_client(value.value)}
    if isinstance(value, dict):
        return {map_key(to_client(key)): to_client(item) for key, item in value.items()}
    if isinstance(value, SetValue):
        return {map_key(to_client(item)) for item in value}
    return [to_client(item) for item in value] if isinstance(value, COLLECTIONS) else value


def _property(node: PropertyNode) -> Value:
    owner = to_client(node.element)
    if isinstance(node.element, VertexNode):
        return VertexProperty(property_id(node), node.key, node.value, owner)
    return Property(node.key, node.value, owner)


def property_id(node: PropertyNode) -> str:
    """Name one value of a vertex, the same in every read."""
    return f"{node.element.id}/{node.key}/{node.value}"


def token_of(value: Value, token: Enum) -> Value:
    """Read `T.id`, `T.label`, `T.key` or `T.value` of an element or property.

    Raises:
        TraversalError: the value has no such thing.
    """
    name = token.name.rstrip("_")
    if isinstance(value, VertexNode | EdgeNode) and name in {"id", "label"}:
        return value.id if name == "id" else value.label
    if isinstance(value, PropertyNode) and (name in {"key", "value"} or isinstance(value.element, VertexNode)):
        return {"key": value.key, "label": value.key, "value": value.value, "id": property_id(value)}[name]
    raise TraversalError(f"{name}() needs an element or a property, not {type(value).__name__}")


def element_map(element: VertexNode | EdgeNode, keys: frozenset[str]) -> dict[Value, Value]:
    """Describe an element by id, label, ends and one value of each property in `keys` (of all, when it is empty)."""
    found: dict[Value, Value] = {T.id: element.id, T.label: element.label}
    if isinstance(element, EdgeNode):
        for direction, end in ((Direction.IN, element.in_vertex), (Direction.OUT, element.out_vertex)):
            found[direction] = {T.id: end.id, T.label: end.label}
    found.update({key: values[-1] for key, values in element.stored().items() if not keys or key in keys})
    return found
