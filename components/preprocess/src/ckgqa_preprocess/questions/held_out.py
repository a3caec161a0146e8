"""Which names each split has to itself: wholly, in one role, or in one role of one predicate."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from itertools import chain

from ckgqa.runtime.artefacts import Split
from ckgqa_preprocess.questions.graph.facts import GraphFact

HoldOut = tuple[str, ...]
"""What is held out: (name,), (role, name) or (predicate, role, name)."""


class HeldOutNames:
    """The names that training does not have, and the facts that training loses by it.

    Args:
        facts: all facts that questions ask about.
    """

    def __init__(self, facts: Sequence[GraphFact]) -> None:
        self._facts = facts
        self._splits: dict[HoldOut, Split] = {}
        self._numbers: dict[HoldOut, list[int]] = defaultdict(list)
        self._roles_of: dict[str, set[str]] = defaultdict(set)
        self._lost: set[int] = set()
        for number, fact in enumerate(facts):
            for role, name in fact.roles:
                self._roles_of[name].add(role)
                for key in _keys(fact.predicate, role, name):
                    self._numbers[key].append(number)
        self._total = Counter((fact.predicate, role) for fact in facts for role, _ in fact.roles)
        self._trained = Counter(self._total)

    def of_name(self, name: str) -> Split:
        """Return the split that has a name wholly; train if none has."""
        return self._splits.get((name,), "train")

    def of(self, predicate: str, role: str, name: str) -> Split:
        """Return the split that has a name in this role of this predicate; train if none has."""
        return next((self._splits[key] for key in _keys(predicate, role, name) if key in self._splits), "train")

    def in_part(self) -> set[str]:
        """Return the names that a split has in a role, or in a role of a predicate, and not wholly."""
        return {key[-1] for key in self._splits if len(key) > 1}

    def count(self, role: str, name: str) -> int:
        """Return the number of facts with a name in a role."""
        return len(self._numbers.get((role, name), ()))

    def roles(self, name: str) -> set[str]:
        """Return the roles that a name has."""
        return self._roles_of[name]

    def hold_out(self, keys: Collection[HoldOut], split: Split, least_trained: float = 0.0) -> bool:
        """Hold names out for a split, unless training would lose too much.

        Args:
            keys: what to hold out; what is held out already stays as it is.
            split: the split to hold out for.
            least_trained: share of the facts of each predicate and role that training keeps; it keeps at least one.

        Returns:
            Whether the names are held out.
        """
        new = [key for key in keys if key not in self._splits]
        lost = set(chain.from_iterable(self._numbers[key] for key in new)) - self._lost
        losses = Counter((self._facts[n].predicate, role) for n in lost for role, _ in self._facts[n].roles)
        for where, loss in losses.items():
            if self._trained[where] - loss < max(1, math.ceil(least_trained * self._total[where])):
                return False
        self._trained -= losses
        self._lost |= lost
        self._splits |= dict.fromkeys(new, split)
        return True


def _keys(predicate: str, role: str, name: str) -> tuple[HoldOut, HoldOut, HoldOut]:
    """Return the keys of a name in a role of a predicate, the widest first."""
    return (name,), (role, name), (predicate, role, name)
