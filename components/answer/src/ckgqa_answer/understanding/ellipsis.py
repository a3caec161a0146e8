"""Elliptical questions: 那张艺谋呢 repeats the previous question about another entity, 都有哪些 asks for its list."""

import re
from dataclasses import dataclass

from ckgqa.runtime.intents import Intent
from ckgqa_answer.dialogue.context import Conversation
from ckgqa_answer.linking.affixes import repeated_words
from ckgqa_answer.linking.lexicon import Lexicon, LexiconMatch
from ckgqa_answer.linking.linker import MentionLinker, match_kind
from ckgqa_answer.linking.normalize import TITLE_MARKS
from ckgqa_answer.understanding.interpretation import Interpretation, RoleFiller

# Words around the name of an elliptical question; they ask for nothing themselves.
_FRAME = repeated_words(
    "那么|那|还有|换成|换作|再|看看|问问|说说|一下|如果|要是|假如|若|是|问|对|至于|关于|同样|也|又|呢|的话|的|怎么样|怎样|如何|什么|情况"
    r"|，|,|。|？|[?]|！|!|\s"
)
# A question of these words alone asks for the list of what the previous question was about.
_LISTING = repeated_words(
    "那么|那|请问|请|能不能|能|可以|麻烦|给我|帮我|告诉我|说说|说一下|说|看看|列举|列出来|列出|列个|列|清单|都|一共|总共|分别|具体|详细|依次|各自"
    "|各|又|还|全部|所有|是|有|叫|包括|指|来|一下|哪[几一二两三四五六七八九十0-9]*[个部首本位张家所座种项条些]?|几[个部首本位张家所座种项条]"
    "|电影|片子|歌曲|歌|书|作品|节目|角色|奖项|奖|学校|公司|国家|城市|地方|人|什么|谁|啥|名字|名单|名称|他们|它们|她们|这些|那些|的|了|呢|啊|呀"
    r"|吗|吧|谢谢|，|,|。|？|[?]|！|!|\s"
)
_LISTS = re.compile(
    "哪[些几一二两三四五六七八九十0-9]|列|名单|清单|依次|分别|具体|都|(?:是|有|叫|指|包括)(?:谁|什么|啥)"
)
_ASKS = re.compile("哪|什么|谁|啥|列|名[字单称]|清单|说")
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
    repeats_nothing: bool = False
    """Whether the question repeats one that was not fully understood, so that its list would answer another."""


def resolve_ellipsis(linker: MentionLinker, conversation: Conversation | None, lexicon: Lexicon) -> EllipticalQuestion:
    """Interpret a question that consists of a name of the graph, or that asks for the list of the question before."""
    if conversation is not None and is_listing(linker.question):
        again = repeated(conversation)
        return EllipticalQuestion(again, repeats_nothing=not again)
    match = next((each for each in sorted(linker.matches, key=_by_length) if _is_whole(linker.question, each)), None)
    if match is None:
        return EllipticalQuestion()
    text = linker.question[match.start : match.end]
    about_another = () if conversation is None else _interpretations(text, match, conversation, lexicon)
    alone = not linker.question.strip(_MARKS).removesuffix(text).removeprefix(text)
    incomplete = conversation is not None and not Intent.parse(conversation.intent).chain
    bare = (alone or incomplete) and not about_another
    return EllipticalQuestion(about_another, match.entities[0].name if bare else "")


def is_listing(question: str) -> bool:
    """Return whether a question asks for the list of what the previous question was about, such as 都有哪些."""
    return all((_LISTING.fullmatch(question), _ASKS.search(question), _LISTS.search(question)))


def repeated(conversation: Conversation, probability: float = INTENT_PROBABILITY) -> tuple[Interpretation, ...]:
    """Repeat the previous question as one for a list.

    Args:
        conversation: the state before the question.
        probability: that this is meant.
    """
    chain = Intent.parse(conversation.intent).chain
    fillers = tuple(
        RoleFiller(role, names, (), "context", ROLE_QUALITY, "", 0, 0, 1.0)
        for role, names in conversation.fillers.items()
        if not chain or role != chain[0].asked
    )
    if not chain or not fillers:
        return ()
    return (Interpretation(Intent("list", chain), fillers, probability, 1.0, kept_intent=True),)


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
    if not intent.chain:
        return ()
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
