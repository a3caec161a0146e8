"""How many questions are read rightly: intents, names as conlleval counts them, and whole questions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ckgqa_train_jointbert.questions import Question
from ckgqa_train_jointbert.reading import Reading

Chunk = tuple[str, int, int]
"""Role, start, end; the end excluded."""


@dataclass(frozen=True)
class Counts:
    """Names that are right, that were predicted, and that are labelled."""

    correct: int = 0
    predicted: int = 0
    gold: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.correct + other.correct, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """Share of the predicted that is right, 0 where nothing was."""
        return self.correct / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the labelled that was found, 0 where there are none."""
        return self.correct / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0 where both are."""
        return 2 * self.correct / (self.predicted + self.gold) if self.predicted + self.gold else 0.0


@dataclass(frozen=True)
class Scores:
    """How well some questions were read."""

    questions: int
    intents: int
    """Questions whose intent is right."""
    whole: int
    """Questions whose intent and names are all right."""
    slots: Counts
    roles: Mapping[str, Counts] = field(default_factory=dict)

    @property
    def intent_accuracy(self) -> float:
        """Share of questions whose intent is right."""
        return self.intents / self.questions

    @property
    def whole_accuracy(self) -> float:
        """Share of questions that are wholly right."""
        return self.whole / self.questions


def chunks(tags: Sequence[str]) -> set[Chunk]:
    """Read names off BIO tags as conlleval does: an I that follows neither its B nor its I begins a name too."""
    found: list[Chunk] = []
    before = "O"
    for position, tag in enumerate(tags):
        letter, _, role = tag.partition("-")
        if letter == "B" or (letter == "I" and before.partition("-")[2] != role):
            found.append((role, position, position + 1))
        elif letter == "I":
            found[-1] = (role, found[-1][1], position + 1)
        before = tag
    return set(found)


def count(gold: Iterable[Chunk], predicted: Iterable[Chunk]) -> Counts:
    """Count names; one is right when its role, its first and its last character are."""
    labelled, found = set(gold), set(predicted)
    return Counts(len(labelled & found), len(found), len(labelled))


def score(questions: Sequence[Question], readings: Sequence[Reading]) -> Scores:
    """Score readings against labels; at least one question."""
    intents = whole = 0
    roles: dict[str, Counts] = {}
    for question, reading in zip(questions, readings, strict=True):
        gold, found = gold_chunks(question), found_chunks(reading)
        right = reading.label == question.intent.label
        intents += right
        whole += right and gold == found
        for role in sorted({chunk[0] for chunk in gold | found}):
            mine, others = ({chunk for chunk in side if chunk[0] == role} for side in (gold, found))
            roles[role] = roles.get(role, Counts()) + count(mine, others)
    return Scores(len(questions), intents, whole, sum(roles.values(), Counts()), roles)


def score_by(
    questions: Sequence[Question], readings: Sequence[Reading], name: Callable[[Question], str]
) -> dict[str, Scores]:
    """Score the questions of each name, the name with most questions first."""
    parts: dict[str, list[tuple[Question, Reading]]] = {}
    for question, reading in zip(questions, readings, strict=True):
        parts.setdefault(name(question), []).append((question, reading))
    ordered = sorted(parts.items(), key=lambda part: (-len(part[1]), part[0]))
    return {name: score([q for q, _ in pairs], [r for _, r in pairs]) for name, pairs in ordered}


def gold_chunks(question: Question) -> set[Chunk]:
    """Give the labelled names of a question."""
    return {(mention.role, mention.start, mention.end) for mention in question.mentions}


def found_chunks(reading: Reading) -> set[Chunk]:
    """Give the names that were found in a question."""
    return {(slot.role, slot.start, slot.end) for slot in reading.slots}
