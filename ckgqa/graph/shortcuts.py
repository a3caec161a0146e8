"""What SQLite's indexes answer better than one traverser after another: plans rewritten, with the same answers.

Steps whose names start with `~` exist here alone; no traversal can name them.
"""

from dataclasses import replace

from ckgqa.graph.bytecode import Plan, Step
from ckgqa.graph.elements import Value
from ckgqa.graph.machine import Machine, Stream, fresh, step
from ckgqa.graph.predicates import Predicate
from ckgqa.graph.steps_filter import has_parts
from ckgqa.graph.steps_graph import vertex, wanted_ids

_MOVES = {move + edges: move for move in ("out", "in", "both") for edges in ("", "E")}
_TABLES = {"V": "vertex", "E": "edge"}
_FILTERS = frozenset({"has", "hasLabel", "hasNot", "hasId", "as"})


@step("~countAll", "")
def count_all(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Count a table for V().count() and E().count(), also behind hasLabel()."""
    start = one.args[0]
    yield fresh(sum(machine.store.count(_TABLES[start.name], start.options.get("labels")) for _ in stream))


@step("~countMoves", "")
def count_moves(machine: Machine, one: Step, stream: Stream) -> Stream:
    """Count edges for a move and a count behind it, without reading them."""
    move = one.args[0]
    keys = (vertex(traverser.value, move.name).key for traverser in stream)
    yield fresh(sum(machine.store.degree(key, _MOVES[move.name], move.args) for key in keys))


def shorten(plan: Plan) -> Plan:
    """Rewrite a plan, children included."""
    return Plan(tuple(_counted(_sought([_with_children(one) for one in plan.steps]))))


def _shortened(value: Value) -> Value:
    return shorten(value) if isinstance(value, Plan) else value


def _with_children(one: Step) -> Step:
    if not one.args and not one.by and not one.options:
        return one
    return replace(
        one,
        args=tuple(map(_shortened, one.args)),
        by=tuple(replace(by, what=_shortened(by.what)) for by in one.by),
        options={name: _shortened(value) for name, value in one.options.items()},
    )


def _sought(steps: list[Step]) -> list[Step]:
    """Tell V() and E() which index to start with; the filters stay where they are, and cost little."""
    found = list(steps)
    for at, one in enumerate(steps):
        if one.name in _TABLES and not one.args:
            for behind in steps[at + 1 :]:
                if behind.name not in _FILTERS:
                    break
                found[at] = _narrowed(found[at], behind)
    return found


def _narrowed(start: Step, behind: Step) -> Step:
    if behind.name == "hasId" and not start.args and not any(isinstance(arg, Predicate) for arg in behind.args):
        return replace(start, args=tuple(dict.fromkeys(wanted_ids(behind.args, "hasId"))))
    if behind.name == "hasLabel" and not start.options and all(isinstance(arg, str) for arg in behind.args):
        return replace(start, options={"labels": tuple(dict.fromkeys(behind.args))})
    if behind.name == "has" and start.name == "V" and (name := _exact_name(behind)) is not None:
        return replace(start, options={**start.options, "name": name})
    return start


def _exact_name(one: Step) -> str | None:
    _, key, predicate = has_parts(one)
    exact = key == "name" and predicate is not None and predicate.operator == "eq" and isinstance(predicate.wanted, str)
    return predicate.wanted if exact and predicate is not None else None


def _counted(steps: list[Step]) -> list[Step]:
    found: list[Step] = []
    for at, one in enumerate(steps):
        if one.name != "count" or one.args or not found:
            found.append(one)
        elif found[-1].name in _MOVES:
            found[-1] = Step("~countMoves", (found[-1],))
        elif (start := _whole_table(steps[:at])) is not None:
            found = [Step("~countAll", (start,))]
        else:
            found.append(one)
    return found


def _whole_table(steps: list[Step]) -> Step | None:
    """Find the start of `V()` or `V().hasLabel(...)`, when there is nothing else."""
    start = steps[0]
    whole = start.name in _TABLES and not start.args and "name" not in start.options
    narrowed = len(steps) == 2 and steps[1].name == "hasLabel" and "labels" in start.options
    return start if whole and (len(steps) == 1 or narrowed) else None
