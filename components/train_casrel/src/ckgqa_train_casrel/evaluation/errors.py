"""The errors of a model: missed and spurious triples, classified by the triples on the other side."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ckgqa.runtime.artefacts import VALUE
from ckgqa_train_casrel.data.records import LabelledSentence
from ckgqa_train_casrel.data.triples import ExtractedTriple
from ckgqa_train_casrel.evaluation.scoring import TripleKey, TripleLike, triple_key

# Kinds of errors, by what stands on the other side of the same sentence; the first one that fits counts.
KINDS = {
    "slots": "subject, predicate and @value are right, another slot is not",
    "predicate": "subject and @value are right, the predicate is not",
    "boundaries": "the predicate is right, and the names contain or are contained in the right ones",
    "direction": "the predicate is right, subject and @value are exchanged",
    "alone": "nothing like it on the other side",
}


@dataclass(frozen=True)
class ErrorExample:
    """One error with its sentence."""

    id: str
    text: str
    subject: str
    object: Mapping[str, str]
    kind: str
    score: float | None = None
    """The model's score of a spurious triple; None for a missed one."""


@dataclass
class PredicateErrors:
    """The errors of one predicate: the number of each kind, and some examples."""

    missed: Counter[str] = field(default_factory=Counter)
    spurious: Counter[str] = field(default_factory=Counter)
    missed_examples: list[ErrorExample] = field(default_factory=list)
    spurious_examples: list[ErrorExample] = field(default_factory=list)

    @property
    def total(self) -> int:
        """The number of missed and spurious triples together."""
        return self.missed.total() + self.spurious.total()


def find_errors(
    sentences: Sequence[LabelledSentence], predicted: Sequence[Sequence[ExtractedTriple]], limit: int
) -> dict[str, PredicateErrors]:
    """Collect the errors of each predicate, the predicate with the most errors first.

    Args:
        sentences: the labelled sentences.
        predicted: the triples extracted from each.
        limit: maximum number of missed and of spurious examples per predicate, no two from one sentence: the first
            missed triples in the data, and the spurious triples with the highest scores, because a confident mistake
            is the most instructive.
    """
    by_predicate: dict[str, PredicateErrors] = {}
    for sentence, triples in zip(sentences, predicted, strict=True):
        gold = {triple_key(triple): triple for triple in sentence.triples}
        extracted = {triple_key(triple): triple for triple in triples}
        for missed in [triple for key, triple in gold.items() if key not in extracted]:
            errors, kind = by_predicate.setdefault(missed.predicate, PredicateErrors()), classify(missed, extracted)
            errors.missed[kind] += 1
            _add_example(errors.missed_examples, _example(sentence, missed, kind, None), limit)
        for spurious in [triple for key, triple in extracted.items() if key not in gold]:
            errors, kind = by_predicate.setdefault(spurious.predicate, PredicateErrors()), classify(spurious, gold)
            errors.spurious[kind] += 1
            _add_example(errors.spurious_examples, _example(sentence, spurious, kind, spurious.score), limit)
    return dict(sorted(by_predicate.items(), key=lambda item: (-item[1].total, item[0])))


def _example(sentence: LabelledSentence, triple: TripleLike, kind: str, score: float | None) -> ErrorExample:
    return ErrorExample(sentence.id, sentence.text, triple.subject, triple.object, kind, score)


def _add_example(examples: list[ErrorExample], example: ErrorExample, limit: int) -> None:
    """Add an example and keep the `limit` best, by score if they have one, else by order; one for each sentence."""
    best: dict[str, ErrorExample] = {}
    for other in sorted([*examples, example], key=lambda other: -(other.score or 0.0)):
        best.setdefault(other.id, other)
    examples[:] = list(best.values())[:limit]


def classify(wrong: TripleLike, others: Iterable[TripleKey]) -> str:
    """Return the kind of an error, by the triples on the other side of its sentence."""
    kinds = {_kind_beside(wrong, *other) for other in others}
    return next(kind for kind in KINDS if kind in kinds or kind == "alone")


def _kind_beside(wrong: TripleLike, subject: str, predicate: str, slots: frozenset[tuple[str, str]]) -> str:
    value, other = wrong.object[VALUE], dict(slots)[VALUE]
    same_predicate, same_ends = predicate == wrong.predicate, (subject, other) == (wrong.subject, value)
    if same_ends:
        return "slots" if same_predicate else "predicate"
    if same_predicate and _overlap(subject, wrong.subject) and _overlap(other, value):
        return "boundaries"
    return "direction" if same_predicate and (other, subject) == (wrong.subject, value) else "alone"


def _overlap(name: str, other: str) -> bool:
    """Return whether one name contains the other."""
    return name in other or other in name
