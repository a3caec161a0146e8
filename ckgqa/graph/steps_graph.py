"""Steps that go from element to element, and those that read what an element holds."""

from collections.abc import Callable, Iterator

from gremlin_python.process.traversal import T

from ckgqa.graph.bytecode import Step
from ckgqa.graph.elements import EdgeNode, Element, PropertyNode, Value, VertexNode
from ckgqa.graph.errors import TraversalError
from ckgqa.graph.machine import MISSING, Machine, Missing, Stream, step
from ckgqa.graph.values import element_map, is_list, token_of


def vertex(value: Value, name: str) -> VertexNode:
    """Insist on a vertex."""
    if not isinstance(value, VertexNode):
        raise TraversalError(f"{name}() needs a vertex, not {type(value).__name__}")
    return value


def edge(value: Value, name: str) -> EdgeNode:
    """Insist on an edge."""
    if not isinstance(value, EdgeNode):
        raise TraversalError(f"{name}() needs an edge, not {type(value).__name__}")
    return value


def element(value: Value, name: str) -> Element:
    """Insist on a vertex or an edge."""
    if not isinstance(value, VertexNode | EdgeNode):
        raise TraversalError(f"{name}() needs a vertex or an edge, not {type(value).__name__}")
    return value


def wanted_ids(values: tuple[Value, ...], name: str) -> list[str]:
    """Flatten ids that may come singly, as lists or as elements.

    Raises:
        TraversalError: an id is no text.
    """
    found: list[str] = []
    for value in values:
        if is_list(value):
            found.extend(wanted_ids(tuple(value), name))
        else:
            one = getattr(value, "id", value)
            if not isinstance(one, str):
                raise TraversalError(f"{name}() takes ids that are text, not {one!r}")
            found.append(one)
    return found


def _check_ids(one: Step) -> None:
    wanted_ids(one.args, one.name)


@step("V", "all vertices, or those with the ids given; also in mid-traversal", _check_ids)
def start_vertices(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Start at vertices, by the cheapest way that the filters behind allow (see `plan.py`)."""
    for traverser in stream:
        if one.args:
            found = machine.store.vertices_by_id(wanted_ids(one.args, "V"))
        elif "name" in one.options:
            found = machine.store.vertices_named(one.options["name"])
        else:
            found = machine.store.vertices(one.options.get("labels"))
        yield from map(traverser.move, found)


@step("E", "all edges, or those with the ids given; as the first step only", _check_ids)
def start_edges(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Start at edges."""
    for traverser in stream:
        if traverser.value is not MISSING:
            raise TraversalError("E() can only be a traversal's first step")
        by_id = machine.store.edges_by_id(wanted_ids(one.args, "E"))
        yield from map(traverser.move, by_id if one.args else machine.store.edges(one.options.get("labels")))


def _check_labels(one: Step) -> None:
    if not all(isinstance(label, str) for label in one.args):
        raise TraversalError(f"{one.name}() takes labels, not {one.args!r}")


def _enter_moves(direction: str) -> None:
    @step(direction, f"neighbours along edges, {direction} ways, all or by label", _check_labels)
    def to_neighbours(machine: Machine, one: Step, stream: Stream) -> Stream:
        for traverser in stream:
            machine.store.look_at_clock()
            key = vertex(traverser.value, direction).key
            yield from map(traverser.move, machine.store.neighbours(key, direction, one.args))

    @step(f"{direction}E", f"the edges themselves, {direction} ways, all or by label", _check_labels)
    def to_edges(machine: Machine, one: Step, stream: Stream) -> Stream:
        for traverser in stream:
            machine.store.look_at_clock()
            key = vertex(traverser.value, f"{direction}E").key
            yield from map(traverser.move, machine.store.incident(key, direction, one.args))


for _direction in ("out", "in", "both"):
    _enter_moves(_direction)


@step("outV", "the vertex where an edge starts")
def to_out_vertex(_: Machine, __: Step, stream: Stream) -> Stream:
    """Go to the start of each edge."""
    return (traverser.move(edge(traverser.value, "outV").out_vertex) for traverser in stream)


@step("inV", "the vertex where an edge ends")
def to_in_vertex(_: Machine, __: Step, stream: Stream) -> Stream:
    """Go to the end of each edge."""
    return (traverser.move(edge(traverser.value, "inV").in_vertex) for traverser in stream)


@step("bothV", "both ends of an edge")
def to_both_vertices(_: Machine, __: Step, stream: Stream) -> Stream:
    """Go to both ends of each edge."""
    for traverser in stream:
        found = edge(traverser.value, "bothV")
        yield traverser.move(found.out_vertex)
        yield traverser.move(found.in_vertex)


@step("otherV", "the end of an edge that the traverser did not come from")
def to_other_vertex(_: Machine, __: Step, stream: Stream) -> Stream:
    """Go to the far end of each edge, seen from the vertex just before it."""
    for traverser in stream:
        found = edge(traverser.value, "otherV")
        before = traverser.trail[0] if traverser.trail else None
        if before is None or not isinstance(before[1], VertexNode):
            raise TraversalError(
                "otherV() needs to come from a vertex over an edge: outE(), inE() or bothE() just before it"
            )
        yield traverser.move(found.in_vertex if before[1] == found.out_vertex else found.out_vertex)


def _check_keys(one: Step) -> None:
    keys = one.args[1:] if one.name == "valueMap" and one.args and isinstance(one.args[0], bool) else one.args
    if not all(isinstance(key, str) for key in keys):
        raise TraversalError(f"{one.name}() takes names of properties, not {one.args!r}")


def stored_properties(value: Value, keys: tuple[str, ...], name: str) -> Iterator[PropertyNode]:
    """List the properties of an element, all or those named."""
    owner = element(value, name)
    for key, values in owner.stored().items():
        if not keys or key in keys:
            for item in values:
                yield PropertyNode(owner, key, item)


@step("values", "the values of properties, all or those named", _check_keys)
def to_values(_: Machine, one: Step, stream: Stream) -> Stream:
    """Read values: the ones named in the order of their names' first writing, as the file has them."""
    for traverser in stream:
        if len(one.args) == 1:
            yield from map(traverser.move, element(traverser.value, "values").values(one.args[0]))
        else:
            yield from (traverser.move(found.value) for found in stored_properties(traverser.value, one.args, "values"))


@step("properties", "the properties themselves, all or those named", _check_keys)
def to_properties(_: Machine, one: Step, stream: Stream) -> Stream:
    """Read properties."""
    for traverser in stream:
        yield from map(traverser.move, stored_properties(traverser.value, one.args, "properties"))


@step(
    "valueMap",
    "a map of properties (lists on vertices); `True` or with(tokens) adds id and label; by() changes each value",
    _check_keys,
)
def to_value_map(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Read properties as a map."""
    flag = bool(one.args) and one.args[0] is True
    keys = one.args[1:] if one.args and isinstance(one.args[0], bool) else one.args
    tokens = flag or "tokens" in one.options
    for traverser in stream:
        owner = element(traverser.value, "valueMap")
        found: dict[Value, Value] = {T.id: owner.id, T.label: owner.label} if tokens else {}
        for key, values in owner.stored().items():
            if not keys or key in keys:
                whole = values if isinstance(owner, VertexNode) else values[0]
                seen = machine.look_at(one.by[0], whole) if one.by else whole
                if not isinstance(seen, Missing):
                    found[key] = seen
        yield traverser.move(found)


@step("elementMap", "a map of id, label, an edge's ends, and one value of each property", _check_keys)
def to_element_map(_: Machine, one: Step, stream: Stream) -> Stream:
    """Describe each element."""
    keys = frozenset(one.args)
    return (traverser.move(element_map(element(traverser.value, "elementMap"), keys)) for traverser in stream)


def _enter_tokens() -> None:
    def reader(token: T) -> Callable[[Machine, Step, Stream], Stream]:
        return lambda _, __, stream: (traverser.move(token_of(traverser.value, token)) for traverser in stream)

    step("id", "the id of an element")(reader(T.id))
    step("label", "the label of an element")(reader(T.label))
    step("key", "the name of a property")(reader(T.key))
    step("value", "the value of a property")(reader(T.value))


_enter_tokens()
