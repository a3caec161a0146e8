"""The graph in memory: its entities, and the facts that questions ask about."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from ckgqa.runtime.artefacts import SUBJECT
from ckgqa.runtime.white_space import trimmed

MAX_NAME_CHARS = 40  # nobody types a longer name into a question
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

RoleNames = tuple[tuple[str, str], ...]
"""(role, name) pairs, sorted by role."""


@dataclass(frozen=True)
class NamedEntity:
    """One entity of the graph."""

    name: str
    types: tuple[str, ...]
    aliases: tuple[str, ...]
    pinyin: str
    """The name's syllables without tones, separated by a space."""


@dataclass(frozen=True)
class GraphFact:
    """A predicate, and a name for each of its roles that is known."""

    predicate: str
    roles: RoleNames

    def names(self, roles: frozenset[str]) -> RoleNames | None:
        """Return the names of some roles, None if the fact lacks one of them."""
        pairs = tuple(pair for pair in self.roles if pair[0] in roles)
        return pairs if len(pairs) == len(roles) else None


@dataclass(frozen=True)
class FactGraph:
    """The entities and facts of a graph."""

    entities: dict[str, NamedEntity]
    """Name -> entity."""
    facts: tuple[GraphFact, ...]
    """The facts to ask about: the labelled ones, or all if none is labelled; the subject and value of every edge, and
    the facts with more slots."""
    other_facts: tuple[GraphFact, ...]
    """Extracted facts beside labelled ones: no question asks about them, but they count as known."""
    out_of_schema: int = 0
    """Number of facts with a predicate or role that the schema lacks."""
    complete: bool = True
    """False for a part of a larger graph, which has all facts of its subjects, but perhaps not all of other names."""

    @cached_property
    def by_predicate(self) -> dict[str, list[GraphFact]]:
        """Predicate -> the facts to ask about."""
        facts: dict[str, list[GraphFact]] = defaultdict(list)
        for fact in self.facts:
            facts[fact.predicate].append(fact)
        return dict(facts)

    @cached_property
    def by_argument(self) -> dict[tuple[str, str, str], list[GraphFact]]:
        """(predicate, role, name) -> all facts in which that name has that role."""
        facts: dict[tuple[str, str, str], list[GraphFact]] = defaultdict(list)
        for fact in (*self.facts, *self.other_facts):
            for role, name in fact.roles:
                facts[fact.predicate, role, name].append(fact)
        return dict(facts)

    @cached_property
    def subjects(self) -> set[str]:
        """The names that are the subject of a fact."""
        return {name for _, role, name in self.by_argument if role == SUBJECT}

    def matching(self, predicate: str, names: RoleNames) -> list[GraphFact]:
        """Return all facts that have these names in these roles."""
        first, *rest = names
        facts = self.by_argument.get((predicate, *first), [])
        return [fact for fact in facts if all(pair in fact.roles for pair in rest)]

    def answers(self, predicate: str, asked: str, names: RoleNames) -> set[str]:
        """Return the names that the asked role has in the facts with these names in these roles."""
        return {name for fact in self.matching(predicate, names) for role, name in fact.roles if role == asked}


def usable(name: str) -> bool:
    """Return whether a name fits into a question: short, on one line, with a letter or digit in it."""
    return (
        len(name) <= MAX_NAME_CHARS
        and name == trimmed(name)
        and not _CONTROL.search(name)
        and any(letter.isalnum() for letter in name)
    )
