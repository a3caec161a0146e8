"""What a question may mean: the model's likely intents, with the names that their mentions may stand for.

Every reading is whole: it can be looked up as it stands. They come with the likeliest first, and the first one that the
graph knows something about is the answer. A prediction that contradicts itself (the role that is asked for is marked as
given, or two mentions have one role) is repaired in every way that makes sense, and the graph decides between them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product

from ckgqa.runtime.intents import SUBJECT, VALUE, Intent, Step
from ckgqa_answer.context import Conversation
from ckgqa_answer.linking import Candidate, How, Look
from ckgqa_answer.names import Names
from ckgqa_answer.prediction import Prediction, Slot
from ckgqa_answer.pronouns import NOTHING, Antecedent, Pronoun, antecedents, find_pronouns
from ckgqa_answer.settings import AnswerSettings

MOVED, TURNED, DROPPED = 0.6, 0.5, 0.7
"""What a reading keeps that gives a mention another role, asks the other way round, or leaves a mention out."""
LEFT_OUT = 0.9
"""What a reading keeps whose name the question does not mention at all."""
DOUBTED = 0.5
"""A mention of less probability, of which nothing is known, is taken for none where there are others."""
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


class Reader:
    """Makes the readings of one question.

    Args:
        look: the question, looked over for names.
        prediction: what the model says of it.
        conversation: what was asked before, None at the beginning.
        names: of the graph.
        settings: how many readings, and how likely.
    """

    def __init__(
        self,
        look: Look,
        prediction: Prediction,
        conversation: Conversation | None,
        names: Names,
        settings: AnswerSettings,
    ) -> None:
        self._look = look
        self._prediction = prediction
        self._conversation = conversation
        self._names = names
        self._settings = settings
        self._pronouns = [one for one in find_pronouns(look.question) if not _in_a_name(one, look)]
        self.mentions = [self._mention(slot) for slot in prediction.slots]

    @property
    def unknown(self) -> list[Mention]:
        """The mentions that stand for nothing known; a doubted one is passed over where there are others."""
        return [
            mention
            for mention in self.mentions
            if not mention.options and not (mention.slot.probability < DOUBTED and len(self.mentions) > 1)
        ]

    def readings(self) -> list[Reading]:
        """Give the readings, the likeliest first."""
        found: dict[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], Reading] = {}
        for intent, probability in self._intents():
            for reading in self._of(intent, probability):
                key = (reading.intent.label, tuple(sorted(reading.names.items())))
                if key not in found or found[key].score < reading.score:
                    found[key] = reading
        ranked = sorted(found.values(), key=lambda one: (-one.score, one.intent.label, tuple(one.names.items())))
        return ranked[: self._settings.max_readings]

    @property
    def intent(self) -> Intent:
        """The likeliest intent that asks for something, or outside."""
        return next((intent for intent, _ in self._intents()), Intent("outside"))

    def _intents(self) -> Iterator[tuple[Intent, float]]:
        """Give the intents that are likely enough."""
        labels = {label: p for label, p in self._prediction.probabilities.items() if Intent.parse(label).chain}
        least = max(labels.values(), default=0.0) * self._settings.reading_ratio
        yield from ((Intent.parse(label), p) for label, p in labels.items() if p >= least)

    def _of(self, intent: Intent, probability: float) -> Iterator[Reading]:
        # Without one of its names, a question would be another one.
        if any(not mention.pronoun for mention in self.unknown):
            return
        mentions = [mention for mention in self.mentions if mention.options]
        mentions += self._unmarked(intent, mentions)
        for mended, roles, repair in assignments(intent, mentions):
            for options in product(*(mention.options for mention in roles.values())):
                given = tuple(replace(one, role=role) for role, one in zip(roles, options, strict=True))
                yield Reading(mended, given, probability, repair)

    def _mention(self, slot: Slot) -> Mention:
        """Find what a mention may stand for: what a pronoun points to, else names."""
        pronoun = next((one for one in self._pronouns if one.start < slot.end and slot.start < one.end), None)
        if pronoun is not None and self._conversation is not None and slot.end - slot.start <= len(pronoun.text) + 1:
            options = [_pointed(slot.role, pronoun, one, slot.probability) for one in self._antecedents(pronoun)]
            return Mention(slot.role, slot, tuple(options), pronoun=True)
        options = [_linked(slot.role, one, slot.probability) for one in self._look.candidates(slot)]
        return Mention(slot.role, slot, tuple(options), pronoun=pronoun is not None and not options)

    def _unmarked(self, intent: Intent, mentions: Sequence[Mention]) -> list[Mention]:
        """Find the mention that the intent needs and the model did not mark: a name, a pronoun, or what is left out."""
        step = intent.chain[0]
        wanted = [SUBJECT, VALUE] if intent.kind == "yes_no" else [step.given]
        missing = [role for role in wanted if role not in {mention.role for mention in mentions}]
        if not missing or (mentions and intent.kind != "yes_no"):
            return []
        role = missing[0] if mentions else step.given
        taken = [(mention.slot.start, mention.slot.end) for mention in self.mentions]
        idle = frozenset(part.predicate for part in intent.chain)
        pointed = self._pointing(role, taken) if not mentions else []
        if pointed and pointed[0].pronoun:
            return pointed[:1]
        for candidates in self._look.unmarked(taken, idle):
            options = tuple(_linked(role, one, 1.0) for one in candidates)
            return [Mention(role, Slot(role, candidates[0].start, candidates[0].end, candidates[0].text, 1.0), options)]
        return pointed[:1]

    def _pointing(self, role: str, taken: Sequence[tuple[int, int]]) -> list[Mention]:
        """Give the pronouns that the model did not mark, and what is left out, as far as they point to something."""
        if self._conversation is None:
            return []
        free = [one for one in self._pronouns if not any(one.start < end and start < one.end for start, end in taken)]
        found = []
        for pronoun in (*free, NOTHING):
            factor = 1.0 if pronoun is not NOTHING else LEFT_OUT
            options = tuple(_pointed(role, pronoun, one, 1.0, factor) for one in self._antecedents(pronoun))
            if options:
                slot = Slot(role, pronoun.start, pronoun.end, pronoun.text, 1.0)
                found.append(Mention(role, slot, options, pronoun=pronoun is not NOTHING))
        return found

    def _antecedents(self, pronoun: Pronoun) -> list[Antecedent]:
        assert self._conversation is not None
        return antecedents(pronoun, self._conversation, self._names)[: self._settings.max_candidates]


def _in_a_name(pronoun: Pronoun, look: Look) -> bool:
    """Tell whether a pronoun is a part of a name that stands in the question."""
    longer = pronoun.end - pronoun.start + 2
    return any(
        place.start <= pronoun.start and pronoun.end <= place.end and place.end - place.start >= longer
        for place in look.places
    )


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


def _linked(role: str, one: Candidate, probability: float) -> Given:
    return Given(role, (one.name,), one.types, one.how, one.quality, one.text, one.start, one.end, probability)


def _pointed(role: str, pronoun: Pronoun, one: Antecedent, probability: float, factor: float = 1.0) -> Given:
    quality = one.quality * factor
    return Given(role, one.names, one.types, "context", quality, pronoun.text, pronoun.start, pronoun.end, probability)
