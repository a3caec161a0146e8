"""Steps that run child traversals: branches, loops and detours."""

from collections.abc import Iterator
from itertools import chain

from ckgqa.graph.bytecode import Plan, PlanStep, plan_of
from ckgqa.graph.errors import TraversalError
from ckgqa.graph.machine import Machine, Stream, Traverser, unsupported


def check_children(step: PlanStep) -> None:
    """Reject a step without child traversals."""
    if not step.args:
        raise TraversalError(f"{step.name}() takes at least one traversal")
    for arg in step.args:
        plan_of(arg, step)


def check_child(step: PlanStep) -> None:
    """Reject a step that has not exactly one child traversal."""
    check_children(step)
    if len(step.args) > 1:
        raise TraversalError(f"{step.name}() takes one traversal, not {len(step.args)}")


# Steps with a memory of what went through. Inside union() and choose() it spans all traversers, inside the other steps
# with child traversals each traverser starts anew. Source: BranchStep of TinkerPop 3.7, `hasBarrier`.
REDUCING = frozenset({"count", "~countMoves", "~countAll", "fold", "sum", "mean", "min", "max", "group", "groupCount"})
REMEMBERING = REDUCING | {"order", "dedup", "limit", "skip", "range", "tail"}


def union(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Run every child, for each traverser as it comes, or for all together if a child remembers."""
    together = any(child.uses(REMEMBERING) for child in step.args)
    for arrived in [list(stream)] if together else ([traverser] for traverser in stream):
        for child in step.args if arrived else ():
            yield from machine.run(child, arrived)


def coalesce(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Run children until one finds something; its own way is not kept."""
    for traverser in stream:
        for child in step.args:
            found = machine.run(child, [traverser])
            if (head := next(found, None)) is not None:
                yield from (traverser.move(end.value) for end in chain([head], found))
                break


def check_optional(step: PlanStep) -> None:
    """Reject a reducing step inside optional()."""
    check_child(step)
    if (name := step.args[0].uses(REDUCING)) is not None:
        raise unsupported(f"{name} inside optional()", "coalesce(traversal, identity())")


def optional(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Go on if possible."""
    for traverser in stream:
        found = machine.run(step.args[0], [traverser])
        head = next(found, None)
        yield from [traverser] if head is None else chain([head], found)


def check_choose(step: PlanStep) -> None:
    """Reject choose() with options or predicates."""
    if len(step.args) not in {2, 3} or not all(isinstance(arg, Plan) for arg in step.args):
        wanted = "choose(traversal, traversal) and choose(traversal, traversal, traversal)"
        raise unsupported("choose() with options or predicates", wanted)


def choose(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Send each traverser one of two ways; all together if a way remembers."""
    question, then, otherwise = (*step.args, Plan(()))[:3]
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


def local(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Run the child anew for each, so that its limits and counts are each one's own."""
    for traverser in stream:
        yield from machine.run(step.args[0], [traverser])


def flat_map(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Replace each traverser by all results."""
    for traverser in stream:
        yield from (traverser.move(end.value) for end in machine.run(step.args[0], [traverser]))


def map_(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Replace each traverser by the first result; drop it if there is none."""
    for traverser in stream:
        if (end := next(machine.run(step.args[0], [traverser]), None)) is not None:
            yield traverser.move(end.value)


def side_effect(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Run the child to its end."""
    for traverser in stream:
        for _ in machine.run(step.args[0], [traverser]):
            pass
        yield traverser


def barrier(_: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Gather."""
    if step.args:
        raise unsupported(f"barrier{step.args!r}", "barrier()")
    yield from list(stream)


# Loops. Source: RepeatStep and RepeatEndStep of TinkerPop 3.7: options before repeat() are asked on the way in, those
# behind it on the way out.


def check_repeat(step: PlanStep) -> None:
    """Reject modulators that contradict each other, and steps with a memory inside repeat()."""
    check_child(step)
    for name in ("times", "until", "emit"):
        if name in step.options and f"{name}First" in step.options:
            raise TraversalError(f"{name}() stands before and behind repeat()")
    if {"times", "until"} <= {name.removesuffix("First") for name in step.options}:
        raise unsupported("repeat() with times() and until()", "repeat() with one of them")
    if (name := step.args[0].uses(REMEMBERING)) is not None:
        raise unsupported(f"{name} inside repeat()", "repeat() of moves and filters, and the same step behind it")


def repeat(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Loop level by level."""
    for traverser in stream:
        level, loops = [traverser], 0
        while level:
            entering: list[Traverser] = []
            for arrived in level:
                machine.store.look_at_clock()
                if _ends(machine, step, "First", arrived, loops):
                    yield arrived
                    continue
                entering.append(arrived)
                if _emits(machine, step, "First", arrived):
                    yield arrived
            loops += 1
            level = []
            yield from _leave(machine, step, machine.run(step.args[0], iter(entering)), loops, level)


def _leave(machine: Machine, step: PlanStep, ends: Stream, loops: int, level: list[Traverser]) -> Iterator[Traverser]:
    for end in ends:
        machine.store.look_at_clock()
        if _ends(machine, step, "", end, loops):
            yield end
            continue
        level.append(end)
        if _emits(machine, step, "", end):
            yield end


def _ends(machine: Machine, step: PlanStep, place: str, traverser: Traverser, loops: int) -> bool:
    if (times := step.options.get(f"times{place}")) is not None:
        return bool(loops >= times)
    until = step.options.get(f"until{place}")
    return until is not None and machine.passes(until, traverser)


def _emits(machine: Machine, step: PlanStep, place: str, traverser: Traverser) -> bool:
    if f"emit{place}" not in step.options:
        return False
    asked = step.options[f"emit{place}"]
    return asked is None or machine.passes(asked, traverser)
