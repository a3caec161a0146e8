"""Predicates: gremlinpython's P and TextP, ready to test values."""

from collections.abc import Callable
from dataclasses import dataclass

from gremlin_python.process.traversal import P

from ckgqa.graph.elements import Value
from ckgqa.graph.errors import TraversalError, UnsupportedStepError
from ckgqa.graph.values import compare, equal, is_list


def _text(test: Callable[[str, str], bool]) -> Callable[[Value, Value], bool]:
    def tested(candidate: Value, wanted: Value) -> bool:
        if not isinstance(candidate, str):
            raise TraversalError(f"a text predicate needs text, not {candidate!r}")
        return test(candidate, wanted)

    return tested


def _ordered(accept: Callable[[int], bool]) -> Callable[[Value, Value], bool]:
    def tested(candidate: Value, wanted: Value) -> bool:
        order = compare(candidate, wanted)
        return order is not None and accept(order)

    return tested


def _within(candidate: Value, wanted: Value) -> bool:
    return any(equal(candidate, value) for value in wanted)


TESTS: dict[str, Callable[[Value, Value], bool]] = {
    "eq": equal,
    "neq": lambda candidate, wanted: not equal(candidate, wanted),
    "lt": _ordered(lambda order: order < 0),
    "lte": _ordered(lambda order: order <= 0),
    "gt": _ordered(lambda order: order > 0),
    "gte": _ordered(lambda order: order >= 0),
    "within": _within,
    "without": lambda candidate, wanted: not _within(candidate, wanted),
    "startingWith": _text(str.startswith),
    "endingWith": _text(str.endswith),
    "containing": _text(lambda candidate, wanted: wanted in candidate),
    "notStartingWith": _text(lambda candidate, wanted: not candidate.startswith(wanted)),
    "notEndingWith": _text(lambda candidate, wanted: not candidate.endswith(wanted)),
    "notContaining": _text(lambda candidate, wanted: wanted not in candidate),
}
# Predicates of two values, as TinkerPop builds them from those of one.
RANGES = {"between": ("and", "gte", "lt"), "inside": ("and", "gt", "lt"), "outside": ("or", "lt", "gt")}
SUPPORTED = frozenset({*TESTS, *RANGES, "and", "or", "not"})
_TEXT_OPPOSITES = {
    "startingWith": "notStartingWith",
    "endingWith": "notEndingWith",
    "containing": "notContaining",
}
_TEXT = frozenset({*_TEXT_OPPOSITES, *_TEXT_OPPOSITES.values()})
_NEGATED = {"eq": "neq", "lt": "gte", "gt": "lte", "within": "without", "and": "or", **_TEXT_OPPOSITES}
_OPPOSITES = {**_NEGATED, **{opposite: name for name, opposite in _NEGATED.items()}}


@dataclass(frozen=True, slots=True)
class Predicate:
    """One test of a value; `and` and `or` join the tests in `parts`, the others compare with `wanted`."""

    operator: str
    wanted: Value = None
    parts: tuple["Predicate", ...] = ()

    def test(self, candidate: Value) -> bool:
        """Return whether a value passes."""
        if self.operator == "and":
            return all(part.test(candidate) for part in self.parts)
        if self.operator == "or":
            return any(part.test(candidate) for part in self.parts)
        return TESTS[self.operator](candidate, self.wanted)

    def operators(self) -> set[str]:
        """List the operators, of the parts too."""
        return {self.operator, *(name for part in self.parts for name in part.operators())}

    def conjuncts(self) -> "tuple[Predicate, ...]":
        """Split what `and` joins, as has() does: of several values, different ones may pass different questions."""
        return tuple(one for part in self.parts for one in part.conjuncts()) if self.operator == "and" else (self,)

    def negated(self) -> "Predicate":
        """Return the opposite test, as in TinkerPop: a value without an order passes neither `lt` nor its opposite."""
        return Predicate(_OPPOSITES[self.operator], self.wanted, tuple(part.negated() for part in self.parts))

    def resolved(self, lookup: Callable[[str], Value]) -> "Predicate":
        """Return the test with values in the place of labels, for `where`."""
        if self.parts:
            return Predicate(self.operator, None, tuple(part.resolved(lookup) for part in self.parts))
        return Predicate(self.operator, lookup(self.wanted))

    def labels(self) -> list[str]:
        """List the labels that `resolved` will look up."""
        return [label for part in self.parts for label in part.labels()] if self.parts else [self.wanted]


def parse(predicate: Value) -> Predicate:
    """Read a P, a TextP, or a plain value, which becomes an equality test.

    Raises:
        UnsupportedStepError: the predicate is not known.
        TraversalError: it has no value to compare with, or not the text that it needs.
    """
    if not isinstance(predicate, P):
        return Predicate("eq", predicate)
    name, value, other = predicate.operator, predicate.value, predicate.other
    if name not in SUPPORTED:
        raise UnsupportedStepError("predicate", name, SUPPORTED)
    if name == "not":
        return parse(value).negated()
    if name in {"and", "or"}:
        return Predicate(name, None, (parse(value), parse(other)))
    if name in RANGES:
        joined, low, high = RANGES[name]
        return Predicate(joined, None, (Predicate(low, value), Predicate(high, other)))
    if name in {"within", "without"} and not is_list(value):
        raise TraversalError(f"{name}() needs a list of values, not {value!r}")
    if name in _TEXT and not isinstance(value, str):
        raise TraversalError(f"{name}() needs text, not {value!r}")
    return Predicate(name, value)
