"""What a question may mean: the model's likely intents, with the names that their mentions may stand for.

Every reading is whole: it can be looked up as it stands. They come with the likeliest first, and the first one that the
graph knows something about is the answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent
from ckgqa_answer.context import Conversation
from ckgqa_answer.linking import Look
from ckgqa_answer.mentions import Mentions
from ckgqa_answer.names import Names
from ckgqa_answer.prediction import Prediction
from ckgqa_answer.readings import Mention, Reading, assignments
from ckgqa_answer.settings import AnswerSettings

DOUBTED = 0.5
"""A mention of less probability, of which nothing is known, is taken for none where there are others."""
PARTIAL = 0.7
"""What a reading keeps that leaves out a name which stands in the question."""


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
        self._prediction = prediction
        self._settings = settings
        self._mentions = Mentions(look, conversation, names, settings.max_candidates)
        self.mentions = [self._mentions.marked(slot) for slot in prediction.slots]

    @property
    def unknown(self) -> list[Mention]:
        """The mentions that stand for nothing known; a doubted one is passed over where there are others."""
        return [
            mention
            for mention in self.mentions
            if not mention.options and not (mention.slot.probability < DOUBTED and len(self.mentions) > 1)
        ]

    @property
    def intent(self) -> Intent:
        """The likeliest intent that asks for something, or outside."""
        return next((intent for intent, _ in self._intents()), Intent("outside"))

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

    def _intents(self) -> Iterator[tuple[Intent, float]]:
        """Give the intents that are likely enough."""
        labels = {label: p for label, p in self._prediction.probabilities.items() if Intent.parse(label).chain}
        least = max(labels.values(), default=0.0) * self._settings.reading_ratio
        yield from ((Intent.parse(label), p) for label, p in labels.items() if p >= least)

    def _of(self, intent: Intent, probability: float) -> Iterator[Reading]:
        """Give the readings of one intent."""
        # Without one of its names, a question would be another one.
        if any(not mention.pronoun for mention in self.unknown):
            return
        for mentions, whole in self._filled(intent):
            for mended, roles, repair in assignments(intent, mentions):
                for options in product(*(mention.options for mention in roles.values())):
                    given = tuple(replace(one, role=role) for role, one in zip(roles, options, strict=True))
                    yield Reading(mended, given, probability, repair * whole)

    def _filled(self, intent: Intent) -> list[tuple[Sequence[Mention], float]]:
        """Give the mentions, with each that may fill the role that the intent needs and nobody marked.

        Returns:
            Mentions, and what a reading of them keeps: less where a name stands in the question that they leave out.
        """
        mentions = [mention for mention in self.mentions if mention.options]
        step, roles = intent.chain[0], {mention.role for mention in mentions}
        wanted = [SUBJECT, VALUE] if intent.kind == "yes_no" else [step.given]
        missing = [role for role in wanted if role not in roles]
        # A question such as 战狼里有哪些角色 gives a slot alone; one of a subject or a value is whole.
        if not missing or (intent.kind != "yes_no" and roles & {SUBJECT, VALUE}) or len(missing) > 1 < len(mentions):
            return [(mentions, 1.0)]
        taken = [(mention.slot.start, mention.slot.end) for mention in self.mentions]
        idle = frozenset(part.predicate for part in intent.chain)
        found = self._mentions.missing(missing[0] if mentions else step.given, taken, idle)
        filled: list[tuple[Sequence[Mention], float]] = [([*mentions, one], 1.0) for one in found]
        return [*filled, (mentions, PARTIAL if filled else 1.0)] if mentions else filled
