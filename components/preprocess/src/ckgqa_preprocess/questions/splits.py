"""Who stands in which split: names and wordings that the test asks with are never trained on."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import Literal, get_args

from ckgqa_preprocess.questions.book import Book, Phrasing
from ckgqa_preprocess.questions.chance import chance
from ckgqa_preprocess.questions.graph import Fact, Graph, usable

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
# Of the wordings of a list: enough to judge by, and most left to learn from.
WORDING_SHARES: dict[Split, float] = {"test": 0.15, "validation": 0.1}
# Of the facts of a predicate, and the most of them: the names of a few hundred facts ask thousands of questions.
FACT_SHARES: dict[Split, float] = {"test": 0.12, "validation": 0.06}
MAX_FACTS: dict[Split, int] = {"test": 60, "validation": 40}
# A name in more facts than this share of all is always trained on: without 中国 (China) too much would be unseen.
MAX_DEGREE_SHARE = 0.001
MIN_DEGREE_LIMIT = 8


def assign(groups: Iterable[Sequence[str]], seed: str) -> dict[str, Split]:
    """Give each member of each group a split, so that every group of three or more has a test member.

    A group of four or more has a validation member too. What is in several groups has one split in all of them, that
    of the first.

    Args:
        groups: lists of keys.
        seed: the same one gives the same splits.
    """
    found: dict[str, Split] = {}
    for group in groups:
        members = sorted(set(group))
        free = [key for key in members if key not in found]
        chance(seed, *members[:1]).shuffle(free)
        for split, share in WORDING_SHARES.items():
            wanted = max(1, round(share * len(members))) if len(members) >= (3 if split == "test" else 4) else 0
            lacking = wanted - sum(found.get(key) == split for key in members)
            for key in free[: max(0, lacking)]:
                found[key] = split
            free = free[max(0, lacking) :]
        found |= dict.fromkeys(free, "train")
    return found


class WordingSplits:
    """Each wording's split; frames and what people wrote are dealt out apart.

    Args:
        book: all wordings.
        seed: of the deal.
    """

    def __init__(self, book: Book, seed: int) -> None:
        lists = [*book.asks.values(), *book.shorts.values(), book.other_names, book.outside]
        groups = [[one.pattern.text for one in found if one.own == own] for found in lists for own in (True, False)]
        self._splits = assign(filter(None, groups), f"{seed}/wordings")

    def of(self, phrasings: Iterable[Phrasing], split: Split) -> list[Phrasing]:
        """Return those of a split."""
        return [one for one in phrasings if self._splits[one.pattern.text] == split]


class NameSplits:
    """Each name's split. Facts are dealt out with all their names, so that the test has whole facts to ask about.

    Args:
        graph: all facts.
        trained: names that are trained on anyway.
        seed: of the deal.
    """

    def __init__(self, graph: Graph, trained: Collection[str], seed: int) -> None:
        self._held: dict[str, Split] = {}
        degrees = Counter(name for fact in graph.facts for _, name in fact.roles)
        limit = max(MIN_DEGREE_LIMIT, round(MAX_DEGREE_SHARE * len(graph.facts)))
        self._trained = {name for name, degree in degrees.items() if degree > limit or not usable(name)} | set(trained)
        for predicate in sorted(graph.by_predicate, key=lambda name: (len(graph.by_predicate[name]), name)):
            facts = list(graph.by_predicate[predicate])
            chance(seed, "names", predicate).shuffle(facts)
            for split in WORDING_SHARES:
                self._hold(facts, split)

    def _hold(self, facts: Sequence[Fact], split: Split) -> None:
        """Put the names of as many facts as wanted into a split."""
        wanted = min(MAX_FACTS[split], math.ceil(FACT_SHARES[split] * len(facts)))
        if len(facts) < (2 if split == "test" else 4):
            return
        held = 0
        for fact in sorted(facts, key=partial(self._cost, split)):
            if held >= wanted:
                return
            if all(name not in self._trained and self.of(name) in {split, "train"} for _, name in fact.roles):
                self._held |= {name: split for _, name in fact.roles}
                held += 1

    def _cost(self, split: Split, fact: Fact) -> tuple[bool, int]:
        """Order the facts: first those with more slots, which are few, and those with names that are held anyway."""
        return len(fact.roles) == 2, sum(self._held.get(name) != split for _, name in fact.roles)

    def of(self, name: str) -> Split:
        """Return the split of a name: train, unless it was held back."""
        return self._held.get(name, "train")

    def allows(self, name: str, split: Split) -> bool:
        """Say whether a question of a split may hold these words as a name."""
        return self.of(name) == split and (split == "train" or name not in self._trained)
