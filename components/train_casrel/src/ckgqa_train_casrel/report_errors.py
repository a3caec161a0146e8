"""What a model gets wrong: which triples it missed, which it made up, and what the truth beside them was."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ckgqa.runtime.artefacts import VALUE
from ckgqa_train_casrel.records import Sentence
from ckgqa_train_casrel.scoring import Key, Statement, key
from ckgqa_train_casrel.triples import Triple

# Kinds of errors, by what stands on the other side of the same sentence; the first one that fits counts.
KINDS = {
    "slots": "subject, predicate and @value are right, another slot is not",
    "predicate": "subject and @value are right, the predicate is not",
    "boundaries": "the predicate is right, and the names contain or are contained in the right ones",
    "direction": "the predicate is right, subject and @value are exchanged",
    "alone": "nothing like it on the other side",
}


@dataclass(frozen=True)
class Example:
    """One error, with the sentence that it was made in."""

    id: str
    text: str
    subject: str
    object: Mapping[str, str]
    kind: str
    score: float | None = None
    """The model's score of a triple that it made up; None for one that it missed."""


@dataclass
class Errors:
    """The errors of one predicate: how many of each kind, and the first few."""

    missed: Counter[str] = field(default_factory=Counter)
    spurious: Counter[str] = field(default_factory=Counter)
    missed_examples: list[Example] = field(default_factory=list)
    spurious_examples: list[Example] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Count the errors of both kinds."""
        return self.missed.total() + self.spurious.total()


def find_errors(sentences: Sequence[Sentence], predicted: Sequence[Sequence[Triple]], limit: int) -> dict[str, Errors]:
    """Collect the errors of each predicate, the predicate with most of them first.

    Args:
        sentences: the labelled sentences.
        predicted: the triples found in each.
        limit: examples kept per predicate, no two from one sentence: of the missed ones the first in the data, of the
            spurious ones those with the highest scores, since a sure mistake teaches most.
    """
    found: dict[str, Errors] = {}
    for sentence, triples in zip(sentences, predicted, strict=True):
        gold, made = {key(t): t for t in sentence.triples}, {key(t): t for t in triples}
        for triple in [triple for k, triple in gold.items() if k not in made]:
            errors, kind = found.setdefault(triple.predicate, Errors()), kind_of(triple, made)
            errors.missed[kind] += 1
            _keep(errors.missed_examples, _example(sentence, triple, kind, None), limit)
        for extra in [triple for k, triple in made.items() if k not in gold]:
            errors, kind = found.setdefault(extra.predicate, Errors()), kind_of(extra, gold)
            errors.spurious[kind] += 1
            _keep(errors.spurious_examples, _example(sentence, extra, kind, extra.score), limit)
    return dict(sorted(found.items(), key=lambda item: (-item[1].total, item[0])))


def _example(sentence: Sentence, triple: Statement, kind: str, score: float | None) -> Example:
    return Example(sentence.id, sentence.text, triple.subject, triple.object, kind, score)


def _keep(examples: list[Example], example: Example, limit: int) -> None:
    """Put an example among the `limit` best, by score where there is one, else by order; one for each sentence."""
    best: dict[str, Example] = {}
    for other in sorted([*examples, example], key=lambda other: -(other.score or 0.0)):
        best.setdefault(other.id, other)
    examples[:] = list(best.values())[:limit]


def kind_of(wrong: Statement, others: Iterable[Key]) -> str:
    """Name the kind of an error by the triples on the other side of its sentence."""
    kinds = {_kind_beside(wrong, *other) for other in others}
    return next(kind for kind in KINDS if kind in kinds or kind == "alone")


def _kind_beside(wrong: Statement, subject: str, predicate: str, slots: frozenset[tuple[str, str]]) -> str:
    value, other = wrong.object[VALUE], dict(slots)[VALUE]
    same_predicate, same_ends = predicate == wrong.predicate, (subject, other) == (wrong.subject, value)
    if same_ends:
        return "slots" if same_predicate else "predicate"
    if same_predicate and _overlap(subject, wrong.subject) and _overlap(other, value):
        return "boundaries"
    return "direction" if same_predicate and (other, subject) == (wrong.subject, value) else "alone"


def _overlap(name: str, other: str) -> bool:
    """Tell whether one name stands in the other."""
    return name in other or other in name
