"""What the question model says of a question: one record of `/invocations`, checked where it comes in."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.intents import Intent

MAX_PREDICTED = 20
"""More labels or slots than a model of ours ever names; what is beyond is another service's."""


@dataclass(frozen=True)
class Slot:
    """A mention that the model marked."""

    role: str
    """The role of the first step's fact that the mention fills: `subject`, `@value`, `inWork`, ..."""
    start: int
    """Its first character in the question."""
    end: int
    """The character behind its last."""
    text: str
    probability: float


@dataclass(frozen=True)
class Prediction:
    """The model's reading of one question."""

    label: str
    """The likeliest intent."""
    probabilities: Mapping[str, float]
    """The likeliest intents and their probabilities, the likeliest first."""
    slots: tuple[Slot, ...]

    @property
    def probability(self) -> float:
        """The probability of the likeliest intent."""
        return self.probabilities[self.label]


class Model(Protocol):
    """Whatever reads questions."""

    def predict(self, questions: Sequence[str]) -> list[Prediction]:
        """Read questions, a prediction for each, in order.

        Raises:
            ServiceError: the model is down, late, or none of ours.
            InputError: it refuses a question.
        """


def read_predictions(reply: object, questions: Sequence[str], place: str) -> list[Prediction]:
    """Check the reply of `/invocations`.

    Args:
        reply: the JSON value that came.
        questions: what was asked.
        place: names the model in messages.

    Raises:
        ServiceError: the reply breaks the contract, or its labels are no intents: another model answers there.
    """
    records = reply.get("predictions") if isinstance(reply, Mapping) else None
    if not isinstance(records, list) or len(records) != len(questions):
        raise ServiceError(f"{place}: a reply with {len(questions)} predictions is expected; is this a question model?")
    try:
        return [_prediction(record, question) for record, question in zip(records, questions, strict=True)]
    except (KeyError, TypeError, ValueError, InputError) as error:
        raise ServiceError(
            f"{place}: the reply is none of a question model ({error!s}); "
            "serve a model that `train_jointbert train` made"
        ) from error


def _prediction(record: Mapping[str, object], question: str) -> Prediction:
    label = str(record["predicted_label"])
    given = record.get("probabilities") or {label: record["probability"]}
    if not isinstance(given, Mapping) or len(given) > MAX_PREDICTED:
        raise TypeError(f"`probabilities` is {type(given).__name__}; an object of labels is expected")
    found = {str(name): _share(value) for name, value in given.items()}
    found.setdefault(label, _share(record["probability"]))
    for name in found:
        Intent.parse(name)
    slots = record.get("slots", [])
    if not isinstance(slots, list) or len(slots) > MAX_PREDICTED:
        raise TypeError(f"`slots` is {type(slots).__name__}; a short list is expected")
    ranked = dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
    return Prediction(label, ranked, tuple(_slot(slot, question) for slot in slots))


def _slot(slot: Mapping[str, object], question: str) -> Slot:
    start, end = slot["start"], slot["end"]
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(question)):
        raise ValueError(f"a slot from {start!r} to {end!r} is not in a question of {len(question)} characters")
    return Slot(str(slot["role"]), start, end, question[start:end], _share(slot.get("probability", 1.0)))


def _share(value: object) -> float:
    """Read a probability, 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is no probability")
    return min(max(float(value), 0.0), 1.0)
