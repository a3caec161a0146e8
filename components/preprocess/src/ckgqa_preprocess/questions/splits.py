"""Assigns names and wordings to splits: those of the test and of the validation are never trained on."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import partial

from ckgqa.runtime.artefacts import Split
from ckgqa_preprocess.questions.graph.facts import FactGraph, GraphFact, usable
from ckgqa_preprocess.questions.seeded_rng import seeded_rng
from ckgqa_preprocess.questions.templates.catalogue import Phrasing, TemplateCatalogue

# Of the wordings of a list: enough for a test, and most for training.
WORDING_SHARES: dict[Split, float] = {"test": 0.15, "validation": 0.1}
# Of the facts with one predicate and the same roles, and the maximum number of them: few names make many questions.
FACT_SHARES: dict[Split, float] = {"test": 0.12, "validation": 0.06}
MAX_FACTS: dict[Split, int] = {"test": 60, "validation": 40}
# A name in more facts than this share of all is always trained on: without 中国 (China) training would lose too much.
MAX_DEGREE_SHARE = 0.001
MIN_DEGREE_LIMIT = 8


def assign(groups: Iterable[Sequence[str]], seed: str) -> dict[str, Split]:
    """Assign each member of each group to a split, so that every group of three or more has a test member.

    A group of four or more has a validation member, too. A member of several groups has the split that the first of
    them assigns.

    Args:
        groups: lists of keys.
        seed: the same seed assigns the same splits.
    """
    splits: dict[str, Split] = {}
    for group in groups:
        members = sorted(set(group))
        free = [key for key in members if key not in splits]
        seeded_rng(seed, *members[:1]).shuffle(free)
        for split, share in WORDING_SHARES.items():
            wanted = max(1, round(share * len(members))) if len(members) >= (3 if split == "test" else 4) else 0
            lacking = wanted - sum(splits.get(key) == split for key in members)
            for key in free[: max(0, lacking)]:
                splits[key] = split
            free = free[max(0, lacking) :]
        splits |= dict.fromkeys(free, "train")
    return splits


class WordingSplits:
    """The split of each wording; frames and hand-written wordings are assigned separately.

    Args:
        catalogue: all templates.
        seed: random seed of the assignment.
    """

    def __init__(self, catalogue: TemplateCatalogue, seed: int) -> None:
        lists = [
            *catalogue.questions.values(),
            *catalogue.short_questions.values(),
            catalogue.other_name,
            catalogue.out_of_scope,
        ]
        groups = [
            [phrasing.pattern.text for phrasing in phrasings if phrasing.hand_written == hand_written]
            for phrasings in lists
            for hand_written in (True, False)
        ]
        self._splits = assign(filter(None, groups), f"{seed}/wordings")

    def of(self, phrasings: Iterable[Phrasing], split: Split) -> list[Phrasing]:
        """Return those of a split."""
        return [phrasing for phrasing in phrasings if self._splits[phrasing.pattern.text] == split]


class NameSplits:
    """The split of each name. All names of a fact share a split, so that the test can ask about whole facts.

    Args:
        graph: all facts.
        trained: names that training contains anyway.
        seed: random seed of the assignment.
    """

    def __init__(self, graph: FactGraph, trained: Collection[str], seed: int) -> None:
        self._held_out: dict[str, Split] = {}
        degrees = Counter(name for fact in graph.facts for _, name in fact.roles)
        limit = max(MIN_DEGREE_LIMIT, round(MAX_DEGREE_SHARE * len(graph.facts)))
        self._trained = {name for name, degree in degrees.items() if degree > limit or not usable(name)} | set(trained)
        groups: dict[tuple[str, ...], list[GraphFact]] = defaultdict(list)
        for fact in graph.facts:
            groups[(fact.predicate, *(role for role, _ in fact.roles))].append(fact)
        for group, facts in sorted(groups.items(), key=lambda item: (len(item[1]), item[0])):  # rare ones choose first
            seeded_rng(seed, "names", *group).shuffle(facts)
            for split in WORDING_SHARES:
                self._hold_out(facts, split)

    def _hold_out(self, facts: Sequence[GraphFact], split: Split) -> None:
        """Assign the names of as many facts as wanted to a split."""
        wanted = min(MAX_FACTS[split], math.ceil(FACT_SHARES[split] * len(facts)))
        if len(facts) < (2 if split == "test" else 4):
            return
        held_out = 0
        for fact in sorted(facts, key=partial(self._cost, split)):
            if held_out >= wanted:
                return
            if all(name not in self._trained and self.of(name) in {split, "train"} for _, name in fact.roles):
                self._held_out |= {name: split for _, name in fact.roles}
                held_out += 1

    def _cost(self, split: Split, fact: GraphFact) -> int:
        """Count the names of a fact that training would lose."""
        return sum(self._held_out.get(name) != split for _, name in fact.roles)

    def of(self, name: str) -> Split:
        """Return the split of a name: train, unless it is held out."""
        return self._held_out.get(name, "train")

    def allows(self, name: str, split: Split) -> bool:
        """Return whether a question of a split may contain this name."""
        return self.of(name) == split and (split == "train" or name not in self._trained)
