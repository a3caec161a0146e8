"""What the model says of a question: its intent with a probability, and the names with their places."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ckgqa.runtime.intents import Intent
from ckgqa_train_jointbert.bio import best_tags, spans_of
from ckgqa_train_jointbert.labels import Labels
from ckgqa_train_jointbert.ranking import rank

DIGITS = 4  # of a probability that is told
IMPOSSIBLE = np.float32(-1e9)  # the score of a tag that cannot be


@dataclass(frozen=True)
class Slot:
    """One name: characters `start` to `end` of the question, the end excluded."""

    role: str
    start: int
    end: int
    probability: float
    """The lowest probability among those of its characters' tags."""


@dataclass(frozen=True)
class Reading:
    """What one question asks for, as the model reads it."""

    text: str
    probabilities: dict[str, float]
    """The likeliest intents, the likeliest first."""
    slots: tuple[Slot, ...]

    @property
    def label(self) -> str:
        """The likeliest intent."""
        return next(iter(self.probabilities))

    @property
    def probability(self) -> float:
        """How likely that is."""
        return self.probabilities[self.label]

    def as_record(self) -> dict[str, object]:
        """Give the record that `/invocations` answers with."""
        return {
            "predicted_label": self.label,
            "probability": round(self.probability, DIGITS),
            "probabilities": {label: round(chance, DIGITS) for label, chance in self.probabilities.items()},
            "slots": [
                {
                    "role": slot.role,
                    "start": slot.start,
                    "end": slot.end,
                    "text": self.text[slot.start : slot.end],
                    "probability": round(slot.probability, DIGITS),
                }
                for slot in self.slots
            ],
        }


@dataclass(frozen=True)
class Scores:
    """What the network gives for B questions of at most T characters, before any softmax."""

    intents: np.ndarray
    """(B, kinds + 2 * (steps + 1)): the heads for kind, first and second step side by side."""
    tags: np.ndarray
    """(B, T, tags)."""


def read(texts: Sequence[str], scores: Scores, labels: Labels, temperature: float) -> list[Reading]:
    """Turn the network's scores into readings.

    Of the roles, that which the likeliest intent asks for is left out; the others share its probability.

    Args:
        texts: the questions, B of them.
        scores: what the network gave.
        labels: the names of its classes.
        temperature: what the intent's scores are divided by.
    """
    heads = np.cumsum([len(labels.kinds), len(labels.step_classes)])
    kinds, firsts, seconds = (softmax(head) for head in np.split(scores.intents / temperature, heads, axis=1))
    intents = rank(kinds, firsts, seconds, labels)
    marks = scores.tags.copy()
    for row, found in zip(marks, intents, strict=True):
        role = role_not_given(next(iter(found)))
        if role in labels.roles:
            first = 1 + 2 * labels.roles.index(role)
            row[:, first : first + 2] = IMPOSSIBLE
    chances = softmax(marks)  # (B, T, tags)
    tags = best_tags(np.log(chances + np.finfo(np.float32).tiny), np.array([len(text) for text in texts]))
    sure = np.take_along_axis(chances, tags[..., None], axis=-1)[..., 0]  # (B, T)
    return [
        Reading(text, found, _slots(row, chance, labels.roles))
        for text, found, row, chance in zip(texts, intents, tags.tolist(), sure, strict=True)
    ]


@lru_cache(maxsize=4096)  # of a few hundred labels
def role_not_given(label: str) -> str | None:
    """Give the role that no name of such a question has: who asks for the director does not name him.

    In a yes-no question everything may be named.
    """
    intent = Intent.parse(label)
    return intent.chain[0].asked if intent.kind in {"list", "count"} else None


def softmax(scores: np.ndarray) -> np.ndarray:
    """Turn scores into probabilities over the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    chances: np.ndarray = raised / raised.sum(axis=-1, keepdims=True)
    return chances


def _slots(tags: Sequence[int], sure: np.ndarray, roles: Sequence[str]) -> tuple[Slot, ...]:
    return tuple(Slot(roles[role], start, end, float(sure[start:end].min())) for role, start, end in spans_of(tags))
