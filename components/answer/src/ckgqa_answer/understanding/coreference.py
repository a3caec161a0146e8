"""Coreference in a conversation: what 他 (he), 它 (it), 这部电影 (this film) or an omitted name refers to.

The last answer is the likeliest antecedent, then the entities of the question. A pronoun restricts the type of its
antecedent, and 他 or 她 exclude one of two spouses or parents. If two candidates remain, the graph decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent
from ckgqa_answer.dialogue.context import Conversation
from ckgqa_answer.linking.lexicon import Lexicon

ANSWERED, ASKED_ABOUT, ONE_OF_SEVERAL = 1.0, 0.9, 0.8
"""Quality of an antecedent that is the last answer, one that the question named, and the first of several answers."""
RENAMED = 0.6
"""Quality of an answer that is another name of the entity in the question."""
LATER_PENALTY = 0.7
"""Factor for an antecedent if another one fits too and comes first."""
PERSON, THING = "人物", ""

# Nouns after a demonstrative, and the parts of types that they mean.
_NOUNS = {
    "电影|影片|片子|片|电视剧|连续剧|剧集|剧|戏|动画片|动画|动漫|综艺|节目|作品": ("影视", "综艺", "作品"),
    "书|小说|著作|作品|故事": ("图书", "文学", "作品"),
    "歌曲|歌|曲子|曲|单曲": ("歌曲",),
    "专辑|唱片": ("专辑",),
    "公司|企业|品牌|牌子|集团|机构|单位": ("企业", "品牌", "机构"),
    "学校|大学|高校|院校|校": ("学校", "机构"),
    "国家|国": ("国家",),
    "城市|地方|地区|地|城|景点|景区|省|县|镇": ("城市", "地点", "行政区", "景点"),
    "人物|人|演员|导演|歌手|作家|明星|艺人|作者|主持人|先生|女士|男人|女人|皇帝": (PERSON,),
    "专业|学科": ("专业",),
    "奖项|奖": ("奖项",),
}
_ALL_NOUNS = "|".join(sorted({noun for nouns in _NOUNS for noun in nouns.split("|")}, key=len, reverse=True))
_MEASURES = "[部本首家所个位座张只种门名支集档片届项]"
_PRONOUN = re.compile(
    rf"(?P<company>[他她它]们(?:公司|家|单位|学校))|(?P<person>[他她]们?|此人|其人|[这那]位(?!置|于))"
    rf"|(?P<thing>[它牠]们?|[这那](?:里|儿)|当地|此[地处])"
    # 那主持人呢 has no pronoun: it asks about the host.
    rf"|(?:[这那](?P<many>些|几)一?{_MEASURES}?|[这那]一?{_MEASURES}|[这该本此]{_MEASURES}?)(?P<noun>{_ALL_NOUNS})"
)
# Roles whose filler is a woman, and roles whose filler is a man.
_WOMEN = frozenset({("妻子", VALUE), ("母亲", VALUE), ("丈夫", SUBJECT)})
_MEN = frozenset({("丈夫", VALUE), ("父亲", VALUE), ("妻子", SUBJECT)})
_OTHER_NAMES = frozenset((predicate, VALUE) for predicate in ("简称", "号", "字", "别名", "又名", "曾用名", "外文名"))


@dataclass(frozen=True)
class Pronoun:
    """A span of a question that refers to an entity."""

    start: int
    end: int
    text: str
    kinds: tuple[str, ...]
    """Parts of the types that fit; `THING` is everything but a person, an empty tuple anything."""
    plural: bool = False
    """Whether it refers to all answers."""

    def fits(self, types: tuple[str, ...]) -> bool:
        """Return whether the pronoun can refer to an entity of these types; one without a type always fits."""
        if not self.kinds or not types:
            return True
        if self.kinds == (THING,):
            return any(PERSON not in kind for kind in types)
        return any(part in kind for part in self.kinds for kind in types)


@dataclass(frozen=True)
class Antecedent:
    """The entity, or the entities together, that a pronoun may refer to."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    quality: float


OMITTED = Pronoun(0, 0, "", ())
"""The pronoun of a question that omits the name, such as 妻子呢 (and the wife?)."""


def find_pronouns(question: str) -> list[Pronoun]:
    """Find the pronouns of a question, in order."""
    return [_pronoun(match) for match in _PRONOUN.finditer(question)]


def antecedents(pronoun: Pronoun, conversation: Conversation, lexicon: Lexicon) -> list[Antecedent]:
    """Return what a pronoun may refer to, the likeliest first."""
    found: list[Antecedent] = []
    for names, quality, gender in sorted(_mentioned(pronoun, conversation), key=lambda candidate: -candidate[1]):
        types = tuple(
            dict.fromkeys(kind for name in names for entity in lexicon.lookup(name)[:1] for kind in entity.types)
        )
        known = names in [antecedent.names for antecedent in found]
        if pronoun.fits(types) and not _excluded(pronoun.text, gender) and not known:
            later = bool(found and pronoun is not OMITTED)
            found.append(Antecedent(names, types, quality * LATER_PENALTY**later))
    return found


def _pronoun(match: re.Match[str]) -> Pronoun:
    text = match.group()
    kinds: tuple[str, ...] = (THING,)
    if match["company"]:
        return Pronoun(match.start(), match.end(), text, kinds)
    if match["person"]:
        kinds = (PERSON,)
    elif noun := match["noun"]:
        kinds = tuple(part for nouns, parts in _NOUNS.items() if noun in nouns.split("|") for part in parts)
    return Pronoun(match.start(), match.end(), text, kinds, "们" in text or bool(match["many"]))


def _mentioned(pronoun: Pronoun, conversation: Conversation) -> Iterator[tuple[tuple[str, ...], float, str]]:
    """Yield names, their quality, and 她 or 他 if the previous question implies which."""
    chain = Intent.parse(conversation.intent).chain
    if pronoun.plural and len(conversation.answers) > 1:
        yield conversation.answers, ANSWERED, ""
    elif conversation.answers:
        quality = ANSWERED if len(conversation.answers) == 1 and conversation.complete else ONE_OF_SEVERAL
        renamed = bool(chain) and (chain[-1].predicate, chain[-1].asked) in _OTHER_NAMES
        gender = _gender(chain[-1].predicate, chain[-1].asked) if chain else ""
        yield conversation.answers[:1], RENAMED if renamed else quality, gender
    for role, names in conversation.fillers.items():
        yield names, ASKED_ABOUT, _gender(chain[0].predicate, role) if chain else ""


def _gender(predicate: str, role: str) -> str:
    return "她" if (predicate, role) in _WOMEN else "他" if (predicate, role) in _MEN else ""


def _excluded(text: str, gender: str) -> bool:
    """Return whether a pronoun cannot refer to somebody of this gender."""
    return text in {"他", "她"} and gender not in {"", text}
