"""Steps that let a traverser pass or not."""

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from itertools import islice

from gremlin_python.process.traversal import T

from ckgqa.graph.bytecode import By, Plan, Step, plan_of, predicate_of
from ckgqa.graph.elements import SetValue, Value
from ckgqa.graph.errors import TraversalError
from ckgqa.graph.machine import MISSING, Machine, Missing, Stream, Traverser, step, unsupported
from ckgqa.graph.predicates import Predicate
from ckgqa.graph.steps_graph import element
from ckgqa.graph.values import identity, is_list, token_of


def keep(test: Callable[[Machine, Step, Traverser], bool]) -> Callable[[Machine, Step, Stream], Stream]:
    """Make a step of a question about one traverser."""
    return lambda machine, one, stream: (traverser for traverser in stream if test(machine, one, traverser))


def any_predicate(values: tuple[Value, ...]) -> Predicate:
    """Ask whether a value is one of several, each a plain value, a list of them or a predicate."""
    flat = [item for value in values for item in (value if is_list(value) else [value])]
    parts = tuple(map(predicate_of, flat))
    return parts[0] if len(parts) == 1 else Predicate("or", None, parts)


def has_parts(one: Step) -> tuple[str | None, Value, Predicate | None]:
    """Read has(key), has(key, value) and has(label, key, value): label, key, and what to ask.

    Raises:
        UnsupportedStepError: a form that 3.7 and 3.8 answer differently, or that Neptune does not take.
    """
    if not 1 <= len(one.args) <= 3 or any(isinstance(arg, Plan) for arg in one.args):
        raise unsupported(
            "has(key, traversal)", "has(key), has(key, value or predicate), has(label, key, value or predicate)"
        )
    label, key, *asked = one.args if len(one.args) == 3 else (None, *one.args)
    if (
        not isinstance(key, str | T)
        or (label is not None and not isinstance(label, str))
        or (asked and asked[0] is None)
    ):
        raise TraversalError(f"has() takes a property's name or T.id or T.label, and a value, not {one.args!r}")
    return label, key, predicate_of(asked[0]) if asked else None


def _check_has(one: Step) -> None:
    has_parts(one)


@step(
    "has",
    "has(key), has(key, value or predicate), has(label, key, value or predicate); the key may be T.id or T.label",
    _check_has,
)
def has(_: Machine, one: Step, stream: Stream) -> Stream:
    """Keep elements one of whose values passes."""
    label, key, predicate = has_parts(one)
    for traverser in stream:
        owner = element(traverser.value, "has")
        values = owner.values(key) if isinstance(key, str) else [token_of(owner, key)]
        passes = all(any(map(asked.test, values)) for asked in predicate.conjuncts()) if predicate else bool(values)
        if passes and label in {None, owner.label}:
            yield traverser


def _check_named(one: Step) -> None:
    if not one.args:
        raise TraversalError(f"{one.name}() takes at least one argument")


@step("hasNot", "elements without a property", _check_named)
def has_not(_: Machine, one: Step, stream: Stream) -> Stream:
    """Keep elements without the property."""
    return (traverser for traverser in stream if not element(traverser.value, "hasNot").values(one.args[0]))


def _enter_token_filters() -> None:
    def by_token(token: T) -> Callable[[Machine, Step, Stream], Stream]:
        def kept(_: Machine, one: Step, stream: Stream) -> Stream:
            predicate = any_predicate(one.args)
            return (traverser for traverser in stream if predicate.test(token_of(traverser.value, token)))

        return kept

    for name, token, summary in (
        ("hasLabel", T.label, "elements with one of the labels, or one that passes a predicate"),
        ("hasId", T.id, "elements with one of the ids, or one that passes a predicate"),
        ("hasKey", T.key, "properties with one of the names"),
        ("hasValue", T.value, "properties with one of the values"),
    ):
        step(name, summary, _check_named)(by_token(token))


_enter_token_filters()


@step("is", "values that are equal, or pass a predicate", _check_named)
def is_(_: Machine, one: Step, stream: Stream) -> Stream:
    """Keep values that pass."""
    predicate = predicate_of(one.args[0])
    return (traverser for traverser in stream if predicate.test(traverser.value))


def _check_plans(one: Step) -> None:
    if not one.args:
        raise unsupported(f"{one.name}() without traversals", f"{one.name}(traversal, ...)")
    for arg in one.args:
        plan_of(arg, one)


step("not", "what a traversal finds nothing for", _check_plans)(
    keep(lambda machine, one, traverser: not machine.passes(one.args[0], traverser))
)
step("and", "what all traversals find something for", _check_plans)(
    keep(lambda machine, one, traverser: all(machine.passes(child, traverser) for child in one.args))
)
step("or", "what one of the traversals finds something for", _check_plans)(
    keep(lambda machine, one, traverser: any(machine.passes(child, traverser) for child in one.args))
)
step("filter", "what a traversal finds something for", _check_plans)(
    keep(lambda machine, one, traverser: machine.passes(one.args[0], traverser))
)


def scoped(traverser: Traverser, label: str) -> Value | Missing:
    """Find what a label stands for: a key of the map that the traverser is, or the last object with that label."""
    if isinstance(traverser.value, dict) and label in traverser.value:
        return traverser.value[label]
    marked = traverser.marked(label)
    return marked[-1] if marked else MISSING


# The comparisons whose value can be one label.
_LABEL_TESTS = frozenset({"eq", "neq", "lt", "lte", "gt", "gte", "and", "or"})


def _check_where(one: Step) -> None:
    *label, asked = one.args or (None,)
    if isinstance(asked, Plan) and not label and not one.by:
        return
    if not isinstance(asked, Predicate) or len(label) > 1 or not all(isinstance(name, str) for name in label):
        raise TraversalError(f"where() takes a traversal, or a predicate of labels, not {one.args!r}")
    if unknown := sorted(asked.operators() - _LABEL_TESTS):
        raise unsupported(f"where({unknown[0]})", f"where() with {', '.join(sorted(_LABEL_TESTS))}")
    if not all(isinstance(name, str) for name in asked.labels()):
        raise TraversalError(f"where() compares with labels, not with {asked.labels()!r}")


@step(
    "where",
    "a traversal that finds something, from and to labels too; or a predicate of labels, with by()",
    _check_where,
)
def where(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Keep what finds something, or compares as asked with what the labels stand for."""
    if isinstance(one.args[0], Plan):
        return (traverser for traverser in stream if _finds(machine, one.args[0], traverser))
    return (traverser for traverser in stream if _compares(machine, one, traverser))


def _compares(machine: Machine, one: Step, traverser: Traverser) -> bool:
    *label, predicate = one.args
    ways: list[By | None] = [one.by[at % len(one.by)] if one.by else None for at in range(1 + len(predicate.labels()))]
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


@step("dedup", "each value once; by() or labels say what makes two the same; inside lists with Scope.local")
def dedup(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Keep the first of those that are the same."""
    if one.local:
        yield from (traverser.move(SetValue(_unique(traverser.value))) for traverser in stream)
        return
    seen: set[Hashable] = set()
    by = one.by[0] if one.by else None
    for traverser in stream:
        parts = [scoped(traverser, label) for label in one.args] if one.args else [MISSING]
        if one.args and any(part is MISSING for part in parts):
            raise TraversalError(f"dedup{one.args!r}: no object on the way has one of these labels")
        looked = [machine.look_at(by, part) for part in parts] if one.args else [machine.look(by, traverser)]
        key = tuple(map(identity, looked))
        if not any(value is MISSING for value in looked) and key not in seen:
            seen.add(key)
            yield traverser


def _unique(value: Value) -> Iterator[Value]:
    if not is_list(value):
        raise TraversalError(f"dedup(local) needs a list, not {type(value).__name__}")
    return iter({identity(item): item for item in value}.values())


def _bounds(one: Step) -> tuple[int, int | None]:
    """Read which positions a step keeps: first, and the one after the last (None: to the end)."""
    numbers = one.scoped_args
    if not all(isinstance(number, int) for number in numbers) or len(numbers) != (2 if one.name == "range" else 1):
        raise TraversalError(
            f"{one.name}() takes {'two numbers' if one.name == 'range' else 'a number'}, not {numbers!r}"
        )
    low, high = {"limit": (0, numbers[-1]), "skip": (numbers[0], -1), "range": (numbers[0], numbers[-1])}[one.name]
    if low < 0 or high < -1 or (high != -1 and high < low):
        raise TraversalError(f"{one.name}{numbers!r}: positions count from 0 upwards, and -1 is the end")
    if one.local and high - low == 1:
        raise unsupported(
            f"{one.name}(local) of one", "more than one: 3.7 answers the element itself, 3.8 a list of it"
        )
    return low, None if high == -1 else high


def _check_bounds(one: Step) -> None:
    _bounds(one)


def _cut(value: Value, low: int, high: int | None) -> Value:
    if isinstance(value, dict):
        return dict(islice(value.items(), low, high))
    return (
        SetValue(value[low:high]) if isinstance(value, SetValue) else list(value[low:high]) if is_list(value) else value
    )


def _window(_: Machine, one: Step, stream: Stream) -> Stream:
    low, high = _bounds(one)
    if one.local:
        return (traverser.move(_cut(traverser.value, low, high)) for traverser in stream)
    return islice(stream, low, high)


for _name, _summary in (
    ("limit", "the first so many; inside lists with Scope.local"),
    ("skip", "all but the first so many; inside lists with Scope.local"),
    ("range", "from one position up to another; inside lists with Scope.local"),
):
    step(_name, _summary, _check_bounds)(_window)


def _check_tail(one: Step) -> None:
    numbers = one.scoped_args
    if len(numbers) > 1 or not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise TraversalError(f"tail() takes a number, not {numbers!r}")
    if one.local and (numbers or (1,)) == (1,):
        raise unsupported("tail(local) of one", "more than one: 3.7 answers the element itself, 3.8 a list of it")


@step("tail", "the last so many, one if no number is given; inside lists with Scope.local", _check_tail)
def tail(_: Machine, one: Step, stream: Stream) -> Stream:
    """Keep the last ones."""
    (number,) = one.scoped_args or (1,)
    if not one.local:
        yield from deque(stream, maxlen=number)
        return
    for traverser in stream:
        length = len(traverser.value) if is_list(traverser.value) or isinstance(traverser.value, dict) else 0
        yield traverser.move(_cut(traverser.value, max(0, length - number), None))


def _is_simple(_: Machine, __: Step, traverser: Traverser) -> bool:
    way = [identity(value) for value, _ in traverser.steps_back()]
    return len(set(way)) == len(way)


def _is_cyclic(machine: Machine, one: Step, traverser: Traverser) -> bool:
    return not _is_simple(machine, one, traverser)


step("simplePath", "ways that meet nothing twice")(keep(_is_simple))
step("cyclicPath", "ways that meet something twice")(keep(_is_cyclic))
step("identity", "everything")(keep(lambda *_: True))


def _no_arguments(one: Step) -> None:
    if one.args:
        raise unsupported("none(predicate)", "none()")


@step("discard", "nothing: the traversal runs for what it does")
@step("none", "nothing, as discard was called before 3.8", _no_arguments)
def discard(_: Machine, __: Step, stream: Stream) -> Stream:
    """Let everything run and nothing through."""
    for _traverser in stream:
        pass
    yield from ()
