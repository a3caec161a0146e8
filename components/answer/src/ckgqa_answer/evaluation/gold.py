"""Gold answers, by brute force over labelled triples: no graph, no index, no search of the answerer.

Step 1: all triples of the predicate whose roles equal every filler; the answer is the set of values of the asked role.
Step 2: the same with each answer of step 1 as the filler.

A claim that no triple states is wrong only if triples contradict it: those of a predicate with one value a subject, or
of the claimed fact with other slots. Otherwise silence is right, since the triples are not the world.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ckgqa.runtime.artefacts import SUBJECT, VALUE, Split, split_file
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent, Step
from ckgqa.runtime.jsonlines import JsonValue, read_jsonl
from ckgqa_answer.retrieval.value_counts import ONE_VALUE_SHARE, share_with_several

LABELLED_SPLITS: tuple[Split, ...] = ("train", "validation")
"""The splits of `ckgqa/sentences` that a graph is loaded from; the test split evaluates extraction only."""
YES, NO = "是", "不是"


@dataclass(frozen=True)
class GoldTriple:
    """A labelled triple: its predicate, and the name in each role."""

    predicate: str
    roles: Mapping[str, str]


class Gold:
    """Answers questions from triples.

    Args:
        triples: all that the graph was loaded from.
    """

    def __init__(self, triples: Iterable[GoldTriple]) -> None:
        self._triples: dict[str, list[Mapping[str, str]]] = {}
        self._one_value: dict[str, bool] = {}
        for triple in triples:
            self._triples.setdefault(triple.predicate, []).append(triple.roles)

    @property
    def predicates(self) -> list[str]:
        """Every predicate that occurs, sorted."""
        return sorted(self._triples)

    def answer(self, intent: Intent, fillers: Mapping[str, str]) -> frozenset[str]:
        """Return the right values; an empty set if no triple answers the question.

        Args:
            intent: of the question.
            fillers: names by role, of the first step.
        """
        if intent.kind == "outside":
            return frozenset()
        if intent.kind == "yes_no":
            if self._is_true(intent, fillers):
                return frozenset({YES})
            return frozenset({NO}) if self._is_contradicted(intent, fillers) else frozenset()
        values = self._chain(intent, fillers)
        if intent.kind == "count":
            return frozenset({str(len(values))}) if values else frozenset()
        return values

    def _chain(self, intent: Intent, fillers: Mapping[str, str]) -> frozenset[str]:
        first, *rest = intent.chain
        values = self._step(first, fillers)
        for step in rest:
            values = frozenset(value for name in values for value in self._step(step, {step.given_role: name}))
        return values

    def _step(self, step: Step, fillers: Mapping[str, str]) -> frozenset[str]:
        return frozenset(
            roles[step.asked]
            for roles in self._triples.get(step.predicate, ())
            if step.asked in roles and _agree(roles, fillers)
        )

    def _is_true(self, intent: Intent, fillers: Mapping[str, str]) -> bool:
        """Return whether a triple has all fillers; of two steps, whether they lead to the claimed name."""
        if len(intent.chain) == 1:
            return any(_agree(roles, fillers) for roles in self._triples.get(intent.chain[0].predicate, ()))
        asked = intent.chain[0].asked
        others = {role: name for role, name in fillers.items() if role != asked}
        return fillers.get(asked) in self._chain(intent, others)

    def _is_contradicted(self, intent: Intent, fillers: Mapping[str, str]) -> bool:
        """Return whether triples contradict a claim that none states."""
        subject, value = fillers.get(SUBJECT), fillers.get(VALUE)
        if subject is None or value is None:
            return False
        if len(intent.chain) == 1:
            slots = {role: name for role, name in fillers.items() if role not in {SUBJECT, VALUE}}
            for roles in self._triples.get(intent.chain[0].predicate, ()):
                same_fact = roles[SUBJECT] == subject and roles.get(VALUE) == value
                if same_fact and any(roles.get(slot, name) != name for slot, name in slots.items()):
                    return True
        one_value = all(step.asked == VALUE and self._has_one_value(step.predicate) for step in intent.chain)
        known = self._chain(intent, {SUBJECT: subject}) if one_value else frozenset()
        return bool(known) and value not in known

    def _has_one_value(self, predicate: str) -> bool:
        """Return whether a subject has one value of a predicate, as these triples say."""
        if predicate not in self._one_value:
            values: defaultdict[str, set[str]] = defaultdict(set)
            for roles in self._triples.get(predicate, ()):
                values[roles[SUBJECT]].add(roles.get(VALUE, ""))
            self._one_value[predicate] = share_with_several(predicate, values) < ONE_VALUE_SHARE
        return self._one_value[predicate]


def read_triples(sentences: Path) -> list[GoldTriple]:
    """Read the labelled triples of a `ckgqa/sentences` folder.

    Raises:
        InputError: a file is missing, or a triple breaks the contract.
    """
    triples: list[GoldTriple] = []
    for split in LABELLED_SPLITS:
        path = sentences / split_file(split)
        for number, record in read_jsonl(path):
            labelled = record.get("triples")
            if not isinstance(labelled, list):
                raise _not_triples(path, number)
            for triple in labelled:
                parsed = _triple(triple)
                if parsed is None:
                    raise _not_triples(path, number)
                triples.append(parsed)
    return triples


def _agree(roles: Mapping[str, str], fillers: Mapping[str, str]) -> bool:
    return all(roles.get(role) == name for role, name in fillers.items())


def _triple(record: JsonValue) -> GoldTriple | None:
    """Parse a triple; return None if it breaks the contract."""
    if not isinstance(record, dict) or not record.keys() >= {"subject", "predicate", "object"}:
        return None
    slots = record["object"]
    if not isinstance(slots, dict):
        return None
    roles = {SUBJECT: str(record["subject"]), **{role: str(name) for role, name in slots.items()}}
    return GoldTriple(str(record["predicate"]), roles)


def _not_triples(path: Path, number: int) -> InputError:
    return InputError(f"{path} line {number}: expected triples with subject, predicate and object")
