"""Questions that are nothing but a name: 那张艺谋呢 asks of another name what was asked before."""

import re
from dataclasses import dataclass

from ckgqa.runtime.intents import Intent
from ckgqa_answer.context import Conversation
from ckgqa_answer.folding import TITLE_MARKS
from ckgqa_answer.linking import How, Look
from ckgqa_answer.names import Names, Place
from ckgqa_answer.readings import Given, Reading

# What goes round a name in such a question, and asks for nothing itself.
_FRAME = re.compile(
    "(?:那么|那|还有|换成|换作|再|看看|问问|说说|一下|如果|要是|假如|若|是|问|对|至于|关于|同样|也|又|呢|的|怎么样|怎样|如何"
    "|什么|情况|的话|，|,|。|？|[?]|！|!|\\s)*"
)
_MARKS = TITLE_MARKS + " ？?。！!"
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
    place = next((one for one in sorted(look.places, key=_length) if _is_all(look.question, one)), None)
    if place is None:
        return Again()
    text = look.question[place.start : place.end]
    found = () if conversation is None else _readings(text, place, conversation, names)
    alone = not look.question.strip(_MARKS).removesuffix(text).removeprefix(text)
    return Again(found, text if alone and not found else "")


def _length(place: Place) -> int:
    return place.start - place.end


def _is_all(question: str, place: Place) -> bool:
    """Tell whether a question is a name and nothing that asks."""
    before, behind = question[: place.start].rstrip(_MARKS), question[place.end :].lstrip(_MARKS)
    return _FRAME.fullmatch(before) is not None and _FRAME.fullmatch(behind) is not None


def _readings(text: str, place: Place, conversation: Conversation, names: Names) -> tuple[Reading, ...]:
    """Put the name where one of like kind stood in the question before."""
    intent = Intent.parse(conversation.intent)
    found = []
    for role, before in conversation.given.items():
        types = {kind for name in before for one in names.called(name)[:1] for kind in one.types}
        kept = [
            Given(other, named, (), "context", SAME, "", 0, 0, 1.0)
            for other, named in conversation.given.items()
            if other != role
        ]
        for one in place.known:
            if not types or not one.types or types & set(one.types):
                how: How = "alias" if one.alias else "exact"
                new = Given(role, (one.name,), one.types, how, SAME, text, place.start, place.end, 1.0)
                found.append(Reading(intent, (new, *kept), CERTAIN, 1.0))
    return tuple(found)
