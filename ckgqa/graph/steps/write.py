"""Steps that change the graph."""

import math
import uuid

from gremlin_python.process.traversal import Cardinality, T

from ckgqa.graph.bytecode import Plan, PlanStep
from ckgqa.graph.elements import EdgeNode, Element, PropertyNode, Value, VertexNode
from ckgqa.graph.errors import TraversalError
from ckgqa.graph.machine import MISSING, Machine, Missing, Stream, Traverser, unsupported
from ckgqa.graph.steps.filters import scoped
from ckgqa.graph.steps.navigate import element
from ckgqa.graph.values import identity

WRITING = frozenset({"addV", "addE", "property", "drop"})
# What TinkerPop calls a vertex without a label.
DEFAULT_LABEL = "vertex"


def property_parts(args: tuple[Value, ...], *, creating: bool) -> tuple[Cardinality | None, Value, Value]:
    """Read property(key, value) and property(cardinality, key, value).

    Raises:
        UnsupportedStepError: list cardinality, which Neptune lacks too, or a property of a property.
        TraversalError: the value is none that a graph can hold.
    """
    cardinality, rest = (args[0], args[1:]) if args and isinstance(args[0], Cardinality) else (None, args)
    if cardinality is Cardinality.list_:
        raise unsupported("property(list)", "property() with single or set")
    if len(rest) != 2:
        raise unsupported(
            f"property() of {len(args)} arguments", "property(key, value), property(single or set, key, value)"
        )
    key, value = rest
    if key in {T.id, T.id_} and creating:
        if not isinstance(value, str) or not value:
            raise TraversalError(f"property(T.id): an id is text, not {value!r}")
    elif not isinstance(key, str) or not key:
        raise TraversalError(f"property() takes a name, or T.id right behind addV() or addE(), not {key!r}")
    elif not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
        raise TraversalError(f"property({key!r}): a value is text, a finite number or a truth, not {value!r}")
    elif key == "name" and not isinstance(value, str):
        raise TraversalError(f"property('name'): a name is text, not {value!r}")
    return cardinality, key, value


def check_label(step: PlanStep) -> None:
    """Reject a label that is not text, and properties that a new element cannot have."""
    if (
        len(step.args) > 1
        or not all(isinstance(label, str) for label in step.args)
        or (step.name == "addE" and not step.args)
    ):
        raise TraversalError(f"{step.name}() takes a label, not {step.args!r}")
    for args in step.properties:
        property_parts(args, creating=True)


def set_property(machine: Machine, owner: Element, cardinality: Cardinality | None, key: str, value: Value) -> None:
    """Write one value: a vertex keeps a set of values unless told `single`, an edge has one.

    Raises:
        TraversalError: a vertex would get a second name; names are single here, as the index needs them.
    """
    stored = owner.stored()
    values = stored.get(key, [])
    if isinstance(owner, EdgeNode) or cardinality is Cardinality.single or not values:
        stored[key] = [value]
    elif identity(value) in map(identity, values):
        return
    elif key == "name":
        raise TraversalError(f"vertex {owner.id} has a name: property(single, 'name', ...) replaces it")
    else:
        stored[key] = [*values, value]
    machine.store.write(owner, stored)


def _new_id(step: PlanStep) -> str:
    given = [args[-1] for args in step.properties if args[-2] in {T.id, T.id_}]
    return given[-1] if given else str(uuid.uuid4())


def _write_properties(machine: Machine, owner: Element, step: PlanStep) -> None:
    for args in step.properties:
        cardinality, key, value = property_parts(args, creating=True)
        if isinstance(key, str):
            set_property(machine, owner, cardinality, key, value)


def add_vertex(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Add a vertex for each traverser."""
    for traverser in stream:
        created = machine.store.add_vertex(_new_id(step), step.args[0] if step.args else DEFAULT_LABEL)
        _write_properties(machine, created, step)
        yield traverser.move(created)


def add_edge(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Add an edge for each traverser; an end that is not given is the traverser's own vertex."""
    for traverser in stream:
        source, target = _end(machine, step, "from", traverser), _end(machine, step, "to", traverser)
        created = machine.store.add_edge(_new_id(step), step.args[0], source.key, target.key)
        _write_properties(machine, created, step)
        yield traverser.move(created)


def _end(machine: Machine, step: PlanStep, name: str, traverser: Traverser) -> VertexNode:
    wanted = step.options.get(name, MISSING)
    found: Value | Missing = traverser.value
    if isinstance(wanted, Plan):
        found = machine.first(wanted, traverser)
    elif isinstance(wanted, str):
        found = scoped(traverser, wanted)
    elif not isinstance(wanted, Missing):
        found = next(machine.store.vertices_by_id([str(getattr(wanted, "id", wanted))]), MISSING)
    if not isinstance(found, VertexNode):
        raise TraversalError(f"addE({step.args[0]!r}): {name}() finds no vertex")
    return found


def check_property(step: PlanStep) -> None:
    """Reject a property that an element cannot have."""
    property_parts(step.args, creating=False)


def write_property(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Write a value to each element."""
    cardinality, key, value = property_parts(step.args, creating=False)
    for traverser in stream:
        set_property(machine, element(traverser.value, "property"), cardinality, key, value)
        yield traverser


def drop(machine: Machine, _: PlanStep, stream: Stream) -> Stream:
    """Remove everything that comes."""
    for traverser in stream:
        if isinstance(traverser.value, PropertyNode):
            _drop_property(machine, traverser.value)
        else:
            machine.store.drop(element(traverser.value, "drop"))
    yield from ()


def _drop_property(machine: Machine, node: PropertyNode) -> None:
    stored = node.element.stored()
    left = [value for value in stored.get(node.key, []) if identity(value) != identity(node.value)]
    machine.store.write(
        node.element,
        {**{key: values for key, values in stored.items() if key != node.key}, **({node.key: left} if left else {})},
    )
