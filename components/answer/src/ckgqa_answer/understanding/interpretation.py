"""Interpretations of a question: an intent with entities in its roles; and how mentions are assigned to roles.

If a prediction contradicts itself (the asked role is filled, or two mentions have one role), it is repaired in every
way that makes sense, and the graph decides between the results.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent, Step
from ckgqa_answer.linking.linker import MatchKind
from ckgqa_answer.question_model.prediction import MarkedSlot

MOVED_ROLE_PENALTY, REVERSED_PENALTY, DROPPED_MENTION_PENALTY = 0.6, 0.5, 0.7
"""Factors for an interpretation that changes the role of a mention, reverses the direction, or drops a mention."""
_REVERSED = {SUBJECT: VALUE, VALUE: SUBJECT}


@dataclass(frozen=True)
class RoleFiller:
    """The entity, or the entities together, that fill a role."""

    role: str
    names: tuple[str, ...]
    """Names of the graph; several if a plural pronoun refers to several."""
    types: tuple[str, ...]
    match: MatchKind
    quality: float
    """Link quality, 0 to 1."""
    text: str
    start: int
    end: int
    probability: float
    """Of the model's mention; 1 if the name was found without it."""


@dataclass(frozen=True)
class Interpretation:
    """One meaning of a question, complete enough to be looked up."""

    intent: Intent
    fillers: tuple[RoleFiller, ...]
    probability: float
    """Of the intent."""
    repair_penalty: float
    """Factor of the score: 1 if the prediction is used as it is, less if it was repaired."""
    kept_intent: bool = False
    """Whether the intent is that of the question before."""

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The names by role."""
        return {filler.role: filler.names for filler in self.fillers}

    @property
    def quality(self) -> float:
        """The product of the link qualities."""
        return math.prod(filler.quality for filler in self.fillers)

    @property
    def score(self) -> float:
        """The rank among the interpretations of the question."""
        return self.probability * self.repair_penalty * self.quality


@dataclass(frozen=True)
class LinkedMention:
    """A mention with what may fill its role; without options if nothing is known."""

    role: str
    slot: MarkedSlot
    options: tuple[RoleFiller, ...]
    pronoun: bool = False


def assignments(
    intent: Intent, mentions: Sequence[LinkedMention]
) -> Iterator[tuple[Intent, dict[str, LinkedMention], float]]:
    """Yield the assignments of mentions to the roles of an intent: intent, mention by role, and penalty.

    The prediction is used if it makes sense; otherwise with as few changes as possible: other roles, the other
    direction, or one mention less.
    """
    if not mentions:
        return
    asked = intent.chain[0].asked
    roles = [mention.role for mention in mentions]
    if _makes_sense(intent, roles):
        yield intent, dict(zip(roles, mentions, strict=True)), 1.0
        # A single name of a work or a place is often the subject itself: not every predicate has such slots.
        if len(roles) > 1 or intent.kind == "yes_no" or roles[0] in {SUBJECT, VALUE}:
            return
    known = sorted({SUBJECT, VALUE, *roles})
    for changed in permutations(known, len(roles)) if len(roles) <= len(known) else ():
        if _makes_sense(intent, changed):
            moved = sum(before != after for before, after in zip(roles, changed, strict=True))
            yield intent, dict(zip(changed, mentions, strict=True)), MOVED_ROLE_PENALTY**moved
    reverse = _reversed(intent)
    if reverse is not None and _makes_sense(reverse, roles):
        yield reverse, dict(zip(roles, mentions, strict=True)), REVERSED_PENALTY
    remaining = {mention.role: mention for mention in reversed(mentions) if mention.role != asked}
    if len(remaining) < len(mentions) and _makes_sense(intent, list(remaining)):
        yield intent, remaining, DROPPED_MENTION_PENALTY


def _makes_sense(intent: Intent, roles: Sequence[str]) -> bool:
    """Return whether mentions in these roles make a question: yes or no needs two, others leave the asked role free."""
    if not roles or len(set(roles)) < len(roles):
        return False
    if intent.kind == "yes_no":
        return len(roles) > 1
    return intent.chain[0].asked not in roles


def _reversed(intent: Intent) -> Intent | None:
    """Return the intent in the other direction; a chain has only one."""
    step = intent.chain[0]
    if len(intent.chain) > 1 or step.asked not in _REVERSED or intent.kind == "yes_no":
        return None
    return Intent(intent.kind, (Step(step.predicate, _REVERSED[step.asked]),))
