"""Interprets a question: combines the model's likely intents with the entities that its mentions may refer to.

Every interpretation can be looked up as it is. The likeliest comes first, and the first one that the graph knows
something about is the answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent
from ckgqa_answer.dialogue.context import Conversation
from ckgqa_answer.linking.lexicon import Lexicon
from ckgqa_answer.linking.linker import MentionLinker
from ckgqa_answer.question_model.prediction import Prediction
from ckgqa_answer.settings import AnswerSettings
from ckgqa_answer.understanding.interpretation import Interpretation, LinkedMention, assignments
from ckgqa_answer.understanding.mentions import MentionResolver

DOUBTFUL = 0.5
"""A mention below this probability that refers to nothing known is ignored if there are others."""
PARTIAL_PENALTY = 0.7
"""Factor for an interpretation that ignores a known name in the question."""


class Interpreter:
    """Interprets one question.

    Args:
        linker: of the question.
        prediction: the model's prediction.
        conversation: the state before the question, None at the beginning.
        lexicon: the graph's names.
        settings: how many interpretations, and how likely.
    """

    def __init__(
        self,
        linker: MentionLinker,
        prediction: Prediction,
        conversation: Conversation | None,
        lexicon: Lexicon,
        settings: AnswerSettings,
    ) -> None:
        self._prediction = prediction
        self._settings = settings
        self._resolver = MentionResolver(linker, conversation, lexicon, settings.max_candidates)
        self.mentions = [self._resolver.marked(slot) for slot in prediction.slots]

    @property
    def unknown(self) -> list[LinkedMention]:
        """The mentions that refer to nothing known; a doubtful one is ignored if there are others."""
        return [
            mention
            for mention in self.mentions
            if not mention.options and not (mention.slot.probability < DOUBTFUL and len(self.mentions) > 1)
        ]

    @property
    def intent(self) -> Intent:
        """The likeliest intent that asks for something, or outside."""
        return next((intent for intent, _ in self._intents()), Intent("outside"))

    def interpret(self) -> list[Interpretation]:
        """Return the interpretations, the likeliest first."""
        best: dict[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], Interpretation] = {}
        for intent, probability in self._intents():
            for each in self._of_intent(intent, probability):
                key = (each.intent.label, tuple(sorted(each.names.items())))
                if key not in best or best[key].score < each.score:
                    best[key] = each
        ranked = sorted(best.values(), key=lambda each: (-each.score, each.intent.label, tuple(each.names.items())))
        return ranked[: self._settings.max_interpretations]

    def _intents(self) -> Iterator[tuple[Intent, float]]:
        """Yield the intents that are likely enough, with their probability."""
        labels = {label: p for label, p in self._prediction.probabilities.items() if Intent.parse(label).chain}
        least = max(labels.values(), default=0.0) * self._settings.min_intent_ratio
        yield from ((Intent.parse(label), p) for label, p in labels.items() if p >= least)

    def _of_intent(self, intent: Intent, probability: float) -> Iterator[Interpretation]:
        """Yield the interpretations of one intent."""
        # Without one of its names, a question would be another question.
        if any(not mention.pronoun for mention in self.unknown):
            return
        for mentions, partial_penalty in self._completed(intent):
            for repaired, roles, repair_penalty in assignments(intent, mentions):
                for options in product(*(mention.options for mention in roles.values())):
                    fillers = tuple(replace(filler, role=role) for role, filler in zip(roles, options, strict=True))
                    yield Interpretation(repaired, fillers, probability, repair_penalty * partial_penalty)

    def _completed(self, intent: Intent) -> list[tuple[Sequence[LinkedMention], float]]:
        """Complete the mentions with each that may fill the role that the intent needs and nothing marks.

        Returns:
            Mentions, and the penalty for a known name in the question that they ignore.
        """
        mentions = [mention for mention in self.mentions if mention.options]
        step, roles = intent.chain[0], {mention.role for mention in mentions}
        needed = [SUBJECT, VALUE] if intent.kind == "yes_no" else [step.given_role]
        missing = [role for role in needed if role not in roles]
        # A question such as 战狼里有哪些角色 fills a slot alone; with a subject or a value it is complete.
        if not missing or (intent.kind != "yes_no" and roles & {SUBJECT, VALUE}) or len(missing) > 1 < len(mentions):
            return [(mentions, 1.0)]
        taken = [(mention.slot.start, mention.slot.end) for mention in self.mentions]
        question_words = frozenset(part.predicate for part in intent.chain)
        added = self._resolver.missing(missing[0] if mentions else step.given_role, taken, question_words)
        completed: list[tuple[Sequence[LinkedMention], float]] = [([*mentions, each], 1.0) for each in added]
        return [*completed, (mentions, PARTIAL_PENALTY if completed else 1.0)] if mentions else completed
