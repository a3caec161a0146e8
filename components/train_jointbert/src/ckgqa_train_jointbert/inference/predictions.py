"""The prediction for a question, its intent with a probability and its slots, and its decoding from the logits."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ckgqa.runtime.intents import Intent
from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.inference.bio import begin_tag, best_tags, spans_of
from ckgqa_train_jointbert.inference.ranking import rank_intents

DIGITS = 4  # of a probability in a reply
IMPOSSIBLE = np.float32(-1e9)  # the logit of a tag that cannot occur


@dataclass(frozen=True)
class PredictedSlot:
    """A name in a question: characters `start` to `end`, the end excluded."""

    role: str
    start: int
    end: int
    probability: float
    """The lowest probability among the tags of its characters."""


@dataclass(frozen=True)
class QuestionPrediction:
    """The intent and the slots that the model predicts for a question."""

    text: str
    probabilities: dict[str, float]
    """The most probable intents, in descending order."""
    slots: tuple[PredictedSlot, ...]

    @property
    def label(self) -> str:
        """The most probable intent."""
        return next(iter(self.probabilities))

    @property
    def probability(self) -> float:
        """The probability of the most probable intent."""
        return self.probabilities[self.label]

    def as_record(self) -> dict[str, object]:
        """Return the record of a reply of `/invocations`."""
        return {
            "predicted_label": self.label,
            "probability": round(self.probability, DIGITS),
            "probabilities": {label: round(value, DIGITS) for label, value in self.probabilities.items()},
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
class JointBertLogits:
    """The network's output for B questions of at most T characters."""

    intents: np.ndarray
    """(B, kinds + 2 * (steps + 1)): the heads for kind, first step and second step side by side."""
    tags: np.ndarray
    """(B, T, tags)."""


def decode(
    texts: Sequence[str], logits: JointBertLogits, labels: Labels, temperature: float
) -> list[QuestionPrediction]:
    """Decode the network's logits into predictions.

    The tags of the role that the most probable intent asks for are excluded; the others share their probability.

    Args:
        texts: the questions, B of them.
        logits: the network's output.
        labels: names of its classes.
        temperature: divides the intent's logits.
    """
    borders = np.cumsum([len(labels.kinds), len(labels.step_classes)])
    kinds, firsts, seconds = (softmax(head) for head in np.split(logits.intents / temperature, borders, axis=1))
    rankings = rank_intents(kinds, firsts, seconds, labels)
    tag_logits = logits.tags.copy()
    for row, ranking in zip(tag_logits, rankings, strict=True):
        role = asked_role(next(iter(ranking)))
        if role in labels.roles:
            begin = begin_tag(labels.roles.index(role))
            row[:, begin : begin + 2] = IMPOSSIBLE
    probabilities = softmax(tag_logits)  # (B, T, tags)
    lengths = np.array([len(text) for text in texts])
    tags = best_tags(np.log(probabilities + np.finfo(np.float32).tiny), lengths)
    of_tags = np.take_along_axis(probabilities, tags[..., None], axis=-1)[..., 0]  # (B, T)
    return [
        QuestionPrediction(text, ranking, _slots(row, row_probabilities, labels.roles))
        for text, ranking, row, row_probabilities in zip(texts, rankings, tags.tolist(), of_tags, strict=True)
    ]


@lru_cache(maxsize=4096)  # of a few hundred labels
def asked_role(label: str) -> str | None:
    """Return the role that an intent asks for, which no name in the question has; None if any role may occur.

    A question for the director of a film does not name the director; a yes-no question may name every role.
    """
    intent = Intent.parse(label)
    return intent.chain[0].asked if intent.kind in {"list", "count"} else None


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turn logits into probabilities over the last axis."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: np.ndarray = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities


def _slots(tags: Sequence[int], probabilities: np.ndarray, roles: Sequence[str]) -> tuple[PredictedSlot, ...]:
    return tuple(
        PredictedSlot(roles[role], start, end, float(probabilities[start:end].min()))
        for role, start, end in spans_of(tags)
    )
