"""Readings: an intent with the names in its roles; and how mentions come to fill the roles of an intent.

Where a prediction contradicts itself (the role that is asked for is marked as given, or two mentions have one role), it
is repaired in every way that makes sense, and the graph decides between them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent, Step
from ckgqa_answer.linking import How
from ckgqa_answer.prediction import Slot

MOVED, TURNED, DROPPED = 0.6, 0.5, 0.7
"""What a reading keeps that gives a mention another role, asks the other way round, or leaves a mention out."""
_OTHER_WAY = {SUBJECT: VALUE, VALUE: SUBJECT}


@dataclass(frozen=True)
class Given:
    """A role that the question fills."""

    role: str
    names: tuple[str, ...]
    """Names of the graph; several where a pronoun stands for several."""
    types: tuple[str, ...]
    how: How
    quality: float
    text: str
    start: int
    end: int
    probability: float
    """Of the model's mention; 1 where the name was found without it."""


@dataclass(frozen=True)
class Reading:
    """One thing that the question may mean."""

    intent: Intent
    given: tuple[Given, ...]
    probability: float
    """Of the intent."""
    repair: float
    """1 where the prediction was taken as it is, less where it was repaired."""

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The names given, by role."""
        return {one.role: one.names for one in self.given}

    @property
    def quality(self) -> float:
        """How well the names fit their mentions, all together."""
        product_ = 1.0
        for one in self.given:
            product_ *= one.quality
        return product_

    @property
    def score(self) -> float:
        """How likely this is what is meant, as far as the question alone says; for comparing."""
        return self.probability * self.repair * self.quality


@dataclass(frozen=True)
class Mention:
    """A mention with what it may stand for; nothing where that is not known."""

    role: str
    slot: Slot
    options: tuple[Given, ...]
    pronoun: bool = False


def assignments(intent: Intent, mentions: Sequence[Mention]) -> Iterator[tuple[Intent, dict[str, Mention], float]]:
    """Give the ways in which mentions fill the roles of an intent: intent, mention by role, and what the way keeps.

    As they are predicted where that makes sense; else with as few changes as possible, of roles, of the direction, or
    with a mention left out.
    """
    if not mentions:
        return
    asked = intent.chain[0].asked
    roles = [mention.role for mention in mentions]
    if _makes_sense(intent, roles):
        yield intent, dict(zip(roles, mentions, strict=True)), 1.0
        # A lone name of a work or a place is often the subject itself: not every predicate has such slots.
        if len(roles) > 1 or intent.kind == "yes_no" or roles[0] in {SUBJECT, VALUE}:
            return
    known = sorted({SUBJECT, VALUE, *roles})
    for changed in permutations(known, len(roles)) if len(roles) <= len(known) else ():
        if _makes_sense(intent, changed):
            moved = sum(before != after for before, after in zip(roles, changed, strict=True))
            yield intent, dict(zip(changed, mentions, strict=True)), MOVED**moved
    turned = _turned(intent)
    if turned is not None and _makes_sense(turned, roles):
        yield turned, dict(zip(roles, mentions, strict=True)), TURNED
    kept = {mention.role: mention for mention in reversed(mentions) if mention.role != asked}
    if len(kept) < len(mentions) and _makes_sense(intent, list(kept)):
        yield intent, kept, DROPPED


def _makes_sense(intent: Intent, roles: Sequence[str]) -> bool:
    """Tell whether mentions in these roles make a question: yes or no needs two, others do not give what they ask."""
    if not roles or len(set(roles)) < len(roles):
        return False
    if intent.kind == "yes_no":
        return len(roles) > 1
    return intent.chain[0].asked not in roles


def _turned(intent: Intent) -> Intent | None:
    """Ask the other way round; a chain has only one."""
    step = intent.chain[0]
    if len(intent.chain) > 1 or step.asked not in _OTHER_WAY or intent.kind == "yes_no":
        return None
    return Intent(intent.kind, (Step(step.predicate, _OTHER_WAY[step.asked]),))
