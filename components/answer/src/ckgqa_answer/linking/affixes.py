"""Words around a name that do not belong to it: articles, words for its type, and forms of address.

电影战狼 (the film 战狼) is 战狼, and 马云先生 (Mr. 马云) is 马云; but 战狼集团 is no word for a film, so it is another
name. The same words tell the shorter name of an organization: 阿里巴巴 of 阿里巴巴集团.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

FORMS_OF_ADDRESS = (
    "先生|女士|小姐|夫人|太太|老师|教授|博士|院士|医生|大夫|律师|同志|师傅|大师|老爷子|校长|院长|董事长|总经理|总裁|总统|总理"
    "|主席|经理|老板|将军|上校|导演|编剧|演员|影帝|影后|歌手|歌星|作家|诗人|画家|明星|艺人|主持人|主播|教练|皇帝|大人|叔叔|阿姨"
    "|哥哥|姐姐|爷爷|奶奶|大哥|大姐|本人|这个人|此人"
)
_WORK_WORDS = (
    "电影|影片|片子|电视剧|电视|连续剧|网剧|剧集|动画片|动画|动漫|漫画|综艺|节目|纪录片|小说|书籍|图书|著作|书|歌曲|单曲|歌"
    "|专辑|唱片|游戏|这部|作品"
)
_WORDS_OF_TYPES = (
    (("人物",), FORMS_OF_ADDRESS),
    (("作品", "影视", "综艺", "图书", "文学", "歌曲", "专辑", "音乐", "游戏"), _WORK_WORDS),
    (("企业", "品牌", "机构"), "公司|企业|品牌|集团|单位|机构|组织"),
    (("学校", "机构"), "学校|大学|高校|院校|学院"),
    (("城市", "地点", "行政区"), "城市|地区|市|省|县"),
    (("国家",), "国家|国"),
    (("景点", "地点"), "景点|景区|旅游区"),
    (("奖项",), "奖项|奖"),
    (("专业",), "专业|学科"),
)
"""Parts of types, and the words for them."""
_ARTICLES = "[那这][部本首个位家所座]|一[部本首个位]|请问|的|了|是|在|里|中|由|和|与|被|把|给|从|对|有|吗|呢|谁"
_ANY = re.compile(f"(?:{_ARTICLES}|{'|'.join(words for _, words in _WORDS_OF_TYPES)})*")
_ADDRESS = re.compile(FORMS_OF_ADDRESS)
LONGEST_AFFIX = 5
"""Characters of the longest word that a mention may cut through."""

# What makes another name of the name before it: a sequel, a school of a university, a branch.
_CONTINUATION = re.compile(
    "附[中小]|附属[\u4e00-\u9fff]{0,4}?(?:中学|小学|医院|学校|幼儿园)|第[二三四五六七八九十2-9][季部]|[二三四五六七八九十]季"
    "|前传|外传|后传|续集|番外篇?|分校|分公司|子公司|分行|Ⅱ|Ⅲ|II+"
    "|[0-9]{1,2}(?![0-9年月日号个部首位届后岁次人家所本张集季点.%万亿元米])"
)
_NEW = "新"
"""The prefix of a remake: 新水浒传 is not 水浒传."""
_BEFORE_A_PREFIX = re.compile("(?:^|[，,。！!？?、：:\\s《“「的])$")

_CORPORATE = "总公司|公司|集团|企业|股份|有限|责任|控股|国际|[(（](?:中国|集团)[)）]"
_BUSINESS = "科技|技术|网络|信息|文化|传媒|影视|影业|实业|投资"
_TYPE_ENDS = (
    re.compile(f"(?:{_CORPORATE})+$"),
    re.compile(f"(?:{_BUSINESS}|{_CORPORATE})+$"),
    re.compile("(?:大学|学院)$"),
)
_PLACES = re.compile(
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃"
    "|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|中国|.*[省市县区国]"
)
_ORGANIZATIONS = ("企业", "品牌", "机构", "学校")
MIN_SHORT_NAME_CHARS = 2


def is_padding(text: str) -> bool:
    """Return whether a text consists of articles, type words and forms of address, of whatever type."""
    return _ANY.fullmatch(text) is not None


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
    pattern = _affixes_of(tuple(types))
    if before:
        starts = range(start, max(0, start - LONGEST_AFFIX) - 1, -1)
        return any(pattern.fullmatch(question, at, end) is not None for at in starts)
    ends = range(end, min(len(question), end + LONGEST_AFFIX) + 1)
    return any(pattern.fullmatch(question, start, at) is not None for at in ends)


def without_address(question: str, start: int, end: int) -> int:
    """Return the end of a mention without the form of address at its end, which the mention may cut through."""
    for match in _ADDRESS.finditer(question, start + MIN_SHORT_NAME_CHARS):
        if match.start() < end <= match.end():
            return match.start()
    return end


def continued_span(question: str, start: int, end: int) -> tuple[int, int]:
    """Extend the span of a name by what makes another name of it, such as 附中, 第二季, 新 or a number."""
    following = _CONTINUATION.match(question, end)
    if question[max(0, start - 1) : start] == _NEW and _BEFORE_A_PREFIX.search(question[: start - 1]):
        start -= 1
    return start, following.end() if following else end


def short_names(name: str, types: Sequence[str]) -> set[str]:
    """Return an organization's name without the words for its type: 小米科技 and 小米 of 小米科技有限公司.

    A rest that is a place's name is left out: 浙江 is not 浙江大学 (Zhejiang University).
    """
    if not any(part in kind for part in _ORGANIZATIONS for kind in types):
        return set()
    ends = (pattern.search(name) for pattern in _TYPE_ENDS)
    rests = {name[: end.start()] for end in ends if end is not None}
    return {rest for rest in rests if len(rest) >= MIN_SHORT_NAME_CHARS and not _PLACES.fullmatch(rest)}


@lru_cache(maxsize=1024)
def _affixes_of(types: tuple[str, ...]) -> re.Pattern[str]:
    words = [
        words for parts, words in _WORDS_OF_TYPES if not types or any(part in kind for part in parts for kind in types)
    ]
    return re.compile(f"(?:{'|'.join([_ARTICLES, *words])})*")
