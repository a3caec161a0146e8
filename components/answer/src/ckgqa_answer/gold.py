"""The right answers, by brute force over labelled triples: no graph, no index, nothing of the answerer's own code.

Step 1: all triples of the predicate whose roles equal every given name; the answer is the set of values of the asked
role. Step 2: the same with each answer in the step's given role.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ckgqa.runtime.artefacts import SUBJECT
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent, Step
from ckgqa.runtime.jsonlines import JsonObject, read_jsonl

LABELLED_SPLITS = ("train", "validation")
"""The splits of `ckgqa/sentences` that a graph is loaded from; the test split only judges extraction."""
YES, NO = "是", "不是"


@dataclass(frozen=True)
class Triple:
    """A labelled triple: its predicate, and the name in each role."""

    predicate: str
    roles: Mapping[str, str]


class Gold:
    """Answers questions from triples.

    Args:
        triples: all that the graph was loaded from.
    """

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._triples: dict[str, list[Mapping[str, str]]] = {}
        for triple in triples:
            self._triples.setdefault(triple.predicate, []).append(triple.roles)

    @property
    def predicates(self) -> list[str]:
        """Every predicate that occurs."""
        return sorted(self._triples)

    def answer(self, intent: Intent, given: Mapping[str, str]) -> frozenset[str]:
        """Give the values that are right; none where no triple says anything.

        Args:
            intent: what is asked.
            given: names by role, of the first step.
        """
        if intent.kind == "outside":
            return frozenset()
        if intent.kind == "yes_no":
            return frozenset({YES if self._is_so(intent, given) else NO})
        found = self._chain(intent, given)
        if intent.kind == "count":
            return frozenset({str(len(found))}) if found else frozenset()
        return found

    def _chain(self, intent: Intent, given: Mapping[str, str]) -> frozenset[str]:
        first, *rest = intent.chain
        found = self._step(first, given)
        for step in rest:
            found = frozenset(value for name in found for value in self._step(step, {step.given: name}))
        return found

    def _step(self, step: Step, given: Mapping[str, str]) -> frozenset[str]:
        return frozenset(
            roles[step.asked]
            for roles in self._triples.get(step.predicate, ())
            if step.asked in roles and all(roles.get(role) == name for role, name in given.items())
        )

    def _is_so(self, intent: Intent, given: Mapping[str, str]) -> bool:
        """Tell whether a triple has all given roles; of two steps, whether they lead to the name that is claimed."""
        if len(intent.chain) == 1:
            triples = self._triples.get(intent.chain[0].predicate, ())
            return any(all(roles.get(role) == name for role, name in given.items()) for roles in triples)
        asked = intent.chain[0].asked
        return given.get(asked) in self._chain(intent, {role: name for role, name in given.items() if role != asked})


def read_triples(sentences: Path) -> list[Triple]:
    """Read the labelled triples of a `ckgqa/sentences` folder.

    Raises:
        InputError: a file is missing, or a triple is not what the contract says.
    """
    found = []
    for split in LABELLED_SPLITS:
        path = sentences / f"{split}.jsonl"
        for number, record in read_jsonl(path):
            try:
                found += [_triple(one) for one in record["triples"]]  # type: ignore[union-attr, arg-type]
            except (KeyError, TypeError, AttributeError) as error:
                raise InputError(
                    f"{path} line {number}: triples with subject, predicate and object are expected"
                ) from error
    return found


def _triple(record: JsonObject) -> Triple:
    slots = record["object"]
    assert isinstance(slots, dict)
    return Triple(str(record["predicate"]), {SUBJECT: str(record["subject"]), **{k: str(v) for k, v in slots.items()}})
