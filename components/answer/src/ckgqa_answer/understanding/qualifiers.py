"""Qualifiers of a question that no query expresses: not, except, the first, the most, in a year, more than, only.

A question with one is not answered as if it stood there without it. Each kind has one pattern here, so that a kind that
a later version can answer is removed in one place. Names are masked first: 不能说的秘密 (a film) is no negation.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

QualifierKind = Literal["negation", "exception", "ordinal", "superlative", "time", "comparison", "restriction"]

_NAME = "\ufffc"
"""Stands for each character of a name."""
_MASKED = "\ufffd"
"""Stands for each character of a phrase that only looks like a qualifier."""
_NUMERAL = "[一二三四五六七八九十百千壹贰叁0-9]"
_NAME_FOLLOWS = rf"(?=[\s《“「]*{_NAME})"
_END = rf"(?=[呢啊呀吧了]?(?:[^\w{_NAME}《“「]|$))"
_MEASURE = "[部首本张个位任次季集届名篇代支档所家款期场]"
_UNIT = "[\u4e00-\u9fff%％]{0,4}?"
_MORE = "[多少早晚高低大小长短强好老年新快远]"

# Phrases that only look like qualifiers: questions of the form A-not-A, the particle at the end of a clause that says
# what happened (他得过什么奖没有), and what people say of themselves (我不知道, 记不清了).
_PHRASES = re.compile(
    rf"(?P<verb>[^{_NAME}，。])[不没](?P=verb)|不{_END}"
    r"|(?:不|没有?|没能)(?:太|怎么|大|很|再|能|是很)?(?:人|谁)?(?:知道|知|晓得|清楚|记得|记|想起|想到|查|找|搜|懂|明白|搞|弄"
    r"|听|了解|确定|认识|见过|看|读过?|注意|好意思|熟|敢|错|管|论|妨|客气|事|关系|问题|办法|印象|胜|吝|会吧)"
    r"|[记想查找搜分搞弄说看听读认猜拿]得?不(?:清|起|到|出|得|懂|明白|了|全|准|着)"
    r"|差不多|了不起|不得了|要不|对不起|不如|不过|不仅|不但|不同|不一样|没准|不朽|不锈|不少(?!于)|不知|不尽"
    r"|除了?(?:[本原]?名字?|名和字)(?:和字)?|第一[首部集]到|最后(?=嫁|娶|跟|和|与|把|赢|的赢|由|被|收|卖|破)|最早(?=是?(?:由|被)|是谁)"
    r"|最初(?=是?(?:由|被)|是谁)|最终(?=票房|由|被|嫁|娶)|最先登|最(?:大|高)的?(?:官|领导|股东|老板|负责人|点|处|峰)"
    r"|最重要的人物|(?:篇幅|戏份|着墨)最[多重]的?(?=人|角色|是)|(?<=谁)最有名|最有话语权|最佳|最好(?=告诉|能)"
    r"|不是这[个样]|首次|没拍之?前|(?:另一个|别的|其他)(?=名[字称号]|称|叫|外号)|目前|比(?=赛|如|喻|较|利时|基尼|亚迪)"
)
_RHETORICAL = re.compile(r"(?:难道|可)?不(?:就|也)?是(?=.*[吗么吧嘛](?:\W|$))")
_INDEED = "难道"
"""Makes every 不是 of a question a rhetorical one: 难道红楼梦不是曹雪芹写的 (surely it is)."""
_ISNT = re.compile("不(?:就|也)?是")
# A particle only where the clause says what happened, or asks for nothing else: 他得过什么奖没有, 是他演的没有.
_PARTICLE = re.compile(rf"没有?{_END}")
_ASPECT = re.compile("[过了到完着]")
_QUESTION_WORD = re.compile("哪|谁|什么|几[个部首本位]|多少")

_PATTERNS: dict[QualifierKind, re.Pattern[str]] = {
    "negation": re.compile(
        rf"(?:并|绝|从来|从|都|还|又)?(?:不(?:是|在|属于|包括|包含|算|由|叫|会|曾)?|[没沒]有?|未曾?(?![来名知央婚])|非{_NAME_FOLLOWS}"
        rf"|无{_NAME_FOLLOWS}|缺少)"
    ),
    "exception": re.compile(
        rf"除(?:了|开|去|掉|却|{_NAME_FOLLOWS})|抛开|撇开|(?:以|之)外|此外|其[他它余]|剩下的?|别的|另外?[一几]?{_MEASURE}|另外的"
    ),
    "ordinal": re.compile(
        rf"第\s*{_NUMERAL}+\s*{_MEASURE}?|(?<![几少一两0-9])首[部首张个位支任次本套届季集款期]|[头前]{_NUMERAL}+[部首张个名位任届季集代]"
        rf"|[上下]一{_MEASURE}|处女作|倒数|排名"
    ),
    "superlative": re.compile("最(?:[\u4e00-\u9fff]{1,2}(?=的|[^\u4e00-\u9fff]|$)|[\u4e00-\u9fff])|之最"),
    "time": re.compile(
        r"(?:[12][0-9]{3}|(?<![0-9])[0-9]{2})\s*年代?(?:以?[前后来内]|之[前后间]|间|初|末|底)?"
        r"|(?<![0-9])(?:19|20)[0-9]{2}(?:[-/.][0-9]{1,2}){0,2}(?![0-9]|\s*[万亿元米人个部首])|[〇零一二三四五六七八九]{2,4}年代?"
        r"|[二三四五六七八九]十年代|[去今前明]年|近[几两三五十0-9]*些?年来?|近期|[早前中后晚]期|早年|晚年(?!自?号)|最近|[上本]个?世纪|[0-9一二十]{1,3}世纪"
        r"|[0-9]{1,2}月(?:份|[0-9]{1,2}日)?|前(?=夫|妻|男友|女友)"
    ),
    "comparison": re.compile(
        rf"超过|不?[多少大小高低早晚]于|[高多大]过|不到(?=[0-9])|不止|至[少多]|[0-9万亿几次]{_UNIT}以[上下内]|[<>＜＞≤≥]\s*[0-9]"
        rf"|比[^，。？?]{{1,16}}?[更还]?{_MORE}|更{_MORE}"
    ),
    "restriction": re.compile("(?<![一二三四五六七八九十两几这那哪每多0-9])只(?![要好见得怕])|仅|唯一|单独|独自"),
}
"""The pattern of each kind; at one place the first kind counts, but 最近 is a time and 不少于 a comparison."""
_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
"""Full-width characters -> their ASCII form, one for one, so that positions stay."""


@dataclass(frozen=True)
class Qualifier:
    """A qualifier of a question."""

    kind: QualifierKind
    text: str
    start: int
    end: int


def find_qualifiers(question: str, names: Iterable[tuple[int, int]], *, asks_whether: bool) -> list[Qualifier]:
    """Find the qualifiers of a question, in its order.

    Args:
        question: as it was asked.
        names: spans of names, end excluded, in which nothing is a qualifier.
        asks_whether: whether it is a question of yes or no, in which 不是……吗 (isn't it) is no negation.
    """
    masked = question.translate(_WIDTH)
    for start, end in names:
        masked = masked[:start] + _NAME * (end - start) + masked[end:]
    masked = _without(_PHRASES, masked)
    masked = _PARTICLE.sub(lambda match: _particle(match, masked), masked)
    if asks_whether:
        masked = _without(_RHETORICAL if _INDEED not in question else _ISNT, masked)
    found: list[Qualifier] = []
    for kind in sorted(_PATTERNS, key=lambda kind: kind not in {"time", "comparison"}):
        for match in _PATTERNS[kind].finditer(masked):
            if all(match.end() <= other.start or other.end <= match.start() for other in found):
                found.append(Qualifier(kind, question[match.start() : match.end()], *match.span()))
    return sorted(found, key=lambda qualifier: qualifier.start)


def _without(phrases: re.Pattern[str], text: str) -> str:
    return phrases.sub(lambda match: _MASKED * len(match.group()), text)


def _particle(match: re.Match[str], text: str) -> str:
    """Mask the 没有 at the end of a clause, unless it negates what the clause asks for: 他的哪些奖没有."""
    clause = re.split("[，。,;；]", text[: match.start()])[-1]
    is_particle = _ASPECT.search(clause) or not _QUESTION_WORD.search(clause)
    return _MASKED * len(match.group()) if is_particle else match.group()
