"""Steps that make one value of another, and those that make one of many."""

from collections.abc import Callable, Hashable, Iterable, Sequence

from gremlin_python.process.traversal import Column, Pop

from ckgqa.graph.bytecode import By, Plan, Step
from ckgqa.graph.elements import MapEntry, PathValue, Value
from ckgqa.graph.errors import TraversalError
from ckgqa.graph.machine import (
    MISSING,
    Machine,
    Missing,
    Stream,
    Traverser,
    column_of,
    fresh,
    step,
    unsupported,
)
from ckgqa.graph.values import identity, is_list, largest, map_key, order_key


@step("as", "a label for the object, for select, where, dedup and path")
def label(_: Machine, one: Step, stream: Stream) -> Stream:
    """Give objects labels."""
    return (traverser.labelled(one.args) for traverser in stream)


@step("constant", "the same value for everything")
def constant(_: Machine, one: Step, stream: Stream) -> Stream:
    """Put a value in the place of each."""
    return (traverser.move(one.args[0]) for traverser in stream)


@step("inject", "more values, as the first step or in between")
def inject(_: Machine, one: Step, stream: Stream) -> Stream:
    """Add values before what comes."""
    yield from map(fresh, one.args)
    yield from (traverser for traverser in stream if traverser.value is not MISSING)


# Selecting


def _check_select(one: Step) -> None:
    names = one.args[1:] if one.args and isinstance(one.args[0], Pop) else one.args
    column = len(one.args) == 1 and isinstance(one.args[0], Column)
    if not column and not (names and all(isinstance(name, str) for name in names)):
        raise TraversalError(f"select() takes labels, or Column.keys or Column.values, not {one.args!r}")
    if one.args[0] is Pop.mixed:
        raise unsupported("select(Pop.mixed)", "select with Pop.first, Pop.last, Pop.all_")


def _selected(traverser: Traverser, name: str, pop: Pop) -> Value | Missing:
    if isinstance(traverser.value, dict) and name in traverser.value:
        return traverser.value[name]
    marked = traverser.marked(name)
    if not marked:
        return MISSING
    return marked if pop is Pop.all_ else marked[0] if pop is Pop.first else marked[-1]


@step(
    "select",
    "what labels stand for or a map's keys hold, one or several; Column.keys, Column.values; Pop; by()",
    _check_select,
)
def select(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Go back to what was labelled; where one thing is missing, there is no result."""
    if isinstance(one.args[0], Column):
        yield from (traverser.move(column_of(traverser.value, one.args[0])) for traverser in stream)
        return
    pop, names = (one.args[0], one.args[1:]) if isinstance(one.args[0], Pop) else (Pop.last, one.args)
    ways = _cycled(one.by, len(names))
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


def _check_project(one: Step) -> None:
    if not one.args or len(set(one.args)) < len(one.args) or not all(isinstance(name, str) for name in one.args):
        raise TraversalError(f"project() takes different names, not {one.args!r}")


@step("project", "a map of names, each filled by its by(); one that finds nothing is left out", _check_project)
def project(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Describe each by several looks at it."""
    ways = _cycled(one.by, len(one.args))
    for traverser in stream:
        seen = {name: machine.look(way, traverser) for name, way in zip(one.args, ways, strict=True)}
        yield traverser.move({name: value for name, value in seen.items() if value is not MISSING})


@step("path", "the way so far, each object looked at by by() in turn")
def path(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Show the way; where a by() finds nothing, there is no result."""
    for traverser in stream:
        way = list(traverser.steps_back())[::-1]
        ways = _cycled(one.by, len(way))
        seen = [machine.look_at(by, value) for by, (value, _) in zip(ways, way, strict=True)]
        if not any(value is MISSING for value in seen):
            yield traverser.move(PathValue(tuple(seen), tuple(labels for _, labels in way)))


# Lists


@step("fold", "all values in one list")
def fold(_: Machine, one: Step, stream: Stream) -> Stream:
    """Gather everything."""
    if one.args:
        raise unsupported("fold(seed)", "fold()")
    yield fresh([traverser.value for traverser in stream])


def unfolded(value: Value) -> Iterable[Value]:
    """Open a list, a map or a path; anything else stays as it is."""
    if isinstance(value, dict):
        return [MapEntry(key, item) for key, item in value.items()]
    if isinstance(value, PathValue):
        return value.objects
    return value if is_list(value) else [value]


@step("unfold", "the values of a list or a path, the entries of a map, one by one")
def unfold(_: Machine, __: Step, stream: Stream) -> Stream:
    """Open what comes."""
    return (traverser.move(value) for traverser in stream for value in unfolded(traverser.value))


def _numbers(values: list[Value], name: str) -> list[Value]:
    bad = [value for value in values if isinstance(value, bool) or not isinstance(value, int | float)]
    if bad:
        raise TraversalError(f"{name}() needs numbers, not {bad[0]!r}")
    return values


def _extreme(values: list[Value], sign: int) -> Value:
    """Pick the largest or smallest; among whole and other numbers, the answer is no whole number, as in Java."""
    found = largest(values, sign=sign)
    return float(found) if isinstance(found, int) and any(isinstance(value, float) for value in values) else found


REDUCERS: dict[str, Callable[[list[Value]], Value]] = {
    "sum": lambda values: sum(_numbers(values, "sum")),
    "mean": lambda values: sum(_numbers(values, "mean")) / len(values),
    "min": lambda values: _extreme(values, -1),
    "max": lambda values: _extreme(values, 1),
}


def _enter_reducer(name: str, reduce: Callable[[list[Value]], Value], summary: str) -> None:
    @step(name, f"{summary}; inside lists with Scope.local; of nothing there is none")
    def reduced(_: Machine, one: Step, stream: Stream) -> Stream:
        if not one.local:
            if values := [traverser.value for traverser in stream]:
                yield fresh(reduce(values))
            return
        for traverser in stream:
            if values := list(unfolded(traverser.value)):
                yield traverser.move(reduce(values))


for _name, _summary in (
    ("sum", "the sum"),
    ("mean", "the mean"),
    ("min", "the smallest value"),
    ("max", "the largest value"),
):
    _enter_reducer(_name, REDUCERS[_name], _summary)


@step("count", "how many; inside lists, maps and paths with Scope.local")
def count(_: Machine, one: Step, stream: Stream) -> Stream:
    """Count."""
    if one.local:
        for traverser in stream:
            yield traverser.move(len(list(unfolded(traverser.value))))
    else:
        yield fresh(sum(1 for _ in stream))


# Order and groups


def _check_order(one: Step) -> None:
    if one.scoped_args:
        raise TraversalError(f"order() takes a scope or nothing, not {one.args!r}")


@step(
    "order",
    "sorted by one or more by(), asc or desc; what a by() finds nothing for is left out; Scope.local",
    _check_order,
)
def order(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Sort; those that are equal keep their order."""
    if not one.local:
        yield from _sorted(list(stream), one.by, machine.look)
        return
    for traverser in stream:
        value = traverser.value
        if isinstance(value, dict):
            entries = _sorted([MapEntry(*entry) for entry in value.items()], one.by, machine.look_at)
            yield traverser.move({entry.key: entry.value for entry in entries})
        else:
            yield traverser.move(_sorted(list(value), one.by, machine.look_at) if is_list(value) else value)


def _sorted(items: list[Value], by: Sequence[By], look: Callable[[By, Value], Value | Missing]) -> list[Value]:
    ways = by or (By(),)
    seen = [([look(way, item) for way in ways], item) for item in items]
    found = [(keys, item) for keys, item in seen if not any(key is MISSING for key in keys)]
    for at, way in reversed(list(enumerate(ways))):
        found.sort(key=lambda pair, at=at: order_key(pair[0][at]), reverse=way.descending)  # type: ignore[misc]
    return [item for _, item in found]


# A group's values come from all its members together, so they have to end in one value for all.
_ENDS_IN_ONE = frozenset({"fold", "count", "sum", "mean", "min", "max", "group", "groupCount"})


def _check_group(one: Step) -> None:
    if one.args or len(one.by) > 2:
        raise unsupported(f"{one.name}{one.args!r}", f"{one.name}() with up to two by()")
    value = one.by[1].what if len(one.by) == 2 else None
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


@step("group", "a map of lists by the first by(); the second by() says what of each, or reduces them", _check_group)
def group(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Group."""
    by, of = (*one.by, None, None)[:2]
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


def _check_group_count(one: Step) -> None:
    if one.args or len(one.by) > 1:
        raise unsupported(f"groupCount{one.args!r}", "groupCount() with one by()")


@step("groupCount", "a map of how many there are of each, by its by()", _check_group_count)
def group_count(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Count each kind, without keeping the members."""
    by = one.by[0] if one.by else None
    counts: dict[Hashable, tuple[Value, int]] = {}
    for traverser in stream:
        key = machine.look(by, traverser)
        if not isinstance(key, Missing):
            same = identity(key)
            counts[same] = (map_key(key), counts.get(same, (None, 0))[1] + 1)
    yield fresh(dict(counts.values()))
