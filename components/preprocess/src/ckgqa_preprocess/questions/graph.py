"""What a graph knows: the names, and the facts that can be asked about."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from ckgqa.runtime.artefacts import SUBJECT

MAX_NAME_CHARS = 40  # nobody types a longer one into a question
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

Given = tuple[tuple[str, str], ...]
"""(role, name) pairs, sorted by role."""


@dataclass(frozen=True)
class Name:
    """One name of the graph."""

    name: str
    types: tuple[str, ...]
    aliases: tuple[str, ...]
    pinyin: str
    """Its syllables without tones, separated by a space."""


@dataclass(frozen=True)
class Fact:
    """A predicate, and a name for each of its roles that is known."""

    predicate: str
    roles: Given

    def names(self, roles: frozenset[str]) -> Given | None:
        """Return what it has for some roles, None where it lacks one."""
        found = tuple(pair for pair in self.roles if pair[0] in roles)
        return found if len(found) == len(roles) else None


@dataclass(frozen=True)
class Graph:
    """The names and facts of a graph."""

    names: dict[str, Name]
    facts: tuple[Fact, ...]
    """Labelled ones, or all where none is: the subject and value of every edge, and the facts with more slots."""
    others: tuple[Fact, ...]
    """Extracted ones beside labelled ones: nothing is asked about them, but they are known."""
    strange: int = 0
    """Facts with a predicate or role that the schema does not have."""
    whole: bool = True
    """False where this is a part of a larger graph: all facts of its subjects, and of other names perhaps not all."""

    @cached_property
    def by_predicate(self) -> dict[str, list[Fact]]:
        """Predicate -> the facts to ask about."""
        found: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.facts:
            found[fact.predicate].append(fact)
        return dict(found)

    @cached_property
    def known(self) -> dict[tuple[str, str, str], list[Fact]]:
        """(predicate, role, name) -> all facts in which that name has that role."""
        found: dict[tuple[str, str, str], list[Fact]] = defaultdict(list)
        for fact in (*self.facts, *self.others):
            for role, name in fact.roles:
                found[fact.predicate, role, name].append(fact)
        return dict(found)

    @cached_property
    def subjects(self) -> set[str]:
        """The names that some fact is about."""
        return {name for _, role, name in self.known if role == SUBJECT}

    def matching(self, predicate: str, given: Given) -> list[Fact]:
        """Return all facts that have these names in these roles."""
        first, *rest = given
        return [fact for fact in self.known.get((predicate, *first), []) if all(pair in fact.roles for pair in rest)]

    def answers(self, predicate: str, asked: str, given: Given) -> set[str]:
        """Return the names that the asked role has in those facts."""
        return {name for fact in self.matching(predicate, given) for role, name in fact.roles if role == asked}


def usable(name: str) -> bool:
    """Say whether a name can stand in a question: short, on one line, with a letter or digit in it."""
    return (
        len(name) <= MAX_NAME_CHARS
        and name == name.strip()
        and not _CONTROL.search(name)
        and any(letter.isalnum() for letter in name)
    )
