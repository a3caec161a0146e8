"""Steps that let a traverser pass or not."""

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from itertools import islice

from gremlin_python.process.traversal import T

from ckgqa.graph.bytecode import By, Plan, PlanStep, plan_of, predicate_of
from ckgqa.graph.elements import SetValue, Value
from ckgqa.graph.errors import TraversalError
from ckgqa.graph.machine import MISSING, Evaluate, Machine, Missing, Stream, Traverser, unsupported
from ckgqa.graph.predicates import Predicate
from ckgqa.graph.steps.navigate import element
from ckgqa.graph.values import identity, is_list, token_of


def keep(test: Callable[[Machine, PlanStep, Traverser], bool]) -> Evaluate:
    """Make the step that lets a traverser pass if the test does."""
    return lambda machine, step, stream: (traverser for traverser in stream if test(machine, step, traverser))


def any_predicate(values: tuple[Value, ...]) -> Predicate:
    """Return the test for one of several values, each a plain value, a list of values or a predicate."""
    flat = [item for value in values for item in (value if is_list(value) else [value])]
    parts = tuple(map(predicate_of, flat))
    return parts[0] if len(parts) == 1 else Predicate("or", None, parts)


def has_parts(step: PlanStep) -> tuple[str | None, Value, Predicate | None]:
    """Read has(key), has(key, value) and has(label, key, value): label, key, and what to ask.

    Raises:
        UnsupportedStepError: a form that 3.7 and 3.8 answer differently, or that Neptune does not take.
    """
    if not 1 <= len(step.args) <= 3 or any(isinstance(arg, Plan) for arg in step.args):
        raise unsupported(
            "has(key, traversal)", "has(key), has(key, value or predicate), has(label, key, value or predicate)"
        )
    label, key, *asked = step.args if len(step.args) == 3 else (None, *step.args)
    if (
        not isinstance(key, str | T)
        or (label is not None and not isinstance(label, str))
        or (asked and asked[0] is None)
    ):
        raise TraversalError(f"has() takes a property's name or T.id or T.label, and a value, not {step.args!r}")
    return label, key, predicate_of(asked[0]) if asked else None


def check_has(step: PlanStep) -> None:
    """Reject the forms of has() that `has_parts` does not read."""
    has_parts(step)


def has(_: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Keep elements one of whose values passes."""
    label, key, predicate = has_parts(step)
    for traverser in stream:
        owner = element(traverser.value, "has")
        values = owner.values(key) if isinstance(key, str) else [token_of(owner, key)]
        passes = all(any(map(asked.test, values)) for asked in predicate.conjuncts()) if predicate else bool(values)
        if passes and label in {None, owner.label}:
            yield traverser


def check_named(step: PlanStep) -> None:
    """Reject a step without arguments."""
    if not step.args:
        raise TraversalError(f"{step.name}() takes at least one argument")


def has_not(_: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Keep elements without the property."""
    return (traverser for traverser in stream if not element(traverser.value, "hasNot").values(step.args[0]))


def has_token(token: T) -> Evaluate:
    """Make the step that keeps elements or properties by `T.id`, `T.label`, `T.key` or `T.value`."""

    def evaluate(_: Machine, step: PlanStep, stream: Stream) -> Stream:
        predicate = any_predicate(step.args)
        return (traverser for traverser in stream if predicate.test(token_of(traverser.value, token)))

    return evaluate


def is_(_: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Keep values that pass."""
    predicate = predicate_of(step.args[0])
    return (traverser for traverser in stream if predicate.test(traverser.value))


def check_plans(step: PlanStep) -> None:
    """Reject a step without child traversals."""
    if not step.args:
        raise unsupported(f"{step.name}() without traversals", f"{step.name}(traversal, ...)")
    for arg in step.args:
        plan_of(arg, step)


def passes(machine: Machine, step: PlanStep, traverser: Traverser) -> bool:
    """Return whether the first child traversal has a result."""
    return machine.passes(step.args[0], traverser)


def passes_not(machine: Machine, step: PlanStep, traverser: Traverser) -> bool:
    """Return whether the first child traversal has no result."""
    return not machine.passes(step.args[0], traverser)


def passes_all(machine: Machine, step: PlanStep, traverser: Traverser) -> bool:
    """Return whether every child traversal has a result."""
    return all(machine.passes(child, traverser) for child in step.args)


def passes_any(machine: Machine, step: PlanStep, traverser: Traverser) -> bool:
    """Return whether any child traversal has a result."""
    return any(machine.passes(child, traverser) for child in step.args)


def scoped(traverser: Traverser, label: str) -> Value | Missing:
    """Find what a label stands for: a key of the map that the traverser is, or the last object with that label."""
    if isinstance(traverser.value, dict) and label in traverser.value:
        return traverser.value[label]
    marked = traverser.marked(label)
    return marked[-1] if marked else MISSING


# The comparisons whose value can be one label.
_LABEL_TESTS = frozenset({"eq", "neq", "lt", "lte", "gt", "gte", "and", "or"})


def check_where(step: PlanStep) -> None:
    """Reject a where() that is neither a traversal nor a predicate of labels."""
    *label, asked = step.args or (None,)
    if isinstance(asked, Plan) and not label and not step.by:
        return
    if not isinstance(asked, Predicate) or len(label) > 1 or not all(isinstance(name, str) for name in label):
        raise TraversalError(f"where() takes a traversal, or a predicate of labels, not {step.args!r}")
    if unknown := sorted(asked.operators() - _LABEL_TESTS):
        raise unsupported(f"where({unknown[0]})", f"where() with {', '.join(sorted(_LABEL_TESTS))}")
    if not all(isinstance(name, str) for name in asked.labels()):
        raise TraversalError(f"where() compares with labels, not with {asked.labels()!r}")


def where(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Keep what finds something, or compares as asked with what the labels stand for."""
    if isinstance(step.args[0], Plan):
        return (traverser for traverser in stream if _finds(machine, step.args[0], traverser))
    return (traverser for traverser in stream if _compares(machine, step, traverser))


def _compares(machine: Machine, step: PlanStep, traverser: Traverser) -> bool:
    *label, predicate = step.args
    ways: list[By | None] = [
        step.by[at % len(step.by)] if step.by else None for at in range(1 + len(predicate.labels()))
    ]
    start = scoped(traverser, label[0]) if label else traverser.value
    found: list[Value | Missing] = [start, *(scoped(traverser, name) for name in predicate.labels())]
    if any(value is MISSING for value in found):
        return False
    seen = [machine.look_at(way, value) for way, value in zip(ways, found, strict=True)]
    if any(value is MISSING for value in seen):
        return False
    rest = iter(seen[1:])
    return bool(predicate.resolved(lambda _: next(rest)).test(seen[0]))


def _finds(machine: Machine, plan: Plan, traverser: Traverser) -> bool:
    """Run a where-traversal: a leading as() starts at that label, a closing one has to arrive there."""
    steps = plan.steps
    if len(steps) == 1 and steps[0].name in {"and", "or", "not"}:
        answers = (_finds(machine, child, traverser) for child in steps[0].args)
        return all(answers) if steps[0].name == "and" else any(answers) is (steps[0].name == "or")
    start: Value | Missing = traverser.value
    if steps and steps[0].name == "as":
        start, steps = scoped(traverser, steps[0].args[0]), steps[1:]
    goal = steps[-1].args[0] if len(steps) > 1 and steps[-1].name == "as" else None
    if isinstance(start, Missing):
        return False
    found = machine.run(Plan(steps[:-1] if goal else steps), [Traverser(start, (traverser.trail, start, ()))])
    if goal is None:
        return next(found, None) is not None
    wanted = scoped(traverser, goal)
    return any(identity(end.value) == identity(wanted) for end in found)


def dedup(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Keep the first of those that are the same."""
    if step.local:
        yield from (traverser.move(SetValue(_unique(traverser.value))) for traverser in stream)
        return
    seen: set[Hashable] = set()
    by = step.by[0] if step.by else None
    for traverser in stream:
        parts = [scoped(traverser, label) for label in step.args] if step.args else [MISSING]
        if step.args and any(part is MISSING for part in parts):
            raise TraversalError(f"dedup{step.args!r}: no object on the way has one of these labels")
        looked = [machine.look_at(by, part) for part in parts] if step.args else [machine.look(by, traverser)]
        key = tuple(map(identity, looked))
        if not any(value is MISSING for value in looked) and key not in seen:
            seen.add(key)
            yield traverser


def _unique(value: Value) -> Iterator[Value]:
    if not is_list(value):
        raise TraversalError(f"dedup(local) needs a list, not {type(value).__name__}")
    return iter({identity(item): item for item in value}.values())


def _bounds(step: PlanStep) -> tuple[int, int | None]:
    """Read which positions a step keeps: first, and the one after the last (None: to the end)."""
    numbers = step.scoped_args
    if not all(isinstance(number, int) for number in numbers) or len(numbers) != (2 if step.name == "range" else 1):
        raise TraversalError(
            f"{step.name}() takes {'two numbers' if step.name == 'range' else 'a number'}, not {numbers!r}"
        )
    low, high = {"limit": (0, numbers[-1]), "skip": (numbers[0], -1), "range": (numbers[0], numbers[-1])}[step.name]
    if low < 0 or high < -1 or (high != -1 and high < low):
        raise TraversalError(f"{step.name}{numbers!r}: positions count from 0 upwards, and -1 is the end")
    if step.local and high - low == 1:
        raise unsupported(
            f"{step.name}(local) of one", "more than one: 3.7 answers the element itself, 3.8 a list of it"
        )
    return low, None if high == -1 else high


def check_bounds(step: PlanStep) -> None:
    """Reject bounds that `_bounds` does not read."""
    _bounds(step)


def _cut(value: Value, low: int, high: int | None) -> Value:
    if isinstance(value, dict):
        return dict(islice(value.items(), low, high))
    return (
        SetValue(value[low:high]) if isinstance(value, SetValue) else list(value[low:high]) if is_list(value) else value
    )


def window(_: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Keep the traversers between two positions, or cut each list there."""
    low, high = _bounds(step)
    if step.local:
        return (traverser.move(_cut(traverser.value, low, high)) for traverser in stream)
    return islice(stream, low, high)


def check_tail(step: PlanStep) -> None:
    """Reject a tail() whose number is none, or on which the versions of TinkerPop differ."""
    numbers = step.scoped_args
    if len(numbers) > 1 or not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise TraversalError(f"tail() takes a number, not {numbers!r}")
    if step.local and (numbers or (1,)) == (1,):
        raise unsupported("tail(local) of one", "more than one: 3.7 answers the element itself, 3.8 a list of it")


def tail(_: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Keep the last ones."""
    (number,) = step.scoped_args or (1,)
    if not step.local:
        yield from deque(stream, maxlen=number)
        return
    for traverser in stream:
        length = len(traverser.value) if is_list(traverser.value) or isinstance(traverser.value, dict) else 0
        yield traverser.move(_cut(traverser.value, max(0, length - number), None))


def is_simple(_: Machine, __: PlanStep, traverser: Traverser) -> bool:
    """Return whether the path of a traverser meets nothing twice."""
    way = [identity(value) for value, _ in traverser.steps_back()]
    return len(set(way)) == len(way)


def is_cyclic(machine: Machine, step: PlanStep, traverser: Traverser) -> bool:
    """Return whether the path of a traverser meets something twice."""
    return not is_simple(machine, step, traverser)


def always(_: Machine, __: PlanStep, ___: Traverser) -> bool:
    """Return True for every traverser."""
    return True


def check_none(step: PlanStep) -> None:
    """Reject none() with a predicate."""
    if step.args:
        raise unsupported("none(predicate)", "none()")


def discard(_: Machine, __: PlanStep, stream: Stream) -> Stream:
    """Let everything run and nothing through."""
    for _traverser in stream:
        pass
    yield from ()
