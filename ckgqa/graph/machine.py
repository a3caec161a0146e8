"""Running a plan: traversers pass through the steps one by one, lazily, so that a limit ends the reading."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from gremlin_python.process.traversal import Column

from ckgqa.graph.bytecode import By, Plan, Step
from ckgqa.graph.elements import EdgeNode, MapEntry, PropertyNode, SetValue, Value, VertexNode
from ckgqa.graph.errors import TraversalError, UnsupportedStepError
from ckgqa.graph.store import Store
from ckgqa.graph.values import token_of


class Missing:
    """What a by() or a label gives when there is nothing."""


MISSING: Final = Missing()

# The way so far, last first: what came before, the object, and the labels that `as` gave it.
Trail: TypeAlias = "tuple[Trail | None, Value, tuple[str, ...]]"


@dataclass(slots=True)
class Traverser:
    """One object on its way; `trail` is None only before a traversal's first step."""

    value: Value
    trail: "Trail | None"

    def move(self, value: Value) -> "Traverser":
        """Go on to another object."""
        return Traverser(value, (self.trail, value, ()))

    def labelled(self, labels: tuple[str, ...]) -> "Traverser":
        """Give the object where it stands more labels."""
        before, value, known = self.trail or (None, self.value, ())
        return Traverser(self.value, (before, value, (*known, *labels)))

    def steps_back(self) -> Iterator[tuple[Value, tuple[str, ...]]]:
        """Walk the way back, this object first."""
        at = self.trail
        while at is not None:
            yield at[1], at[2]
            at = at[0]

    def marked(self, label: str) -> list[Value]:
        """Collect what carried a label, the first on the way first."""
        return [value for value, labels in self.steps_back() if label in labels][::-1]


Stream: TypeAlias = Iterator[Traverser]
Evaluate: TypeAlias = "Callable[[Machine, Step, Stream], Stream]"


@dataclass(frozen=True, slots=True)
class Spec:
    """What the engine knows of one step: how it runs, what it refuses before it runs, and a line for the reader."""

    evaluate: Evaluate
    summary: str
    check: Callable[[Step], None] | None = None


STEPS: dict[str, Spec] = {}


def step(name: str, summary: str, check: Callable[[Step], None] | None = None) -> Callable[[Evaluate], Evaluate]:
    """Enter a function into the table of steps, under the name that the step has in bytecode."""

    def enter(evaluate: Evaluate) -> Evaluate:
        STEPS[name] = Spec(evaluate, summary, check)
        return evaluate

    return enter


def fresh(value: Value) -> Traverser:
    """Start a new way: what a count or a fold gives has no past."""
    return Traverser(value, (None, value, ()))


START: Final = Traverser(MISSING, None)


@dataclass(frozen=True, slots=True)
class Machine:
    """Runs plans over one store."""

    store: Store

    def run(self, plan: Plan, stream: Iterable[Traverser]) -> Stream:
        """Send traversers through all steps of a plan."""
        running: Stream = iter(stream)
        for one in plan.steps:
            running = STEPS[one.name].evaluate(self, one, running)
        return running

    def first(self, plan: Plan, traverser: Traverser) -> Value | Missing:
        """Give the first result of a child traversal."""
        found = next(self.run(plan, [traverser]), None)
        return MISSING if found is None else found.value

    def passes(self, plan: Plan, traverser: Traverser) -> bool:
        """Tell whether a child traversal has any result."""
        return next(self.run(plan, [traverser]), None) is not None

    def look(self, by: By | None, traverser: Traverser) -> Value | Missing:
        """Look at a traverser in the way that a by() asks for."""
        if by is None or by.what is None:
            return traverser.value
        if isinstance(by.what, Plan):
            return self.first(by.what, traverser)
        if isinstance(by.what, str):
            return property_of(traverser.value, by.what)
        return (
            column_of(traverser.value, by.what) if isinstance(by.what, Column) else token_of(traverser.value, by.what)
        )

    def look_at(self, by: By | None, value: Value) -> Value | Missing:
        """Look at a value that has no way of its own."""
        return self.look(by, fresh(value))


def property_of(value: Value, key: str) -> Value | Missing:
    """Read the one value of a property, or of a map's key.

    Raises:
        TraversalError: there are several values, or the value has no properties.
    """
    if isinstance(value, dict):
        return value.get(key, MISSING)
    if isinstance(value, PropertyNode):
        return MISSING
    if not isinstance(value, VertexNode | EdgeNode):
        raise TraversalError(f"by({key!r}) needs an element or a map, not {type(value).__name__}")
    found = value.values(key)
    if len(found) > 1:
        raise TraversalError(
            f"by({key!r}): {value.id} has {len(found)} values of it; by(__.values({key!r}).fold()) takes them all"
        )
    return found[0] if found else MISSING


def column_of(value: Value, column: Column) -> Value:
    """Take the keys or the values of a map or of one of its entries.

    Raises:
        TraversalError: the value is neither.
    """
    if isinstance(value, MapEntry):
        return value.key if column is Column.keys else value.value
    if not isinstance(value, dict):
        raise TraversalError(f"{column.name} needs a map, not {type(value).__name__}")
    return SetValue(value) if column is Column.keys else list(value.values())


def check(plan: Plan) -> None:
    """Refuse, before anything runs, what the steps of a plan say they cannot do.

    Raises:
        UnsupportedStepError, TraversalError: as the steps' own checks say.
    """
    for one in plan.steps:
        if (refuse := STEPS[one.name].check) is not None:
            refuse(one)
        for child in one.children():
            check(child)


def unsupported(name: str, reason: str) -> UnsupportedStepError:
    """Refuse one form of a known step."""
    return UnsupportedStepError("step", name, [reason])
