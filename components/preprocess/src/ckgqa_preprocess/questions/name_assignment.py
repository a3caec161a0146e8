"""Chooses the names that validation and test have to themselves: whole facts where that is possible, else less."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from ckgqa.runtime.artefacts import SUBJECT, VALUE, Split
from ckgqa_preprocess.questions.graph.facts import FactGraph, GraphFact, usable
from ckgqa_preprocess.questions.held_out import HeldOutNames, HoldOut
from ckgqa_preprocess.questions.seeded_rng import seeded_rng

EVALUATION_SPLITS: tuple[Split, ...] = ("test", "validation")
# Of the facts with one predicate and the same roles, and the maximum number of them: few names make many questions.
FACT_SHARES: dict[Split, float] = {"test": 0.12, "validation": 0.06}
MAX_FACTS: dict[Split, int] = {"test": 60, "validation": 40}
# With fewer facts, a split has no whole fact to itself.
MIN_FACTS: dict[Split, int] = {"test": 2, "validation": 3}
# A name in more facts than this share of all is in no whole fact that is held out: without 中国 (China) training would
# lose too much.
MAX_DEGREE_SHARE = 0.001
MIN_DEGREE_LIMIT = 8
# Training keeps this share of a predicate's facts if names are held out in roles, or less if a split has nothing else.
LEAST_TRAINED_SHARE = 0.5

NAMED_ROLES = (SUBJECT, VALUE)
"""The roles that every fact has, and that questions of every predicate name."""
FactGroup = tuple[str, ...]
"""A predicate, and the roles of the facts that have the same."""
KeyOf = Callable[[str, str, str], HoldOut]
"""Makes what is held out of a predicate, a role and a name."""


def group_of(fact: GraphFact) -> FactGroup:
    """Return the predicate of a fact and its roles."""
    return (fact.predicate, *(role for role, _ in fact.roles))


@dataclass(frozen=True)
class NameAssignment:
    """Who has which names, and which questions may ask for names that other splits have."""

    held_out: HeldOutNames
    known_answers: frozenset[tuple[Split, FactGroup]]
    """The facts of which a split's questions contain its own names only, and may ask for names of other splits."""
    absent: frozenset[tuple[Split, str]]
    """The predicates of which a split can ask about no fact."""


def assign_names(graph: FactGraph, trained: Collection[str], seed: int) -> NameAssignment:
    """Choose the names of validation and test.

    Args:
        graph: all facts.
        trained: names that training contains anyway.
        seed: random seed of the choice.
    """
    assignment = _Assigner(graph, trained, seed).assign()
    if not assignment.absent:
        return assignment
    # In a small dense graph, whole facts for one split may leave nothing for the other; names in roles take less.
    without_whole_facts = {predicate for _, predicate in assignment.absent}
    other = _Assigner(graph, trained, seed).assign(without_whole_facts)
    return min(assignment, other, key=lambda one: len(one.absent))


class _Assigner:
    """Makes one assignment.

    Args:
        graph: all facts.
        trained: names that training contains anyway.
        seed: random seed of the choice.
    """

    def __init__(self, graph: FactGraph, trained: Collection[str], seed: int) -> None:
        self._held_out = HeldOutNames(graph.facts)
        self._seed = seed
        self._elsewhere = set(trained)
        degrees = Counter(name for fact in graph.facts for _, name in fact.roles)
        limit = max(MIN_DEGREE_LIMIT, round(MAX_DEGREE_SHARE * len(graph.facts)))
        self._frequent = {name for name, degree in degrees.items() if degree > limit}
        groups: dict[FactGroup, list[GraphFact]] = defaultdict(list)
        for fact in graph.facts:
            groups[group_of(fact)].append(fact)
        # Rare ones choose first.
        self._groups = dict(sorted(groups.items(), key=lambda item: (len(item[1]), item[0])))

    def assign(self, without_whole_facts: Collection[str] = ()) -> NameAssignment:
        """Assign all names.

        Args:
            without_whole_facts: predicates whose facts are not held out with all their names.
        """
        for group, facts in self._groups.items():
            shuffled = list(facts)
            seeded_rng(self._seed, "names", *group).shuffle(shuffled)
            for split in EVALUATION_SPLITS if group[0] not in without_whole_facts else ():
                self._hold_out_facts(shuffled, split)
        lacking = [
            (split, group, roles) for group in self._groups for split in EVALUATION_SPLITS
            if (roles := self._roles_without_whole_fact(split, group))
        ]  # fmt: skip
        for split, group, roles in lacking:
            # If only names of further slots recur, questions can ask for them.
            if not roles.isdisjoint(NAMED_ROLES) or not self._has(split, self._groups[group]):
                self._hold_out_share(split, group, _as_name)
        unnamed = [(split, group) for split, group, _ in lacking if not self._has(split, self._facts_of(group[0]))]
        for split, group in unnamed:
            self._hold_out_share(split, group, _in_role)
        for split, group in unnamed:
            if not self._has(split, self._facts_of(group[0])):
                self._hold_out_one(split, group)
        absent = {
            (split, group[0]) for group in self._groups for split in EVALUATION_SPLITS
            if not self._has(split, self._facts_of(group[0]))
        }  # fmt: skip
        known_answers = frozenset((split, group) for split, group, _ in lacking)
        return NameAssignment(self._held_out, known_answers, frozenset(absent))

    def _hold_out_facts(self, facts: Sequence[GraphFact], split: Split) -> None:
        """Hold out the names of as many facts as wanted."""
        wanted = min(MAX_FACTS[split], math.ceil(FACT_SHARES[split] * len(facts)))
        if len(facts) < MIN_FACTS[split]:
            return
        held_out = 0
        for fact in sorted(facts, key=partial(self._cost, split)):
            if held_out >= wanted:
                return
            names = [name for _, name in fact.roles]
            if all(self._is_free(name) and self._held_out.of_name(name) in {split, "train"} for name in names):
                held_out += self._held_out.hold_out([(name,) for name in names], split)

    def _is_free(self, name: str) -> bool:
        """Return whether a name may be held out wholly."""
        return name not in self._frequent and name not in self._elsewhere and usable(name)

    def _cost(self, split: Split, fact: GraphFact) -> int:
        """Count the names of a fact that training would lose."""
        return sum(self._held_out.of_name(name) != split for _, name in fact.roles)

    def _roles_without_whole_fact(self, split: Split, group: FactGroup) -> set[str]:
        """Return the roles of these facts that no fact has of which the split has all names to itself."""
        predicate, *roles = group
        own = {
            role for fact in self._facts_of(predicate) for role, _ in fact.roles
            if all(self._held_out.of_name(name) == split for _, name in fact.roles)
        }  # fmt: skip
        return set(roles) - own

    def _facts_of(self, predicate: str) -> Iterable[GraphFact]:
        return (fact for group, facts in self._groups.items() if group[0] == predicate for fact in facts)

    def _hold_out_share(self, split: Split, group: FactGroup, key_of: KeyOf) -> None:
        """Hold out a share of the subjects of these facts, and of their values."""
        for role in NAMED_ROLES:
            names = self._names(group, role)
            own = sum(self._held_out.of(group[0], role, name) == split for name in names)
            wanted = min(MAX_FACTS[split], math.ceil(FACT_SHARES[split] * len(names))) - own
            keys = [key_of(group[0], role, name) for name in names if self._may_hold_out(group, role, name)]
            free = [key for key in keys if len(key) > 1 or self._held_out.roles(key[0]) == {role}]
            lacking = min(wanted, max(1, len(free) // 2))  # the rest of few names is for the other split
            for key in free:
                if lacking > 0:
                    lacking -= self._held_out.hold_out([key], split, LEAST_TRAINED_SHARE)

    def _hold_out_one(self, split: Split, group: FactGroup) -> None:
        """Hold out one name of these facts, in one role, or else in one role of this predicate alone."""
        names = [(role, name) for role in NAMED_ROLES for name in self._names(group, role)]
        free = [(role, name) for role, name in names if self._may_hold_out(group, role, name)]
        in_part = self._held_out.in_part()  # a whole role would take what another split has of it
        keys = [_in_role(group[0], role, name) for role, name in free if name not in in_part]
        keys += [_in_pair(group[0], role, name) for role, name in free]
        for key in keys:
            if self._held_out.hold_out([key], split):
                return

    def _names(self, group: FactGroup, role: str) -> list[str]:
        """Return the names that a role of these facts has, those in the fewest facts first."""
        names = sorted({name for fact in self._groups[group] for key, name in fact.roles if key == role})
        seeded_rng(self._seed, "roles", *group, role).shuffle(names)
        return sorted(names, key=lambda name: self._held_out.count(role, name))

    def _may_hold_out(self, group: FactGroup, role: str, name: str) -> bool:
        return self._held_out.of(group[0], role, name) == "train" and name not in self._elsewhere and usable(name)

    def _has(self, split: Split, facts: Iterable[GraphFact]) -> bool:
        """Return whether a split has a subject or a value of these facts to itself, which its questions can name."""
        return any(
            self._held_out.of(fact.predicate, role, name) == split
            for fact in facts
            for role, name in fact.roles
            if role in NAMED_ROLES
        )


def _as_name(predicate: str, role: str, name: str) -> HoldOut:  # noqa: ARG001 -- one form for all widths
    return (name,)


def _in_role(predicate: str, role: str, name: str) -> HoldOut:  # noqa: ARG001
    return (role, name)


def _in_pair(predicate: str, role: str, name: str) -> HoldOut:
    return (predicate, role, name)
