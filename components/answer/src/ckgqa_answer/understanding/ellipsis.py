"""Elliptical questions: 那张艺谋呢 repeats the previous question about another entity."""

import re
from dataclasses import dataclass

from ckgqa.runtime.intents import Intent
from ckgqa_answer.dialogue.context import Conversation
from ckgqa_answer.linking.lexicon import Lexicon, LexiconMatch
from ckgqa_answer.linking.linker import MentionLinker, match_kind
from ckgqa_answer.linking.normalize import TITLE_MARKS
from ckgqa_answer.understanding.interpretation import Interpretation, RoleFiller

# Words around the name of an elliptical question; they ask for nothing themselves.
_FRAME = re.compile(
    "(?:那么|那|还有|换成|换作|再|看看|问问|说说|一下|如果|要是|假如|若|是|问|对|至于|关于|同样|也|又|呢|的|怎么样|怎样|如何"
    "|什么|情况|的话|，|,|。|？|[?]|！|!|\\s)*"
)
_MARKS = TITLE_MARKS + " ？?。！!"
INTENT_PROBABILITY = 0.98
"""The question does not state its intent; it is that of the previous question."""
ROLE_QUALITY = 0.95
"""Link quality of a name that takes the role of the previous one."""


@dataclass(frozen=True)
class EllipticalQuestion:
    """The meaning of a question that consists of a name; without interpretations if it is not such a question."""

    interpretations: tuple[Interpretation, ...] = ()
    bare_name: str = ""
    """The name, if the question is nothing else and no previous question gives it a meaning."""


def resolve_ellipsis(linker: MentionLinker, conversation: Conversation | None, lexicon: Lexicon) -> EllipticalQuestion:
    """Interpret a question that consists of a name of the graph."""
    match = next((each for each in sorted(linker.matches, key=_by_length) if _is_whole(linker.question, each)), None)
    if match is None:
        return EllipticalQuestion()
    text = linker.question[match.start : match.end]
    repeated = () if conversation is None else _interpretations(text, match, conversation, lexicon)
    alone = not linker.question.strip(_MARKS).removesuffix(text).removeprefix(text)
    return EllipticalQuestion(repeated, text if alone and not repeated else "")


def _by_length(match: LexiconMatch) -> int:
    return match.start - match.end


def _is_whole(question: str, match: LexiconMatch) -> bool:
    """Return whether a question is a name and words that ask for nothing."""
    before, after = question[: match.start].rstrip(_MARKS), question[match.end :].lstrip(_MARKS)
    return _FRAME.fullmatch(before) is not None and _FRAME.fullmatch(after) is not None


def _interpretations(
    text: str, match: LexiconMatch, conversation: Conversation, lexicon: Lexicon
) -> tuple[Interpretation, ...]:
    """Repeat the previous question with the name in a role whose filler had a type in common with it."""
    intent = Intent.parse(conversation.intent)
    repeated = []
    for role, before in conversation.fillers.items():
        types = {kind for name in before for entity in lexicon.lookup(name)[:1] for kind in entity.types}
        others = [
            RoleFiller(other, names, (), "context", ROLE_QUALITY, "", 0, 0, 1.0)
            for other, names in conversation.fillers.items()
            if other != role
        ]
        for entity in match.entities:
            if not types or not entity.types or types & set(entity.types):
                filler = RoleFiller(
                    role,
                    (entity.name,),
                    entity.types,
                    match_kind(entity),
                    ROLE_QUALITY,
                    text,
                    match.start,
                    match.end,
                    1.0,
                )
                repeated.append(Interpretation(intent, (filler, *others), INTENT_PROBABILITY, 1.0))
    return tuple(repeated)
