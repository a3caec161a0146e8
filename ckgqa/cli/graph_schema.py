"""What can be asked of a graph: its predicates, the types of their roles, and an example question about a real fact."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gremlin_python.process.graph_traversal import GraphTraversalSource, __
from gremlin_python.process.traversal import T

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Step
from ckgqa.wording.questions import question_about

SAMPLED_FACTS = 50
"""Facts of a predicate that its example is chosen from; the rest is not read."""
MAX_NAME_CHARS = 12
"""Longest name of a good example, for readability."""

Types = tuple[str, ...]


@dataclass(frozen=True)
class ExampleFact:
    """A fact of the graph and the question for its value."""

    question: str
    subject: str
    value: str


@dataclass(frozen=True)
class PredicateSummary:
    """What a graph has of one predicate."""

    predicate: str
    facts: int
    """Number of pairs of a subject and a value."""
    subject_types: Types
    """The fewest types that account for all subjects, the most frequent first."""
    value_types: Types
    slots: Mapping[str, Types]
    """Further slots of some of the facts, with their types."""
    example: ExampleFact


def summarize_graph(g: GraphTraversalSource) -> list[PredicateSummary]:
    """Return the predicates of a graph, those with the most facts first.

    Args:
        g: the graph, embedded or in a server.
    """
    facts: dict[str, int] = _first(g.V().has_label("entity").out_e().group_count().by(T.label))
    subjects, values, slots = _type_counts(g, __.out_v()), _type_counts(g, __.in_v()), _slots(g)
    summaries = []
    for predicate in sorted(facts, key=lambda predicate: (-facts[predicate], predicate)):
        count = facts[predicate]
        about, found = (_fewest(counts.get(predicate, {}), count) for counts in (subjects, values))
        example = _example(g, predicate, about, found)
        summaries.append(PredicateSummary(predicate, count, about, found, slots.get(predicate, {}), example))
    return summaries


def _type_counts(g: GraphTraversalSource, end: Any) -> dict[str, dict[str, int]]:  # noqa: ANN401 -- gremlinpython
    """Count the types at one end of the edges of each predicate."""
    edges = g.V().has_label("entity").out_e()
    return _first(edges.group().by(T.label).by(end.values("type").group_count()))


def _slots(g: GraphTraversalSource) -> dict[str, dict[str, Types]]:
    """Return predicate -> its further slots, with their types."""
    facts = g.V().has_label("fact")
    counts: dict[str, dict[str, int]] = _first(facts.group().by("predicate").by(__.out_e().label().group_count()))
    slots: dict[str, dict[str, Types]] = defaultdict(dict)
    for role in sorted({role for roles in counts.values() for role in roles} - {SUBJECT, VALUE}):
        facts = g.V().has_label("fact")
        types = _first(facts.group().by("predicate").by(__.out(role).values("type").group_count()))
        for predicate, roles in counts.items():
            if role in roles:
                slots[predicate][role] = _fewest(types.get(predicate, {}), roles[role])
    return slots


def _fewest(counts: Mapping[str, int], facts: int) -> Types:
    """Return the most frequent types, as many as it takes to account for so many facts; a name may have several."""
    types: list[str] = []
    for kind in sorted(counts, key=lambda kind: (-counts[kind], kind)):
        if sum(counts[one] for one in types) >= facts:
            break
        types.append(kind)
    return tuple(types)


def _example(g: GraphTraversalSource, predicate: str, subject_types: Types, value_types: Types) -> ExampleFact:
    """Choose a fact with short names that many sentences state, and word the question for its value."""
    edges = g.E().has_label(predicate).where(__.out_v().has_label("entity")).limit(SAMPLED_FACTS)
    described = edges.project("subject", "types", "value", "count").by(__.out_v().values("name"))
    described = described.by(__.out_v().values("type").fold()).by(__.in_v().values("name")).by("count")
    fact = min(described.to_list(), key=_readability)
    own = [kind for kind in fact["types"] if kind in subject_types] or fact["types"]
    question = question_about(Step(predicate, VALUE), fact["subject"], own, value_types)
    return ExampleFact(question, fact["subject"], fact["value"])


def _readability(fact: Mapping[str, Any]) -> tuple[bool, int, int, str, str]:
    """Return what sorts the facts: short names, not of one letter, then many sentences, then the names."""
    subject, value = str(fact["subject"]), str(fact["value"])
    unreadable = not all(1 < len(name) <= MAX_NAME_CHARS for name in (subject, value))
    return unreadable, -int(fact["count"]), len(subject + value), subject, value


def _first(traversal: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the only result of a traversal that makes one map."""
    rows: Iterable[dict[str, Any]] = traversal.to_list()
    return next(iter(rows), {})
