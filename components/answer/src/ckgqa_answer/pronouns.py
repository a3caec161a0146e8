"""What 他 (he), 它 (it), 这部电影 (this film) or nothing at all stands for, in a conversation.

What was found last comes first, then what was asked about. A pronoun says of which kind its name is, and 他 or 她 which
of two spouses or parents it cannot be. Where two names remain, the graph decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent
from ckgqa_answer.context import Conversation
from ckgqa_answer.names import Names

FOUND, ASKED_ABOUT, ONE_OF_SEVERAL = 1.0, 0.9, 0.8
"""How well what was found fits, what was asked about, and the first of several that were found."""
RENAMED = 0.6
"""How well what was found fits where it is another name of what was asked about."""
BEHIND = 0.7
"""What a name keeps where another one fits as well and comes first."""
PERSON, THING = "人物", ""

# The nouns that a demonstrative goes with, and parts of the types that they mean.
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
    # 那主持人呢 is no pronoun: it asks about the host.
    rf"|(?:[这那](?P<many>些|几)一?{_MEASURES}?|[这那]一?{_MEASURES}|[这该本此]{_MEASURES}?)(?P<noun>{_ALL_NOUNS})"
)
# Who is a woman, and who a man, in these facts.
_WOMEN = frozenset({("妻子", VALUE), ("母亲", VALUE), ("丈夫", SUBJECT)})
_OTHER_NAMES = frozenset((one, VALUE) for one in ("简称", "号", "字", "别名", "又名", "曾用名", "外文名"))
_MEN = frozenset({("丈夫", VALUE), ("父亲", VALUE), ("妻子", SUBJECT)})


@dataclass(frozen=True)
class Pronoun:
    """A place in a question that stands for a name."""

    start: int
    end: int
    text: str
    kinds: tuple[str, ...]
    """Parts of the types that fit; `THING` is whatever is no person, none at all is anything."""
    several: bool = False
    """Whether it stands for all that was found."""

    def fits(self, types: tuple[str, ...]) -> bool:
        """Tell whether something of these types is meant; of what has no type, anything may be."""
        if not self.kinds or not types:
            return True
        if self.kinds == (THING,):
            return any(PERSON not in kind for kind in types)
        return any(part in kind for part in self.kinds for kind in types)


@dataclass(frozen=True)
class Antecedent:
    """The name, or the names together, that a pronoun may stand for."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    quality: float


NOTHING = Pronoun(0, 0, "", ())
"""Stands where a question such as 妻子呢 (and the wife?) leaves the name out."""


def find_pronouns(question: str) -> list[Pronoun]:
    """Find the pronouns of a question, in order."""
    return [_pronoun(found) for found in _PRONOUN.finditer(question)]


def antecedents(pronoun: Pronoun, conversation: Conversation, names: Names) -> list[Antecedent]:
    """Give what a pronoun may stand for, the likeliest first."""
    found: list[Antecedent] = []
    for meant, quality, sex in sorted(_remembered(pronoun, conversation), key=lambda one: -one[1]):
        types = tuple(dict.fromkeys(kind for name in meant for known in names.called(name)[:1] for kind in known.types))
        if pronoun.fits(types) and not _excluded(pronoun.text, sex) and meant not in [one.names for one in found]:
            found.append(Antecedent(meant, types, quality * BEHIND ** bool(found and pronoun is not NOTHING)))
    return found


def _pronoun(found: re.Match[str]) -> Pronoun:
    text = found.group()
    kinds: tuple[str, ...] = (THING,)
    if found["company"]:
        return Pronoun(found.start(), found.end(), text, kinds)
    if found["person"]:
        kinds = (PERSON,)
    elif noun := found["noun"]:
        kinds = tuple(part for nouns, parts in _NOUNS.items() if noun in nouns.split("|") for part in parts)
    return Pronoun(found.start(), found.end(), text, kinds, "们" in text or bool(found["many"]))


def _remembered(pronoun: Pronoun, conversation: Conversation) -> Iterator[tuple[tuple[str, ...], float, str]]:
    """Give names, how well they fit, and 她 or 他 where the question before says which."""
    chain = Intent.parse(conversation.intent).chain
    if pronoun.several and len(conversation.found) > 1:
        yield conversation.found, FOUND, ""
    elif conversation.found:
        quality = FOUND if len(conversation.found) == 1 and conversation.complete else ONE_OF_SEVERAL
        # Another name of what was asked about is no new thing to talk of.
        renamed = bool(chain) and (chain[-1].predicate, chain[-1].asked) in _OTHER_NAMES
        sex = _sex(chain[-1].predicate, chain[-1].asked) if chain else ""
        yield conversation.found[:1], RENAMED if renamed else quality, sex
    for role, meant in conversation.given.items():
        yield meant, ASKED_ABOUT, _sex(chain[0].predicate, role) if chain else ""


def _sex(predicate: str, role: str) -> str:
    return "她" if (predicate, role) in _WOMEN else "他" if (predicate, role) in _MEN else ""


def _excluded(text: str, sex: str) -> bool:
    """Tell whether a pronoun cannot mean somebody of this sex."""
    return text in {"他", "她"} and sex not in {"", text}
