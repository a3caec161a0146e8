"""The question model's prediction for a question: one record of `/invocations`, validated where it comes in."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.intents import Intent

MAX_PREDICTED = 20
"""Most labels, and most slots, of a record: our models predict fewer, so a longer record is another service's."""
REJECTION_STATUSES = frozenset({400, 413, 415, 422})
"""Statuses of HTTP by which a model rejects a question."""


@dataclass(frozen=True)
class MarkedSlot:
    """A mention that the model marked, with its role."""

    role: str
    """The role of the first step's fact that the mention fills: `subject`, `@value`, `inWork`, ..."""
    start: int
    """Position of its first character in the question."""
    end: int
    """Position behind its last character."""
    text: str
    probability: float


@dataclass(frozen=True)
class Prediction:
    """The model's prediction for one question."""

    label: str
    """The likeliest intent."""
    probabilities: Mapping[str, float]
    """The likeliest intents and their probabilities, the likeliest first."""
    slots: tuple[MarkedSlot, ...]

    @property
    def probability(self) -> float:
        """The probability of the likeliest intent."""
        return self.probabilities[self.label]


class QuestionModel(Protocol):
    """A client of a question model."""

    def predict(self, questions: Sequence[str]) -> list[Prediction]:
        """Return a prediction for each question, in order.

        Raises:
            ServiceError: the model is down or late, or its reply breaks the contract.
            InputError: the model rejects a question.
        """


def read_predictions(reply: object, questions: Sequence[str], service: str) -> list[Prediction]:
    """Validate the reply of `/invocations`.

    Args:
        reply: the JSON value.
        questions: the questions that were sent.
        service: names the model in messages.

    Raises:
        ServiceError: the reply breaks the contract, or its labels are not intents: another model answers there.
    """
    records = reply.get("predictions") if isinstance(reply, Mapping) else None
    if not isinstance(records, list) or len(records) != len(questions):
        raise ServiceError(f"{service}: expected a reply with {len(questions)} predictions; is this a question model?")
    try:
        return [_prediction(record, question) for record, question in zip(records, questions, strict=True)]
    except (KeyError, TypeError, ValueError, InputError) as error:
        raise ServiceError(
            f"{service}: the reply is not that of a question model ({error!s}); "
            "serve a model that `train_jointbert train` made"
        ) from error


def _prediction(record: Mapping[str, object], question: str) -> Prediction:
    label = str(record["predicted_label"])
    predicted = record.get("probabilities") or {label: record["probability"]}
    if not isinstance(predicted, Mapping) or len(predicted) > MAX_PREDICTED:
        raise TypeError(f"`probabilities` is {type(predicted).__name__}; expected an object of labels")
    probabilities = {str(name): _probability(value) for name, value in predicted.items()}
    probabilities.setdefault(label, _probability(record["probability"]))
    for name in probabilities:
        Intent.parse(name)
    slots = record.get("slots", [])
    if not isinstance(slots, list) or len(slots) > MAX_PREDICTED:
        raise TypeError(f"`slots` is {type(slots).__name__}; expected a short list")
    ranked = dict(sorted(probabilities.items(), key=lambda item: (-item[1], item[0])))
    return Prediction(label, ranked, tuple(_slot(slot, question) for slot in slots))


def _slot(slot: Mapping[str, object], question: str) -> MarkedSlot:
    start, end = slot["start"], slot["end"]
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(question)):
        raise ValueError(f"a slot from {start!r} to {end!r} is not in a question of {len(question)} characters")
    return MarkedSlot(str(slot["role"]), start, end, question[start:end], _probability(slot.get("probability", 1.0)))


def _probability(value: object) -> float:
    """Read a probability and clip it to 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is not a probability")
    return min(max(float(value), 0.0), 1.0)
