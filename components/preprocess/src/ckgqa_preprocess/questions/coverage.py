"""What the questions of each split cover, counted from the records: predicates, and how their names are held out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, get_args

from ckgqa.runtime.artefacts import SPLITS, Split
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent
from ckgqa_preprocess.questions.artefact import QuestionRecord
from ckgqa_preprocess.questions.graph.facts import RoleNames

HoldOutLevel = Literal["name", "role", "pair", "nothing"]
"""What no other split has of a question: any of its names; its names in their roles; its predicate with all its names
in their roles; none of these."""
HOLD_OUT_LEVELS: tuple[HoldOutLevel, ...] = get_args(HoldOutLevel)

Records = Mapping[Split, Sequence[QuestionRecord]]


def absent_predicates(records: Records, predicates: Iterable[str]) -> dict[Split, list[str]]:
    """Return the predicates that no question of a split asks, sorted, for each split that has questions."""
    known = set(predicates)
    return {split: sorted(known - _predicates(records[split])) for split in SPLITS if records[split]}


def require_questions_about_facts(records: Records, sizes: Mapping[Split, int], facts: int) -> None:
    """Reject splits that should have generated questions and have none about a fact.

    Args:
        records: all questions.
        sizes: number of questions wanted for each split.
        facts: number of facts of the graph that may be asked about.

    Raises:
        InputError: a split has only out-of-scope questions, or none.
    """
    empty = [split for split in SPLITS if sizes[split] and not _predicates(records[split])]
    if empty:
        raise InputError(
            f"no question about a fact of the graph, which has {facts}, is left for {' and '.join(empty)}: each split "
            "needs names and wordings of its own; expected a predicate with at least 3 facts that differ in their "
            "subjects or values, and at least 4 wordings of its questions"
        )


def hold_out_levels(records: Records, split: Split) -> dict[HoldOutLevel, int]:
    """Count the generated questions about facts in a split by what no other split has of them.

    Args:
        records: all questions; those of the training archive count as known, too.
        split: validation or test.
    """
    seen = _Seen(
        record for other in SPLITS if other != split for record in records[other]
        if other == "train" or _is_generated(record)
    )  # fmt: skip
    asked = [record for record in records[split] if _is_generated(record) and record["intent"] != "outside"]
    counts = Counter(seen.level(record) for record in asked)
    return {level: counts[level] for level in HOLD_OUT_LEVELS}


class _Seen:
    """The names of some questions.

    Args:
        records: the questions.
    """

    def __init__(self, records: Iterable[QuestionRecord]) -> None:
        self._names: set[str] = set()
        self._roles: set[tuple[str, str]] = set()
        self._asked: dict[tuple[str, str, str], set[frozenset[tuple[str, str]]]] = defaultdict(set)
        for record in records:
            named = _role_names(record)
            self._roles |= set(named)
            self._names |= {name for _, name in named}
            if record["intent"] != "outside":
                for role, name in named:
                    self._asked[_first_predicate(record), role, name].add(frozenset(named))

    def level(self, record: QuestionRecord) -> HoldOutLevel:
        """Return what the questions do not have of another one."""
        named = _role_names(record)
        if self._names.isdisjoint(name for _, name in named):
            return "name"
        if self._roles.isdisjoint(named):
            return "role"
        others = self._asked[_first_predicate(record), *named[0]]
        return "nothing" if any(other.issuperset(named) for other in others) else "pair"


def _predicates(records: Iterable[QuestionRecord]) -> set[str]:
    return {step.predicate for record in records for step in Intent.parse(record["intent"]).chain}


def _first_predicate(record: QuestionRecord) -> str:
    return Intent.parse(record["intent"]).chain[0].predicate


def _is_generated(record: QuestionRecord) -> bool:
    return record["id"].startswith("generated:")


def _role_names(record: QuestionRecord) -> RoleNames:
    """Return the names that a question means, with their roles in its first step."""
    implied = record.get("implied", ())
    return tuple((one["role"], one["name"]) for one in (*record["mentions"], *implied))
