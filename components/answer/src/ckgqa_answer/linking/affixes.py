"""Words around a name that do not belong to it, and words that make another name of it.

电影战狼 (the film 战狼) is 战狼, and 马云先生 (Mr. 马云) is 马云; but 战狼集团 is no word for a film, so it is another
name. The words for an organization also tell its shorter name: 阿里巴巴 of 阿里巴巴集团. Behind a known name, 附中 (the
school of a university), 第二季 (the second season) or a number make another name.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

FORMS_OF_ADDRESS = (
    "先生|女士|小姐|夫人|太太|老师|教授|博士|院士|医生|大夫|律师|同志|师傅|大师|校长|院长|董事长|总经理|总裁|总统|总理|主席|经理|老板"
    "|将军|上校|叔叔|阿姨|大哥|大姐|影帝|影后|教练|皇帝|大人"
)
_OCCUPATIONS = "导演|编剧|演员|歌手|歌星|作家|诗人|画家|明星|艺人|主持人|主播|制片人|企业家|科学家|这个人|本人"


class _TypeWords(NamedTuple):
    """The words for some types, which stand beside a name without belonging to it."""

    parts: tuple[str, ...]
    """Parts of the types."""
    words: str
    """Words that may stand before a name and behind it."""
    before: str = ""
    """Words that only stand before a name."""
    behind: str = ""
    """Words that only stand behind it: 市 or 县 would make another place there."""


_WORDS_OF_TYPES = (
    _TypeWords(("人物",), f"{FORMS_OF_ADDRESS}|{_OCCUPATIONS}"),
    _TypeWords(
        ("作品", "影视", "综艺", "图书", "文学", "歌曲", "专辑", "音乐", "游戏"),
        "电影|影片|电视剧|连续剧|剧集|动画片|综艺|节目|小说|歌曲|专辑",
        before="片子|电视|网剧|动画|动漫|漫画|纪录片|书籍|图书|著作|书|单曲|歌|唱片|游戏|作品",
        behind="这首歌|这部电影|这本书|这部剧",
    ),
    _TypeWords(("企业", "品牌", "机构"), "公司|企业|品牌|集团|单位|机构|组织"),
    _TypeWords(("学校", "机构"), "学校|大学|高校|院校"),
    _TypeWords(("城市", "地点", "行政区"), "城市|地区"),
    _TypeWords(("国家",), "国家"),
    _TypeWords(("景点", "地点"), "景点|景区", behind="旅游区"),
    _TypeWords(("奖项",), "奖项", behind="奖"),
    _TypeWords(("专业",), "专业|学科"),
)
_BEFORE = "[那这][部本首个位家所座]|一[部本首个位]|请问|的|了|是|在|由|和|与|被|给|从|对|有|把"
_BEHIND = "的|是|里|中|在|了|吗|呢|有|谁|[那这][部本首个位家所座]"
_BEHIND_PERSONS = "的|是|在|吗|呢|谁"
_GENERAL = "里|中|吗|呢|谁"
_PERSON = "人物"
LONGEST_AFFIX = 5
"""Characters of the longest word that a mention may cut through."""

_WORK_CONTINUATION = re.compile(
    r"[\s·•:：（(]*(?:第[\s]*[二三四五六七八九十百\d]+[\s]*[季部集版]|[二三四五六七八九十]季|前传|外传|后传|续集|番外篇?|剧场版"
    r"|[上下]部|\d{4}年?版|Ⅱ|Ⅲ|Ⅳ|(?:III|II|IV|iii|ii|iv)(?![A-Za-z])|[二三四五六七八九十](?=[的是呢吗？?]|谁|$)"
    r"|\d{1,2}(?![\d\s]*[年月日号个部首位届后岁次人家所本张集季大点.%万亿元米]|\d))"
)
_ORGANIZATION_CONTINUATION = re.compile(
    "附[中小]|附属[\u4e00-\u9fff]{0,6}?(?:中学|小学|医院|学校|幼儿园)|[\u4e00-\u9fff]{0,4}?分(?:校|公司|行|部|院)|子公司|出版社"
    "|[\u4e00-\u9fff]{0,3}?(?:医学院|研究生院|商学院|法学院|研究院|校区)"
)
_NEW = "新"
"""The prefix of a remake: 新水浒传 is not 水浒传."""
_NOT_BEFORE_NEW = re.compile("[最全重崭创更刚翻清]$")
"""What makes 新 a part of another word: 最新 (the newest)."""
_ORGANIZATIONS = ("企业", "品牌", "机构", "学校")
_WORKS = ("作品", "影视", "综艺", "图书", "文学", "歌曲", "专辑", "游戏")

_CORPORATE = "总公司|公司|集团|企业|股份|有限|责任|控股|国际|[(（](?:中国|集团)[)）]"
_BUSINESS = "科技|技术|网络|信息|文化|传媒|影视|影业|实业|投资|计算机系统"
_TYPE_ENDS = (
    re.compile(f"(?:{_CORPORATE})+$"),
    re.compile(f"(?:{_BUSINESS}|{_CORPORATE})+$"),
    re.compile("(?:大学|学院)$"),
)
# Provinces, and the cities that universities are named for.
_PLACES = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃"
    "|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|中国|深圳|武汉|南京|厦门|苏州|扬州|郑州|兰州|宁波|青岛|烟台|汕头|温州|贵阳|南昌"
    "|合肥|广州|杭州|成都|西安|长春|长沙|沈阳|大连|哈尔滨|石家庄|太原|南宁|海口|昆明|银川|西宁|济南|福州|无锡|常州|徐州|绍兴|嘉兴|湖州"
    "|台州|佛山|东莞|珠海|中山|惠州|湛江|延安|洛阳|开封|桂林|大理|延边|吉首|井冈山|赣州|九江|宜春|湘潭|衡阳|三峡|长江|黄河|江汉|襄阳"
    "|荆州|鲁东|聊城|临沂|德州|泰山|潍坊|济宁|滨州|渤海|燕山|保定|邯郸|唐山|大同|锦州|佳木斯|齐齐哈尔|牡丹江|通化|安庆|阜阳|淮北|芜湖"
    "|黄山|池州|宿州|泉州|莆田|三明|龙岩|武夷|遵义|铜仁|曲靖|玉溪|红河|西昌|绵阳|宜宾|内江|华北|华东|华南|华中|东北|西北|西南|东南"
)
_NO_SHORT_NAME = re.compile(
    f"{_PLACES}|.*[省市县区国]|(?:外国语|师范|音乐|电影|理工|工业|农业|医科|交通|财经|政法|民族|体育|美术|戏剧|海洋|石油|矿业|地质|林业"
    f"|中医药|人民|国防|工程|职业|技术|中央|开放|{_BUSINESS})+"
)
_PLACE_BEFORE = re.compile(f"^(?:{_PLACES})市?(?=..)")
MIN_SHORT_NAME_CHARS = 2


def is_padding(text: str) -> bool:
    """Return whether a text consists of articles, type words and forms of address, of whatever type."""
    return _any_affix().fullmatch(text) is not None


def is_affix_of(types: Sequence[str], question: str, start: int, end: int, *, before: bool) -> bool:
    """Return whether a span beside a name consists of words that do not belong to it.

    A word that the span cuts through counts whole: 先 of 先生 (Mr.).

    Args:
        types: of the name's entity; without one, the words of every type count.
        question: the question.
        start: position of the span's first character.
        end: position behind its last character.
        before: whether the span stands before the name; otherwise it stands behind it.
    """
    pattern = _affixes_of(tuple(types), before)
    if before:
        starts = range(start, max(0, start - LONGEST_AFFIX) - 1, -1)
        return any(pattern.fullmatch(question, at, end) is not None for at in starts)
    ends = range(end, min(len(question), end + LONGEST_AFFIX) + 1)
    return any(pattern.fullmatch(question, start, at) is not None for at in ends)


def without_address(question: str, start: int, end: int) -> int:
    """Return the end of a mention without the form of address at its end, which the mention may cut through."""
    for match in re.finditer(FORMS_OF_ADDRESS, question):
        if start + MIN_SHORT_NAME_CHARS <= match.start() < end <= match.end():
            return match.start()
    return end


def continued_span(question: str, start: int, end: int, types: Iterable[str]) -> tuple[int, int]:
    """Extend the span of a known name by what makes another name of it.

    Args:
        question: the question.
        start: position of the name's first character.
        end: position behind its last character.
        types: of all entities of this name; a person or a place has no sequels and no branches.
    """
    kinds = list(types)
    if any(_PERSON in kind for kind in kinds):
        return start, end
    is_work, is_organization = (_is_one_of(parts, kinds) for parts in (_WORKS, _ORGANIZATIONS))
    following = (is_work and _WORK_CONTINUATION.match(question, end)) or (
        is_organization and _ORGANIZATION_CONTINUATION.match(question, end)
    )
    is_new = question[max(0, start - 1) : start] == _NEW and not _NOT_BEFORE_NEW.search(question[: start - 1])
    return start - 1 if is_new and (is_work or is_organization) else start, following.end() if following else end


def short_names(name: str, types: Sequence[str]) -> set[str]:
    """Return an organization's name without the words for its type: 小米科技 and 小米 of 北京小米科技有限公司.

    A rest that is a place's name or a common word is left out: 浙江 is not 浙江大学 (Zhejiang University).
    """
    if not _is_one_of(_ORGANIZATIONS, types):
        return set()
    ends = [pattern.search(name) for pattern in _TYPE_ENDS]
    rests = {name[: end.start()] for end in ends if end is not None}
    company = {name[: end.start()] for end in ends[:2] if end is not None}
    rests |= {_PLACE_BEFORE.sub("", rest) for rest in company}
    return {rest for rest in rests if len(rest) >= MIN_SHORT_NAME_CHARS and not _NO_SHORT_NAME.fullmatch(rest)}


def _is_one_of(parts: Sequence[str], types: Iterable[str]) -> bool:
    return any(part in kind for kind in types for part in parts)


@lru_cache(maxsize=1024)
def _affixes_of(types: tuple[str, ...], before: bool) -> re.Pattern[str]:
    of_types = [each for each in _WORDS_OF_TYPES if not types or _is_one_of(each.parts, types)]
    words = [word for each in of_types for word in (each.words, each.before if before else each.behind)]
    articles = _BEFORE if before else _BEHIND_PERSONS if _is_one_of([_PERSON], types) else _BEHIND
    return repeated_words(articles, *words)


@lru_cache(maxsize=1)
def _any_affix() -> re.Pattern[str]:
    return repeated_words(_BEFORE, _GENERAL, *(word for each in _WORDS_OF_TYPES for word in (each.words, each.before)))


def repeated_words(*words: str) -> re.Pattern[str]:
    """Compile a repetition of words, the longest first; possessive, since backtracking would take exponential time.

    Args:
        words: patterns of words, separated by `|`, which no group or character set may hold.
    """
    single = {word for alternatives in words for word in alternatives.split("|") if word}
    return re.compile(f"(?:{'|'.join(sorted(single, key=lambda word: (-len(word), word)))})*+")
