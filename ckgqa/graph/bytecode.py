"""Reads gremlinpython's bytecode: attaches modulators to their steps, and checks every name before anything runs."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import cast

from gremlin_python.process.traversal import Binding, Bytecode, Column, Order, P, Scope, T

from ckgqa.graph.elements import Value
from ckgqa.graph.errors import TraversalError, UnsupportedStepError
from ckgqa.graph.predicates import Predicate, parse

# Modulators and the steps that each of them may follow.
MODULATORS: Mapping[str, frozenset[str]] = {
    "by": frozenset({"order", "dedup", "project", "select", "group", "groupCount", "path", "where", "valueMap"}),
    "from": frozenset({"addE"}),
    "to": frozenset({"addE"}),
    "times": frozenset({"repeat"}),
    "until": frozenset({"repeat"}),
    "emit": frozenset({"repeat"}),
    "with": frozenset({"valueMap"}),
}
_AROUND_REPEAT = ("times", "until", "emit")
TOKENS_OPTION = "~tinkerpop.valueMap.tokens"
# What may stand in `g.with_(...)`: the first changes how long we try, the others change nothing here.
OPTIONS = frozenset({"evaluationTimeout", "batchSize", "materializeProperties"})


@dataclass(frozen=True, slots=True)
class By:
    """How a step reads each value: as it is, by a property, a token or a traversal; and in which order."""

    what: Value = None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step: its name, its arguments (child traversals are plans), and what modulates it."""

    name: str
    args: tuple[Value, ...] = ()
    by: tuple[By, ...] = ()
    options: Mapping[str, Value] = field(default_factory=dict)
    properties: tuple[tuple[Value, ...], ...] = ()

    @property
    def local(self) -> bool:
        """Whether the step works inside each value, by `Scope.local`."""
        return bool(self.args) and self.args[0] is Scope.local

    @property
    def scoped_args(self) -> tuple[Value, ...]:
        """The arguments without the scope."""
        return self.args[1:] if self.args and isinstance(self.args[0], Scope) else self.args

    def children(self) -> "list[Plan]":
        """The child traversals, wherever they stand."""
        values = (*self.args, *(by.what for by in self.by), *self.options.values())
        return [value for value in values if isinstance(value, Plan)]


@dataclass(frozen=True, slots=True)
class Plan:
    """A traversal, or a child of one: its steps in order."""

    steps: tuple[PlanStep, ...]

    def uses(self, names: AbstractSet[str]) -> str | None:
        """Return the first step with one of the names, at any depth; None if there is none."""
        for one in self.steps:
            if one.name in names:
                return one.name
            for child in one.children():
                if (found := child.uses(names)) is not None:
                    return found
        return None


@dataclass(slots=True)
class _Draft:
    """A step whose modulators are still to come."""

    name: str
    args: tuple[Value, ...]
    by: list[By] = field(default_factory=list)
    options: dict[str, Value] = field(default_factory=dict)
    properties: list[tuple[Value, ...]] = field(default_factory=list)

    def done(self) -> PlanStep:
        return PlanStep(self.name, self.args, tuple(self.by), self.options, tuple(self.properties))


def read(bytecode: Bytecode, known: frozenset[str]) -> Plan:
    """Turn bytecode into a plan.

    Args:
        bytecode: what gremlinpython would send to a server; its source instructions are read by `read_options`.
        known: the names of the steps that can be run.

    Raises:
        UnsupportedStepError: a step, a predicate or a modulator's place is not known, at any depth.
        TraversalError: arguments that make no sense.
    """
    drafts: list[_Draft] = []
    waiting: dict[str, Value] = {}
    for name, *arguments in bytecode.step_instructions:
        args = tuple(_argument(argument, known) for argument in arguments)
        if name in MODULATORS:
            _modulate(drafts, waiting, name, args)
        elif name == "property" and (owner := _last(drafts)) is not None and owner.name in {"addV", "addE"}:
            owner.properties.append(args)
        elif name not in known:
            raise UnsupportedStepError("step", name, known | MODULATORS.keys())
        else:
            drafts.append(_Draft(name, args))
            if name == "repeat":
                drafts[-1].options.update({f"{key}First": value for key, value in waiting.items()})
                waiting.clear()
    if waiting:
        raise TraversalError(f"{next(iter(waiting))}() stands before no repeat()")
    return Plan(tuple(draft.done() for draft in drafts))


def read_options(bytecode: Bytecode) -> Mapping[str, Value]:
    """Read the options that `g.with_(name, value)` gave.

    Raises:
        UnsupportedStepError: any other instruction to the traversal source, or an option that is not known.
    """
    options: dict[str, Value] = {}
    for name, *arguments in bytecode.source_instructions:
        if name != "withStrategies" or any(type(one).__name__ != "OptionsStrategy" for one in arguments):
            raise UnsupportedStepError("source instruction", name, ["with"])
        for strategy in arguments:
            for key, value in strategy.configuration.items():
                if key not in OPTIONS:
                    raise UnsupportedStepError("option", key, OPTIONS)
                options[key] = value
    return options


def _argument(argument: Value, known: frozenset[str]) -> Value:
    if isinstance(argument, Bytecode):
        if argument.source_instructions:
            raise UnsupportedStepError("child source instruction", argument.source_instructions[0][0], [])
        return read(argument, known)
    if isinstance(argument, Binding):
        raise UnsupportedStepError("argument", "Binding", ["plain values"])
    return parse(argument) if isinstance(argument, P) else argument


def _last(drafts: list[_Draft]) -> _Draft | None:
    """Find the step that a modulator belongs to: `as` names a step and is none."""
    return next((draft for draft in reversed(drafts) if draft.name != "as"), None)


def _modulate(drafts: list[_Draft], waiting: dict[str, Value], name: str, args: tuple[Value, ...]) -> None:
    owner = _last(drafts)
    if name in _AROUND_REPEAT and (owner is None or owner.name != "repeat"):
        waiting[name] = _repeat_option(name, args)
    elif owner is None or owner.name not in MODULATORS[name]:
        where = f"{name} after {owner.name if owner else 'nothing'}"
        raise UnsupportedStepError("step", where, (f"{name} after {step}" for step in MODULATORS[name]))
    elif name == "by":
        owner.by.append(_by(args))
    elif name == "with":
        if args != (TOKENS_OPTION,):
            raise UnsupportedStepError("option", str(args[0]), [TOKENS_OPTION])
        owner.options["tokens"] = True
    elif len(args) == 1 or name == "emit":
        owner.options[name] = _repeat_option(name, args) if name in _AROUND_REPEAT else args[0]
    else:
        raise TraversalError(f"{name}() takes one argument, not {len(args)}")


def _repeat_option(name: str, args: tuple[Value, ...]) -> Value:
    wanted = args[0] if args else None
    good = isinstance(wanted, int) if name == "times" else isinstance(wanted, Plan) or (name == "emit" and not args)
    if not good:
        raise TraversalError(f"{name}() takes {'a number' if name == 'times' else 'a traversal'}, not {wanted!r}")
    return wanted


def _by(args: tuple[Value, ...]) -> By:
    orders = [one for one in args if isinstance(one, Order)]
    rest = [one for one in args if not isinstance(one, Order)]
    if any(one is Order.shuffle for one in orders):
        raise UnsupportedStepError("order", "shuffle", ["asc", "desc"])
    if len(rest) > 1 or not all(isinstance(one, str | T | Column | Plan) for one in rest):
        raise TraversalError(f"by() takes a property's name, a token or a traversal, and an order, not {args!r}")
    return By(rest[0] if rest else None, bool(orders) and orders[0] is Order.desc)


def plan_of(value: Value, step: PlanStep) -> Plan:
    """Return an argument that must be a traversal.

    Raises:
        TraversalError: it is something else.
    """
    if not isinstance(value, Plan):
        raise TraversalError(f"{step.name}() takes a traversal here, not {value!r}")
    return value


def predicate_of(value: Value) -> Predicate:
    """Return an argument as a predicate; a plain value becomes an equality test."""
    return value if isinstance(value, Predicate) else Predicate("eq", cast("object", value))
