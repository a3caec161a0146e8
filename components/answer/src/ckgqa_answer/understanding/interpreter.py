"""Interprets a question: combines the model's likely intents with the entities that its mentions may refer to.

Every interpretation can be looked up as it is. The likeliest comes first, and the first one that the graph knows
something about is the answer.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, product

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent
from ckgqa_answer.dialogue.context import Conversation
from ckgqa_answer.linking.lexicon import Lexicon
from ckgqa_answer.linking.linker import MentionLinker
from ckgqa_answer.question_model.prediction import Prediction
from ckgqa_answer.settings import AnswerSettings
from ckgqa_answer.understanding.ellipsis import repeated
from ckgqa_answer.understanding.interpretation import Interpretation, LinkedMention, RoleFiller, assignments
from ckgqa_answer.understanding.mentions import MentionResolver

DOUBTFUL = 0.5
"""A mention below this probability that refers to nothing known is ignored if there are others."""
CLEARLY_LIKELIER = 0.2
"""Probability of an intent from which on a question without a name asks something else than the question before."""
_LISTS = re.compile("哪些|都有|分别|具体|依次|列出")
"""What a question asks with that may only repeat the question before."""
KEPT_PROBABILITY = 0.5
"""The probability that it asks the same: as likely as not, so that the answer's confidence is low."""
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
        self._conversation = conversation
        self._lists = _LISTS.search(linker.question) is not None
        self._resolver = MentionResolver(linker, conversation, lexicon, settings.max_candidates)
        slots = [part for slot in prediction.slots for part in linker.names.split(slot)]
        self.mentions = _without_covered([self._resolver.marked(slot) for slot in slots])

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
        for each in self._kept():
            best[each.intent.label, tuple(sorted(each.names.items()))] = each
        ranked = sorted(best.values(), key=lambda each: (-each.score, each.intent.label, tuple(each.names.items())))
        return ranked[: self._settings.max_interpretations]

    def _kept(self) -> Sequence[Interpretation]:
        """Return the question before, if this one names nothing and no intent is clearly likelier."""
        clear = self._prediction.probability >= CLEARLY_LIKELIER or not self._lists
        if self._conversation is None or self.mentions or clear:
            return ()
        return repeated(self._conversation, KEPT_PROBABILITY)

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
                    if _overlap(options):
                        continue
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


def _without_covered(mentions: Sequence[LinkedMention]) -> list[LinkedMention]:
    """Drop a mention inside the name that another one was linked to: 1973年 inside 1973年的弹子球, a novel."""
    kept: list[LinkedMention] = []
    for mention in sorted(
        mentions, key=lambda mention: (_linked_chars(mention), mention.slot.probability), reverse=True
    ):
        spans = [
            (other.options[0].start, other.options[0].end) for other in kept if other.options and not other.pronoun
        ]
        if not any(start <= mention.slot.start and mention.slot.end <= end for start, end in spans):
            kept.append(mention)
    return [mention for mention in mentions if mention in kept]


def _linked_chars(mention: LinkedMention) -> int:
    if not mention.options or mention.pronoun:
        return 0
    return mention.options[0].end - mention.options[0].start


def _overlap(fillers: Sequence[RoleFiller]) -> bool:
    """Return whether two names of an interpretation share a part of the question; an omitted name has none."""
    spans = sorted((filler.start, filler.end) for filler in fillers if filler.start < filler.end)
    return any(start < before_end for (_, before_end), (start, _) in pairwise(spans))
