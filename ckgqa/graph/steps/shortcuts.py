"""Rewrites plans for SQLite's indexes, which are faster than one traverser after another; the answers are the same.

Steps whose names start with `~` exist here alone; no traversal can name them.
"""

from dataclasses import replace

from ckgqa.graph.bytecode import Plan, PlanStep
from ckgqa.graph.elements import Value
from ckgqa.graph.machine import Machine, Stream, fresh
from ckgqa.graph.predicates import Predicate
from ckgqa.graph.steps.filters import has_parts
from ckgqa.graph.steps.navigate import vertex, wanted_ids

_MOVES = {move + edges: move for move in ("out", "in", "both") for edges in ("", "E")}
_TABLES = {"V": "vertex", "E": "edge"}
_FILTERS = frozenset({"has", "hasLabel", "hasNot", "hasId", "as"})


def count_all(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Count a table for V().count() and E().count(), also behind hasLabel()."""
    start = step.args[0]
    yield fresh(sum(machine.store.count(_TABLES[start.name], start.options.get("labels")) for _ in stream))


def count_moves(machine: Machine, step: PlanStep, stream: Stream) -> Stream:
    """Count edges for a move and a count behind it, without reading them."""
    move = step.args[0]
    keys = (vertex(traverser.value, move.name).key for traverser in stream)
    yield fresh(sum(machine.store.degree(key, _MOVES[move.name], move.args) for key in keys))


def shorten(plan: Plan) -> Plan:
    """Rewrite a plan, children included."""
    return Plan(tuple(_counted(_sought([_with_children(step) for step in plan.steps]))))


def _shortened(value: Value) -> Value:
    return shorten(value) if isinstance(value, Plan) else value


def _with_children(step: PlanStep) -> PlanStep:
    if not step.args and not step.by and not step.options:
        return step
    return replace(
        step,
        args=tuple(map(_shortened, step.args)),
        by=tuple(replace(by, what=_shortened(by.what)) for by in step.by),
        options={name: _shortened(value) for name, value in step.options.items()},
    )


def _sought(steps: list[PlanStep]) -> list[PlanStep]:
    """Choose the index that V() and E() start with; the filters stay where they are, and cost little."""
    found = list(steps)
    for at, step in enumerate(steps):
        if step.name in _TABLES and not step.args:
            for behind in steps[at + 1 :]:
                if behind.name not in _FILTERS:
                    break
                found[at] = _narrowed(found[at], behind)
    return found


def _narrowed(start: PlanStep, behind: PlanStep) -> PlanStep:
    if behind.name == "hasId" and not start.args and not any(isinstance(arg, Predicate) for arg in behind.args):
        return replace(start, args=tuple(dict.fromkeys(wanted_ids(behind.args, "hasId"))))
    if behind.name == "hasLabel" and not start.options and all(isinstance(arg, str) for arg in behind.args):
        return replace(start, options={"labels": tuple(dict.fromkeys(behind.args))})
    if behind.name == "has" and start.name == "V" and (name := _exact_name(behind)) is not None:
        return replace(start, options={**start.options, "name": name})
    return start


def _exact_name(step: PlanStep) -> str | None:
    _, key, predicate = has_parts(step)
    exact = key == "name" and predicate is not None and predicate.operator == "eq" and isinstance(predicate.wanted, str)
    return predicate.wanted if exact and predicate is not None else None


def _counted(steps: list[PlanStep]) -> list[PlanStep]:
    found: list[PlanStep] = []
    for at, step in enumerate(steps):
        if step.name != "count" or step.args or not found:
            found.append(step)
        elif found[-1].name in _MOVES:
            found[-1] = PlanStep("~countMoves", (found[-1],))
        elif (start := _whole_table(steps[:at])) is not None:
            found = [PlanStep("~countAll", (start,))]
        else:
            found.append(step)
    return found


def _whole_table(steps: list[PlanStep]) -> PlanStep | None:
    """Find the start of `V()` or `V().hasLabel(...)`, when there is nothing else."""
    start = steps[0]
    whole = start.name in _TABLES and not start.args and "name" not in start.options
    narrowed = len(steps) == 2 and steps[1].name == "hasLabel" and "labels" in start.options
    return start if whole and (len(steps) == 1 or narrowed) else None
