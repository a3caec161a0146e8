"""From what a question says to what fills its roles: names, what pronouns stand for, and what is left out."""

import re
from collections.abc import Sequence

from ckgqa_answer.context import Conversation
from ckgqa_answer.linking import Candidate, Look
from ckgqa_answer.names import Names
from ckgqa_answer.prediction import Slot
from ckgqa_answer.pronouns import NOTHING, Antecedent, Pronoun, antecedents, find_pronouns
from ckgqa_answer.readings import Given, Mention

LEFT_OUT = 0.9
"""What a reading keeps whose name the question does not mention at all."""
# Begins what points to something that was said before, whatever it calls it.
_POINTING = re.compile("[这那该此本]")


class Mentions:
    """Finds what fills the roles of one question.

    Args:
        look: the question, looked over for names.
        conversation: what was asked before, None at the beginning.
        names: of the graph.
        most: the most names that one mention is tried as.
    """

    def __init__(self, look: Look, conversation: Conversation | None, names: Names, most: int) -> None:
        self._look = look
        self._conversation = conversation
        self._names = names
        self._most = most
        self._pronouns = [one for one in find_pronouns(look.question) if not _in_a_name(one, look)]

    def marked(self, slot: Slot) -> Mention:
        """Find what a mention may stand for that the model marked: what a pronoun points to, else names."""
        pronoun = next((one for one in self._pronouns if one.start < slot.end and slot.start < one.end), None)
        if pronoun is not None and self._conversation is not None and slot.end - slot.start <= len(pronoun.text) + 1:
            return self._pointed(slot, pronoun)
        options = tuple(_linked(slot.role, one, slot.probability) for one in self._look.candidates(slot))
        if not options and self._conversation is not None and _POINTING.match(slot.text):
            return self._pointed(slot, Pronoun(slot.start, slot.end, slot.text, ()))
        return Mention(slot.role, slot, options, pronoun=pronoun is not None and not options)

    def missing(self, role: str, taken: Sequence[tuple[int, int]], idle: frozenset[str]) -> list[Mention]:
        """Find what may fill a role that the model marked nothing for, the likeliest first.

        Pronouns come first; then, in a conversation, what the question leaves out; then the longest names in it.

        Args:
            role: to fill.
            taken: spans of the question that are accounted for.
            idle: words that ask and name nothing here, such as the predicates asked about.
        """
        free = [one for one in self._pronouns if not any(one.start < end and start < one.end for start, end in taken)]
        pointed = [
            self._pointed(Slot(role, one.start, one.end, one.text, 1.0), one, 1.0 if one is not NOTHING else LEFT_OUT)
            for one in (*free, NOTHING)
            if self._conversation is not None
        ]
        found = [mention for mention in pointed if mention.options]
        for candidates in self._look.unmarked(taken, idle)[: self._most]:
            slot = Slot(role, candidates[0].start, candidates[0].end, candidates[0].text, 1.0)
            found.append(Mention(role, slot, tuple(_linked(role, one, 1.0) for one in candidates)))
        return found

    def _pointed(self, slot: Slot, pronoun: Pronoun, factor: float = 1.0) -> Mention:
        """Find what a pronoun points to."""
        assert self._conversation is not None
        meant = antecedents(pronoun, self._conversation, self._names)[: self._most]
        options = tuple(_meant(slot, one, factor) for one in meant)
        return Mention(slot.role, slot, options, pronoun=pronoun is not NOTHING)


def _in_a_name(pronoun: Pronoun, look: Look) -> bool:
    """Tell whether a pronoun is a part of a name that stands in the question."""
    longer = pronoun.end - pronoun.start + 2
    return any(
        place.start <= pronoun.start and pronoun.end <= place.end and place.end - place.start >= longer
        for place in look.places
    )


def _linked(role: str, one: Candidate, probability: float) -> Given:
    return Given(role, (one.name,), one.types, one.how, one.quality, one.text, one.start, one.end, probability)


def _meant(slot: Slot, one: Antecedent, factor: float) -> Given:
    quality = one.quality * factor
    return Given(slot.role, one.names, one.types, "context", quality, slot.text, slot.start, slot.end, slot.probability)
