"""Runs a plan: traversers pass through the steps one by one, lazily, so that a limit ends the reading."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from gremlin_python.process.traversal import Column

from ckgqa.graph.bytecode import By, Plan, PlanStep
from ckgqa.graph.elements import EdgeNode, MapEntry, PropertyNode, SetValue, Value, VertexNode
from ckgqa.graph.errors import TraversalError, UnsupportedStepError
from ckgqa.graph.store import Store
from ckgqa.graph.values import token_of


class Missing:
    """The result of a by() or a label that finds nothing."""


MISSING: Final = Missing()

# The path so far, last first: the path before, the object, and the labels that `as` assigned to it.
Trail: TypeAlias = "tuple[Trail | None, Value, tuple[str, ...]]"


@dataclass(slots=True)
class Traverser:
    """One object and its path; `trail` is None only before a traversal's first step."""

    value: Value
    trail: "Trail | None"

    def move(self, value: Value) -> "Traverser":
        """Go on to another object."""
        return Traverser(value, (self.trail, value, ()))

    def labelled(self, labels: tuple[str, ...]) -> "Traverser":
        """Add labels to the current object."""
        before, value, known = self.trail or (None, self.value, ())
        return Traverser(self.value, (before, value, (*known, *labels)))

    def steps_back(self) -> Iterator[tuple[Value, tuple[str, ...]]]:
        """Walk the path back, this object first."""
        at = self.trail
        while at is not None:
            yield at[1], at[2]
            at = at[0]

    def marked(self, label: str) -> list[Value]:
        """Return the objects with a label, the first on the path first."""
        return [value for value, labels in self.steps_back() if label in labels][::-1]


Stream: TypeAlias = Iterator[Traverser]
Evaluate: TypeAlias = "Callable[[Machine, PlanStep, Stream], Stream]"


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One step of the engine: how it runs, a line for the README, and the check before anything runs."""

    evaluate: Evaluate
    summary: str
    check: Callable[[PlanStep], None] | None = None


def fresh(value: Value) -> Traverser:
    """Start a new path, as for the result of a count or a fold."""
    return Traverser(value, (None, value, ()))


START: Final = Traverser(MISSING, None)


@dataclass(frozen=True, slots=True)
class Machine:
    """Runs plans over one store.

    Args:
        store: holds the graph.
        steps: the table of steps.
    """

    store: Store
    steps: Mapping[str, StepSpec]

    def run(self, plan: Plan, stream: Iterable[Traverser]) -> Stream:
        """Send traversers through all steps of a plan."""
        running: Stream = iter(stream)
        for step in plan.steps:
            running = self.steps[step.name].evaluate(self, step, running)
        return running

    def first(self, plan: Plan, traverser: Traverser) -> Value | Missing:
        """Return the first result of a child traversal."""
        found = next(self.run(plan, [traverser]), None)
        return MISSING if found is None else found.value

    def passes(self, plan: Plan, traverser: Traverser) -> bool:
        """Return whether a child traversal has any result."""
        return next(self.run(plan, [traverser]), None) is not None

    def look(self, by: By | None, traverser: Traverser) -> Value | Missing:
        """Return the value that a by() reads from a traverser."""
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
        """Return the value that a by() reads from a value without a path."""
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
    """Return the keys or the values of a map or of one of its entries.

    Raises:
        TraversalError: the value is neither.
    """
    if isinstance(value, MapEntry):
        return value.key if column is Column.keys else value.value
    if not isinstance(value, dict):
        raise TraversalError(f"{column.name} needs a map, not {type(value).__name__}")
    return SetValue(value) if column is Column.keys else list(value.values())


def check_plan(plan: Plan, steps: Mapping[str, StepSpec]) -> None:
    """Run the checks of all steps of a plan, and of its children, before anything runs.

    Raises:
        UnsupportedStepError, TraversalError: as the steps' own checks raise them.
    """
    for step in plan.steps:
        if (check := steps[step.name].check) is not None:
            check(step)
        for child in step.children():
            check_plan(child, steps)


def unsupported(name: str, reason: str) -> UnsupportedStepError:
    """Return the error for an unsupported form of a known step."""
    return UnsupportedStepError("step", name, [reason])
