"""Resolves the mentions of a question: linked names, antecedents of pronouns, and names that the question omits."""

import re
from collections.abc import Sequence

from ckgqa_answer.dialogue.context import Conversation
from ckgqa_answer.linking.lexicon import Lexicon
from ckgqa_answer.linking.linker import LinkCandidate, MentionLinker
from ckgqa_answer.question_model.prediction import MarkedSlot
from ckgqa_answer.understanding.coreference import OMITTED, Antecedent, Pronoun, antecedents, find_pronouns
from ckgqa_answer.understanding.interpretation import LinkedMention, RoleFiller

OMITTED_PENALTY = 0.9
"""Factor for an interpretation whose name the question omits."""
# The beginning of a demonstrative phrase, whatever noun it has.
_DEMONSTRATIVE = re.compile("[这那该此本]")


class MentionResolver:
    """Finds what fills the roles of one question.

    Args:
        linker: of the question.
        conversation: the state before the question, None at the beginning.
        lexicon: the graph's names.
        max_options: most options of one mention.
    """

    def __init__(
        self, linker: MentionLinker, conversation: Conversation | None, lexicon: Lexicon, max_options: int
    ) -> None:
        self._linker = linker
        self._conversation = conversation
        self._lexicon = lexicon
        self._max_options = max_options
        self._pronouns = [pronoun for pronoun in find_pronouns(linker.question) if not _in_a_name(pronoun, linker)]

    def marked(self, slot: MarkedSlot) -> LinkedMention:
        """Resolve a mention that the model marked: the antecedents of a pronoun, otherwise linked names."""
        pronoun = next((each for each in self._pronouns if each.start < slot.end and slot.start < each.end), None)
        if pronoun is not None and self._conversation is not None and slot.end - slot.start <= len(pronoun.text) + 1:
            return self._resolved(slot, pronoun)
        options = tuple(_linked(slot.role, each, slot.probability) for each in self._linker.candidates(slot))
        if not options and self._conversation is not None and _DEMONSTRATIVE.match(slot.text):
            return self._resolved(slot, Pronoun(slot.start, slot.end, slot.text, ()))
        return LinkedMention(slot.role, slot, options, pronoun=pronoun is not None and not options)

    def missing(
        self, role: str, taken: Sequence[tuple[int, int]], question_words: frozenset[str]
    ) -> list[LinkedMention]:
        """Find what may fill a role that the model marked nothing for, the likeliest first.

        Pronouns come first; then, in a conversation, the omitted name; then the longest names in the question.

        Args:
            role: to fill.
            taken: spans of the question that already belong to a mention.
            question_words: words that ask and are not names here, such as the predicates asked about.
        """
        free = [
            each for each in self._pronouns if not any(each.start < end and start < each.end for start, end in taken)
        ]
        resolved = [
            self._resolved(
                MarkedSlot(role, each.start, each.end, each.text, 1.0),
                each,
                1.0 if each is not OMITTED else OMITTED_PENALTY,
            )
            for each in (*free, OMITTED)
            if self._conversation is not None
        ]
        mentions = [mention for mention in resolved if mention.options]
        for candidates in self._linker.unmarked(taken, question_words)[: self._max_options]:
            slot = MarkedSlot(role, candidates[0].start, candidates[0].end, candidates[0].text, 1.0)
            mentions.append(LinkedMention(role, slot, tuple(_linked(role, each, 1.0) for each in candidates)))
        return mentions

    def _resolved(self, slot: MarkedSlot, pronoun: Pronoun, penalty: float = 1.0) -> LinkedMention:
        """Return a mention with the antecedents of a pronoun as its options."""
        assert self._conversation is not None
        found = antecedents(pronoun, self._conversation, self._lexicon)[: self._max_options]
        options = tuple(_referring(slot, antecedent, penalty) for antecedent in found)
        return LinkedMention(slot.role, slot, options, pronoun=pronoun is not OMITTED)


def _in_a_name(pronoun: Pronoun, linker: MentionLinker) -> bool:
    """Return whether a pronoun is a part of a known name in the question."""
    longer = pronoun.end - pronoun.start + 2
    return any(
        match.start <= pronoun.start and pronoun.end <= match.end and match.end - match.start >= longer
        for match in linker.matches
    )


def _linked(role: str, candidate: LinkCandidate, probability: float) -> RoleFiller:
    return RoleFiller(
        role, (candidate.name,), candidate.types, candidate.match, candidate.quality,
        candidate.text, candidate.start, candidate.end, probability,
    )  # fmt: skip


def _referring(slot: MarkedSlot, antecedent: Antecedent, penalty: float) -> RoleFiller:
    return RoleFiller(
        slot.role, antecedent.names, antecedent.types, "context", antecedent.quality * penalty,
        slot.text, slot.start, slot.end, slot.probability,
    )  # fmt: skip
