"""Steps that turn one value into another, or many values into one."""

from collections.abc import Callable, Hashable, Iterable, Sequence

from gremlin_python.process.traversal import Column, Pop

from ckgqa.graph.bytecode import By, Plan, PlanStep
from ckgqa.graph.elements import MapEntry, PathValue, Value
from ckgqa.graph.errors import TraversalError
from ckgqa.graph.machine import (
    MISSING,
    Evaluate,
    Machine,
    Missing,
    Stream,
    Traverser,
    column_of,
    fresh,
    unsupported,
)
from ckgqa.graph.values import identity, is_list, largest, map_key, order_key


def label(_: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Label each object."""
    return (traverser.labelled(step.args) for traverser in stream)


def constant(_: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Replace each object by a value."""
    return (traverser.move(step.args[0]) for traverser in stream)


def inject(_: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Add values before what comes."""
    yield from map(fresh, step.args)
    yield from (traverser for traverser in stream if traverser.value is not MISSING)


# Selecting


def check_select(step: PlanStep) -> None:
    """Reject a select() without labels, and Pop.mixed."""
    names = step.args[1:] if step.args and isinstance(step.args[0], Pop) else step.args
    column = len(step.args) == 1 and isinstance(step.args[0], Column)
    if not column and not (names and all(isinstance(name, str) for name in names)):
        raise TraversalError(f"select() takes labels, or Column.keys or Column.values, not {step.args!r}")
    if step.args[0] is Pop.mixed:
        raise unsupported("select(Pop.mixed)", "select with Pop.first, Pop.last, Pop.all_")


def _selected(traverser: Traverser, name: str, pop: Pop) -> Value | Missing:
    if isinstance(traverser.value, dict) and name in traverser.value:
        return traverser.value[name]
    marked = traverser.marked(name)
    if not marked:
        return MISSING
    return marked if pop is Pop.all_ else marked[0] if pop is Pop.first else marked[-1]


def select(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Go back to the labelled objects; drop the traverser if one of them is missing."""
    if isinstance(step.args[0], Column):
        yield from (traverser.move(column_of(traverser.value, step.args[0])) for traverser in stream)
        return
    pop, names = (step.args[0], step.args[1:]) if isinstance(step.args[0], Pop) else (Pop.last, step.args)
    ways = _cycled(step.by, len(names))
    for traverser in stream:
        found = {}
        for name, way in zip(names, ways, strict=True):
            value = _selected(traverser, name, pop)
            seen = value if isinstance(value, Missing) else machine.look_at(way, value)
            if isinstance(seen, Missing):
                break
            found[name] = seen
        else:
            yield traverser.move(found if len(names) > 1 else found[names[0]])


def _cycled(by: Sequence[By], length: int) -> list[By | None]:
    return [by[at % len(by)] if by else None for at in range(length)]


def check_project(step: PlanStep) -> None:
    """Reject names that are not text or that stand twice."""
    if not step.args or len(set(step.args)) < len(step.args) or not all(isinstance(name, str) for name in step.args):
        raise TraversalError(f"project() takes different names, not {step.args!r}")


def project(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Describe each by several looks at it."""
    ways = _cycled(step.by, len(step.args))
    for traverser in stream:
        seen = {name: machine.look(way, traverser) for name, way in zip(step.args, ways, strict=True)}
        yield traverser.move({name: value for name, value in seen.items() if value is not MISSING})


def path(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Return the path; drop the traverser if a by() finds nothing."""
    for traverser in stream:
        way = list(traverser.steps_back())[::-1]
        ways = _cycled(step.by, len(way))
        seen = [machine.look_at(by, value) for by, (value, _) in zip(ways, way, strict=True)]
        if not any(value is MISSING for value in seen):
            yield traverser.move(PathValue(tuple(seen), tuple(labels for _, labels in way)))


# Lists


def fold(_: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Gather everything."""
    if step.args:
        raise unsupported("fold(seed)", "fold()")
    yield fresh([traverser.value for traverser in stream])


def unfolded(value: Value) -> Iterable[Value]:
    """Open a list, a map or a path; anything else stays as it is."""
    if isinstance(value, dict):
        return [MapEntry(key, item) for key, item in value.items()]
    if isinstance(value, PathValue):
        return value.objects
    return value if is_list(value) else [value]


def unfold(_: Machine, __: PlanStep, stream: Stream) -> Stream:
    """Open what comes."""
    return (traverser.move(value) for traverser in stream for value in unfolded(traverser.value))


def _numbers(values: list[Value], name: str) -> list[Value]:
    bad = [value for value in values if isinstance(value, bool) or not isinstance(value, int | float)]
    if bad:
        raise TraversalError(f"{name}() needs numbers, not {bad[0]!r}")
    return values


def _extreme(values: list[Value], sign: int) -> Value:
    """Return the largest or smallest value; as in Java, among integers and floats the result is a float."""
    found = largest(values, sign=sign)
    return float(found) if isinstance(found, int) and any(isinstance(value, float) for value in values) else found


def total(values: list[Value]) -> Value:
    """Return the sum."""
    return sum(_numbers(values, "sum"))


def mean(values: list[Value]) -> Value:
    """Return the arithmetic mean."""
    return sum(_numbers(values, "mean")) / len(values)


def smallest(values: list[Value]) -> Value:
    """Return the smallest value."""
    return _extreme(values, -1)


def greatest(values: list[Value]) -> Value:
    """Return the largest value."""
    return _extreme(values, 1)


def reduce_by(reduce: Callable[[list[Value]], Value]) -> Evaluate:
    """Make the step that reduces all values, or each list, to one value; nothing to reduce has no result."""

    def evaluate(_: Machine, step: PlanStep, stream: Stream) -> Stream:
        if not step.local:
            if values := [traverser.value for traverser in stream]:
                yield fresh(reduce(values))
            return
        for traverser in stream:
            if values := list(unfolded(traverser.value)):
                yield traverser.move(reduce(values))

    return evaluate


def count(_: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Count."""
    if step.local:
        for traverser in stream:
            yield traverser.move(len(list(unfolded(traverser.value))))
    else:
        yield fresh(sum(1 for _ in stream))


# Order and groups


def check_order(step: PlanStep) -> None:
    """Reject an order() with arguments other than a scope."""
    if step.scoped_args:
        raise TraversalError(f"order() takes a scope or nothing, not {step.args!r}")


def order(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Sort; those that are equal keep their order."""
    if not step.local:
        yield from _sorted(list(stream), step.by, machine.look)
        return
    for traverser in stream:
        value = traverser.value
        if isinstance(value, dict):
            entries = _sorted([MapEntry(*entry) for entry in value.items()], step.by, machine.look_at)
            yield traverser.move({entry.key: entry.value for entry in entries})
        else:
            yield traverser.move(_sorted(list(value), step.by, machine.look_at) if is_list(value) else value)


def _sorted(items: list[Value], by: Sequence[By], look: Callable[[By, Value], Value | Missing]) -> list[Value]:
    ways = by or (By(),)
    seen = [([look(way, item) for way in ways], item) for item in items]
    found = [(keys, item) for keys, item in seen if not any(key is MISSING for key in keys)]
    for at, way in reversed(list(enumerate(ways))):
        found.sort(key=lambda pair, at=at: order_key(pair[0][at]), reverse=way.descending)  # type: ignore[misc]
    return [item for _, item in found]


# A group's values come from all its members together, so they have to end in one value for all.
_ENDS_IN_ONE = frozenset({"fold", "count", "sum", "mean", "min", "max", "group", "groupCount"})


def check_group(step: PlanStep) -> None:
    """Reject a group() whose values do not reduce to one value."""
    if step.args or len(step.by) > 2:
        raise unsupported(f"{step.name}{step.args!r}", f"{step.name}() with up to two by()")
    value = step.by[1].what if len(step.by) == 2 else None
    if isinstance(value, Plan) and not (
        value.steps and value.steps[-1].name in _ENDS_IN_ONE and not value.steps[-1].local
    ):
        raise unsupported(
            "by() of a group's values without an end", f"by() that ends in one of {', '.join(sorted(_ENDS_IN_ONE))}"
        )


def _grouped(machine: Machine, by: By | None, stream: Stream) -> dict[Hashable, tuple[Value, list[Traverser]]]:
    groups: dict[Hashable, tuple[Value, list[Traverser]]] = {}
    for traverser in stream:
        key = machine.look(by, traverser)
        if not isinstance(key, Missing):
            groups.setdefault(identity(key), (map_key(key), []))[1].append(traverser)
    return groups


def group(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Group."""
    by, of = (*step.by, None, None)[:2]
    found: dict[Value, Value] = {}
    for key, members in _grouped(machine, by, stream).values():
        if of is not None and isinstance(of.what, Plan):
            end = next(machine.run(of.what, members), None)
            if end is not None:
                found[key] = end.value
        else:
            seen = [machine.look(of, member) for member in members]
            found[key] = [value for value in seen if value is not MISSING]
    yield fresh(found)


def check_group_count(step: PlanStep) -> None:
    """Reject a groupCount() with arguments or more than one by()."""
    if step.args or len(step.by) > 1:
        raise unsupported(f"groupCount{step.args!r}", "groupCount() with one by()")


def group_count(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Count each kind, without keeping the members."""
    by = step.by[0] if step.by else None
    counts: dict[Hashable, tuple[Value, int]] = {}
    for traverser in stream:
        key = machine.look(by, traverser)
        if not isinstance(key, Missing):
            same = identity(key)
            counts[same] = (map_key(key), counts.get(same, (None, 0))[1] + 1)
    yield fresh(dict(counts.values()))
