"""Steps that go from element to element, and those that read what an element holds."""

from collections.abc import Iterator

from gremlin_python.process.traversal import T

from ckgqa.graph.bytecode import PlanStep
from ckgqa.graph.elements import EdgeNode, Element, PropertyNode, Value, VertexNode
from ckgqa.graph.errors import TraversalError
from ckgqa.graph.machine import MISSING, Evaluate, Machine, Missing, Stream
from ckgqa.graph.values import element_map, is_list, token_of


def vertex(value: Value, name: str) -> VertexNode:
    """Return the value if it is a vertex; raise otherwise."""
    if not isinstance(value, VertexNode):
        raise TraversalError(f"{name}() needs a vertex, not {type(value).__name__}")
    return value


def edge(value: Value, name: str) -> EdgeNode:
    """Return the value if it is an edge; raise otherwise."""
    if not isinstance(value, EdgeNode):
        raise TraversalError(f"{name}() needs an edge, not {type(value).__name__}")
    return value


def element(value: Value, name: str) -> Element:
    """Return the value if it is a vertex or an edge; raise otherwise."""
    if not isinstance(value, VertexNode | EdgeNode):
        raise TraversalError(f"{name}() needs a vertex or an edge, not {type(value).__name__}")
    return value


def wanted_ids(values: tuple[Value, ...], name: str) -> list[str]:
    """Flatten ids that may come singly, as lists or as elements.

    Raises:
        TraversalError: an id is not text.
    """
    found: list[str] = []
    for value in values:
        if is_list(value):
            found.extend(wanted_ids(tuple(value), name))
        else:
            element_id = getattr(value, "id", value)
            if not isinstance(element_id, str):
                raise TraversalError(f"{name}() takes ids that are text, not {element_id!r}")
            found.append(element_id)
    return found


def check_ids(step: PlanStep) -> None:
    """Reject ids that are not text."""
    wanted_ids(step.args, step.name)


def start_vertices(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Start at vertices, by the cheapest way that the filters behind allow (see `shortcuts.py`)."""
    for traverser in stream:
        if step.args:
            found = machine.store.vertices_by_id(wanted_ids(step.args, "V"))
        elif "name" in step.options:
            found = machine.store.vertices_named(step.options["name"])
        else:
            found = machine.store.vertices(step.options.get("labels"))
        yield from map(traverser.move, found)


def start_edges(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Start at edges."""
    for traverser in stream:
        if traverser.value is not MISSING:
            raise TraversalError("E() can only be a traversal's first step")
        by_id = machine.store.edges_by_id(wanted_ids(step.args, "E"))
        yield from map(traverser.move, by_id if step.args else machine.store.edges(step.options.get("labels")))


def check_labels(step: PlanStep) -> None:
    """Reject labels that are not text."""
    if not all(isinstance(label, str) for label in step.args):
        raise TraversalError(f"{step.name}() takes labels, not {step.args!r}")


def to_neighbours(direction: str) -> Evaluate:
    """Make the step that goes to the neighbours along edges.

    Args:
        direction: `out`, `in` or `both`.
    """

    def evaluate(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
        for traverser in stream:
            machine.store.look_at_clock()
            key = vertex(traverser.value, direction).key
            yield from map(traverser.move, machine.store.neighbours(key, direction, step.args))

    return evaluate


def to_edges(direction: str) -> Evaluate:
    """Make the step that goes to the edges themselves.

    Args:
        direction: `out`, `in` or `both`.
    """

    def evaluate(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
        for traverser in stream:
            machine.store.look_at_clock()
            key = vertex(traverser.value, f"{direction}E").key
            yield from map(traverser.move, machine.store.incident(key, direction, step.args))

    return evaluate


def to_out_vertex(_: Machine, __: PlanStep, stream: Stream) -> Stream:
    """Go to the start of each edge."""
    return (traverser.move(edge(traverser.value, "outV").out_vertex) for traverser in stream)


def to_in_vertex(_: Machine, __: PlanStep, stream: Stream) -> Stream:
    """Go to the end of each edge."""
    return (traverser.move(edge(traverser.value, "inV").in_vertex) for traverser in stream)


def to_both_vertices(_: Machine, __: PlanStep, stream: Stream) -> Stream:
    """Go to both ends of each edge."""
    for traverser in stream:
        found = edge(traverser.value, "bothV")
        yield traverser.move(found.out_vertex)
        yield traverser.move(found.in_vertex)


def to_other_vertex(_: Machine, __: PlanStep, stream: Stream) -> Stream:
    """Go to the far end of each edge, seen from the vertex just before it."""
    for traverser in stream:
        found = edge(traverser.value, "otherV")
        before = traverser.trail[0] if traverser.trail else None
        if before is None or not isinstance(before[1], VertexNode):
            raise TraversalError(
                "otherV() needs to come from a vertex over an edge: outE(), inE() or bothE() just before it"
            )
        yield traverser.move(found.in_vertex if before[1] == found.out_vertex else found.out_vertex)


def check_keys(step: PlanStep) -> None:
    """Reject names of properties that are not text."""
    keys = step.args[1:] if step.name == "valueMap" and step.args and isinstance(step.args[0], bool) else step.args
    if not all(isinstance(key, str) for key in keys):
        raise TraversalError(f"{step.name}() takes names of properties, not {step.args!r}")


def stored_properties(value: Value, keys: tuple[str, ...], name: str) -> Iterator[PropertyNode]:
    """List the properties of an element, all or those named."""
    owner = element(value, name)
    for key, values in owner.stored().items():
        if not keys or key in keys:
            for item in values:
                yield PropertyNode(owner, key, item)


def to_values(_: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Read values: the ones named in the order of their names' first writing, as the file has them."""
    for traverser in stream:
        if len(step.args) == 1:
            yield from map(traverser.move, element(traverser.value, "values").values(step.args[0]))
        else:
            yield from (
                traverser.move(found.value) for found in stored_properties(traverser.value, step.args, "values")
            )


def to_properties(_: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Read properties."""
    for traverser in stream:
        yield from map(traverser.move, stored_properties(traverser.value, step.args, "properties"))


def to_value_map(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Read properties as a map."""
    flag = bool(step.args) and step.args[0] is True
    keys = step.args[1:] if step.args and isinstance(step.args[0], bool) else step.args
    tokens = flag or "tokens" in step.options
    for traverser in stream:
        owner = element(traverser.value, "valueMap")
        found: dict[Value, Value] = {T.id: owner.id, T.label: owner.label} if tokens else {}
        for key, values in owner.stored().items():
            if not keys or key in keys:
                whole = values if isinstance(owner, VertexNode) else values[0]
                seen = machine.look_at(step.by[0], whole) if step.by else whole
                if not isinstance(seen, Missing):
                    found[key] = seen
        yield traverser.move(found)


def to_element_map(_: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Describe each element."""
    keys = frozenset(step.args)
    return (traverser.move(element_map(element(traverser.value, "elementMap"), keys)) for traverser in stream)


def to_token(token: T) -> Evaluate:
    """Make the step that reads `T.id`, `T.label`, `T.key` or `T.value`."""
    return lambda _, __, stream: (traverser.move(token_of(traverser.value, token)) for traverser in stream)
