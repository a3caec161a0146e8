"""Assigns names and wordings to splits: those of the test and of the validation are never trained on."""

from collections.abc import Collection, Iterable, Sequence

from ckgqa.runtime.artefacts import Split
from ckgqa_preprocess.questions.graph.facts import FactGraph, GraphFact, RoleNames
from ckgqa_preprocess.questions.name_assignment import assign_names, group_of
from ckgqa_preprocess.questions.seeded_rng import seeded_rng
from ckgqa_preprocess.questions.templates.catalogue import Phrasing, TemplateCatalogue

# Of the wordings of a list: enough for a test, and most for training.
WORDING_SHARES: dict[Split, float] = {"test": 0.15, "validation": 0.1}


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

    If the names of a predicate recur in too many facts for that, a split has names to itself in one role, or in one
    role of one predicate. Its questions name these alone, and may ask for names that other splits have.

    Args:
        graph: all facts.
        trained: names that training contains anyway.
        seed: random seed of the assignment.
    """

    def __init__(self, graph: FactGraph, trained: Collection[str], seed: int) -> None:
        self._assignment = assign_names(graph, trained, seed)
        self.held_out_in_part = sorted(self._assignment.held_out.in_part())
        """The names that a split has to itself in some role only, sorted."""

    def of(self, name: str) -> Split:
        """Return the split of a name: train, unless it is held out in all roles."""
        return self._assignment.held_out.of_name(name)

    def of_role(self, predicate: str, role: str, name: str) -> Split:
        """Return the split whose questions may contain a name in a role of a predicate."""
        return self._assignment.held_out.of(predicate, role, name)

    def allows(self, name: str, split: Split) -> bool:
        """Return whether a question of a split may contain this name, whatever its role."""
        return self.of(name) == split

    def allows_question(self, fact: GraphFact, named: RoleNames, asked: RoleNames, split: Split) -> bool:
        """Return whether a split may ask about a fact.

        Args:
            fact: the fact.
            named: its names that the question contains.
            asked: its names that the question asks for.
            split: the split.
        """
        if not all(self.of_role(fact.predicate, *pair) == split for pair in named):
            return False
        in_part = (split, group_of(fact)) in self._assignment.known_answers
        return in_part or all(self.of_role(fact.predicate, *pair) == split for pair in asked)
