"""Steps that run child traversals: branches, loops and detours."""

from collections.abc import Iterator
from itertools import chain

from ckgqa.graph.bytecode import Plan, Step, plan_of
from ckgqa.graph.errors import TraversalError
from ckgqa.graph.machine import Machine, Stream, Traverser, step, unsupported


def _check_children(one: Step) -> None:
    if not one.args:
        raise TraversalError(f"{one.name}() takes at least one traversal")
    for arg in one.args:
        plan_of(arg, one)


def _check_child(one: Step) -> None:
    _check_children(one)
    if len(one.args) > 1:
        raise TraversalError(f"{one.name}() takes one traversal, not {len(one.args)}")


# Steps with a memory of what went through. Inside union() and choose() it spans all traversers, inside the other steps
# with child traversals each traverser starts anew. Source: BranchStep of TinkerPop 3.7, `hasBarrier`.
REDUCING = frozenset({"count", "~countMoves", "~countAll", "fold", "sum", "mean", "min", "max", "group", "groupCount"})
REMEMBERING = REDUCING | {"order", "dedup", "limit", "skip", "range", "tail"}


@step("union", "the results of all traversals; also as the first step", _check_children)
def union(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Run every child, for each traverser as it comes, or for all together if a child remembers."""
    together = any(child.uses(REMEMBERING) for child in one.args)
    for arrived in [list(stream)] if together else ([traverser] for traverser in stream):
        for child in one.args if arrived else ():
            yield from machine.run(child, arrived)


@step("coalesce", "the results of the first traversal that has any", _check_children)
def coalesce(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Run children until one finds something; its own way is not kept."""
    for traverser in stream:
        for child in one.args:
            found = machine.run(child, [traverser])
            if (head := next(found, None)) is not None:
                yield from (traverser.move(end.value) for end in chain([head], found))
                break


def _check_optional(one: Step) -> None:
    _check_child(one)
    if (name := one.args[0].uses(REDUCING)) is not None:
        raise unsupported(f"{name} inside optional()", "coalesce(traversal, identity())")


@step("optional", "the results of a traversal, or the object itself where it has none", _check_optional)
def optional(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Go on if possible."""
    for traverser in stream:
        found = machine.run(one.args[0], [traverser])
        head = next(found, None)
        yield from [traverser] if head is None else chain([head], found)


def _check_choose(one: Step) -> None:
    if len(one.args) not in {2, 3} or not all(isinstance(arg, Plan) for arg in one.args):
        wanted = "choose(traversal, traversal) and choose(traversal, traversal, traversal)"
        raise unsupported("choose() with options or predicates", wanted)


@step("choose", "choose(question, then) and choose(question, then, otherwise), all three traversals", _check_choose)
def choose(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Send each traverser one of two ways; all together if a way remembers."""
    question, then, otherwise = (*one.args, Plan(()))[:3]
    if not (then.uses(REMEMBERING) or otherwise.uses(REMEMBERING)):
        for traverser in stream:
            yield from machine.run(then if machine.passes(question, traverser) else otherwise, [traverser])
        return
    ways: dict[bool, list[Traverser]] = {True: [], False: []}
    for traverser in stream:
        ways[machine.passes(question, traverser)].append(traverser)
    for answer, way in ((True, then), (False, otherwise)):
        if ways[answer]:
            yield from machine.run(way, ways[answer])


@step("local", "a traversal for each object on its own", _check_child)
def local(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Run the child anew for each, so that its limits and counts are each one's own."""
    for traverser in stream:
        yield from machine.run(one.args[0], [traverser])


@step("flatMap", "all results of a traversal, the way inside it not kept", _check_child)
def flat_map(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Put all results in the place of each."""
    for traverser in stream:
        yield from (traverser.move(end.value) for end in machine.run(one.args[0], [traverser]))


@step("map", "the first result of a traversal", _check_child)
def map_(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Put the first result in the place of each; where there is none, nothing goes on."""
    for traverser in stream:
        if (end := next(machine.run(one.args[0], [traverser]), None)) is not None:
            yield traverser.move(end.value)


@step("sideEffect", "a traversal for what it does; the object goes on", _check_child)
def side_effect(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Run the child to its end."""
    for traverser in stream:
        for _ in machine.run(one.args[0], [traverser]):
            pass
        yield traverser


@step("barrier", "everything, gathered before it goes on")
def barrier(_: Machine, one: Step, stream: Stream) -> Stream:
    """Gather."""
    if one.args:
        raise unsupported(f"barrier{one.args!r}", "barrier()")
    yield from list(stream)


# Loops. Source: RepeatStep and RepeatEndStep of TinkerPop 3.7: options before repeat() are asked on the way in, those
# behind it on the way out.


def _check_repeat(one: Step) -> None:
    _check_child(one)
    for name in ("times", "until", "emit"):
        if name in one.options and f"{name}First" in one.options:
            raise TraversalError(f"{name}() stands before and behind repeat()")
    if {"times", "until"} <= {name.removesuffix("First") for name in one.options}:
        raise unsupported("repeat() with times() and until()", "repeat() with one of them")
    if (name := one.args[0].uses(REMEMBERING)) is not None:
        raise unsupported(f"{name} inside repeat()", "repeat() of moves and filters, and the same step behind it")


@step(
    "repeat",
    "a traversal again and again: times(n), until(traversal), emit() and emit(traversal), before or behind",
    _check_repeat,
)
def repeat(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Loop level by level."""
    for traverser in stream:
        level, loops = [traverser], 0
        while level:
            entering: list[Traverser] = []
            for arrived in level:
                machine.store.look_at_clock()
                if _ends(machine, one, "First", arrived, loops):
                    yield arrived
                    continue
                entering.append(arrived)
                if _emits(machine, one, "First", arrived):
                    yield arrived
            loops += 1
            level = []
            yield from _leave(machine, one, machine.run(one.args[0], iter(entering)), loops, level)


def _leave(machine: Machine, one: Step, ends: Stream, loops: int, level: list[Traverser]) -> Iterator[Traverser]:
    for end in ends:
        machine.store.look_at_clock()
        if _ends(machine, one, "", end, loops):
            yield end
            continue
        level.append(end)
        if _emits(machine, one, "", end):
            yield end


def _ends(machine: Machine, one: Step, place: str, traverser: Traverser, loops: int) -> bool:
    if (times := one.options.get(f"times{place}")) is not None:
        return bool(loops >= times)
    until = one.options.get(f"until{place}")
    return until is not None and machine.passes(until, traverser)


def _emits(machine: Machine, one: Step, place: str, traverser: Traverser) -> bool:
    if f"emit{place}" not in one.options:
        return False
    asked = one.options[f"emit{place}"]
    return asked is None or machine.passes(asked, traverser)
