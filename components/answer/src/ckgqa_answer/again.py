"""Questions that are nothing but a name: 那张艺谋呢 asks of another name what was asked before."""

import re
from dataclasses import dataclass

from ckgqa.runtime.intents import Intent
from ckgqa_answer.context import Conversation
from ckgqa_answer.folding import TITLE_MARKS
from ckgqa_answer.linking import How, Look
from ckgqa_answer.names import Known, Names
from ckgqa_answer.readings import Given, Reading

_FRAME = re.compile(r"(?:那么|那|还有|换成)?[，,\s]*(?P<name>.+?)(?:的)?(?P<and>呢)?[？?。！!\s]*")
_MARKS = TITLE_MARKS + " "
CERTAIN = 0.98
"""Probability of the intent, which the question does not say at all; it is that of the question before."""
SAME = 0.95
"""How well the roles fit: the name stands where the one before stood."""


@dataclass(frozen=True)
class Again:
    """What a question that is nothing but a name may mean."""

    readings: tuple[Reading, ...] = ()
    lone: str = ""
    """The name, where nothing was asked before that it could go with."""


def same_again(look: Look, conversation: Conversation | None, names: Names) -> Again:
    """Read a question that is nothing but a name of the graph; anything else has no reading here."""
    frame = _FRAME.fullmatch(look.question)
    if frame is None:
        return Again()
    start, end = frame.span("name")
    filling = (place.known for place in look.places if _fills(look.question, (place.start, place.end), (start, end)))
    known = next(filling, ())
    if not known:
        return Again()
    found = () if conversation is None else _readings(look.question, (start, end), known, conversation, names)
    return Again(found, "" if found or frame["and"] else look.question[start:end].strip(_MARKS))


def _fills(question: str, name: tuple[int, int], span: tuple[int, int]) -> bool:
    """Tell whether a name fills a span, but for title marks and quotation marks."""
    rest = question[span[0] : name[0]] + question[name[1] : span[1]]
    return name[0] >= span[0] and name[1] <= span[1] and not rest.strip(_MARKS)


def _readings(
    question: str, span: tuple[int, int], known: tuple[Known, ...], conversation: Conversation, names: Names
) -> tuple[Reading, ...]:
    """Put the name where one of like kind stood in the question before."""
    intent = Intent.parse(conversation.intent)
    found = []
    for role, before in conversation.given.items():
        types = {kind for name in before for one in names.called(name)[:1] for kind in one.types}
        for one in known:
            if types and one.types and not types & set(one.types):
                continue
            how: How = "alias" if one.alias else "exact"
            text = question[slice(*span)]
            given = [
                Given(other, kept, (), "context", SAME, "", 0, 0, 1.0)
                for other, kept in conversation.given.items()
                if other != role
            ]
            new = Given(role, (one.name,), one.types, how, SAME, text, *span, 1.0)
            found.append(Reading(intent, (new, *given), CERTAIN, 1.0))
    return tuple(found)
