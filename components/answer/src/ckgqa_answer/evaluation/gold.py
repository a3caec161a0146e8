"""Gold answers, by brute force over labelled triples: no graph, no index, no code of the answerer.

Step 1: all triples of the predicate whose roles equal every filler; the answer is the set of values of the asked role.
Step 2: the same with each answer of step 1 as the filler.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ckgqa.runtime.artefacts import SUBJECT, Split, split_file
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent, Step
from ckgqa.runtime.jsonlines import JsonValue, read_jsonl

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
            return frozenset({YES if self._is_true(intent, fillers) else NO})
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
