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
_NUMERAL = "[一二三四五六七八九十百千0-9]"
_END = rf"(?=[呢啊呀吧了]?(?:[^\w{_NAME}]|$))"

# Phrases that only look like qualifiers: questions of the form A-not-A, the particle at the end, and what people say of
# themselves (我不知道, 记不清了).
_PHRASES = re.compile(
    rf"(?P<verb>[^{_NAME}，。])[不没](?P=verb)|(?:没有|没|不){_END}"
    r"|(?:不|没有?)(?:太|怎么|大|很|再|能|是很)?(?:人|谁)?(?:知道|知|晓得|清楚|记得|记|想起|想|查|找|搜|懂|明白|搞|弄|听|了解"
    r"|确定|认识|见过|看|注意|好意思|熟|敢|错|少|管|论|妨|客气|事|关系|问题|办法|会吧)"
    r"|[记想查找搜分搞弄说看听读认猜]得?不(?:清|起|到|出|得|懂|明白|了|全|准|着)"
    r"|差不多|了不起|不得了|要不|对不起|不如|不过|不仅|不但|不只|不止|不同|不一样|没准|不朽|不锈"
    rf"|除了?(?:[本原]?名字?|名和字)(?:和字)?|第一[首部集]到|最后(?!一)|最初|最终|最先登|最早(?=是?(?:由|被|唱|建|创|谁|在))"
    r"|最(?:大|高)的?(?:官|领导|股东|老板|负责人|点|处|峰)|最重要的人物|(?:篇幅|戏份|着墨)最多"
    r"|不是这[个样]|最有(?:名|话语权)|首次|没拍之?前|(?:另一个|别的|其他)(?=名|称|叫|外号)"
)
_RHETORICAL = re.compile(r"(?:难道|可)?不(?:就|也)?是(?=.*[吗么吧嘛](?:\W|$))")

_PATTERNS: dict[QualifierKind, re.Pattern[str]] = {
    "negation": re.compile(
        f"(?:并|绝|从来|从|都|还|又)?(?:不(?:是|在|属于|包括|包含|算|由|叫|会|曾)?|没有?|未曾?(?![来名知央婚])|非(?={_NAME}))"
    ),
    "exception": re.compile(
        f"除(?:了|开|去|(?={_NAME}))|(?:以|之)外|此外|其[他它]|别的|另外?[一几]?[个部首本位张]|另外的"
    ),
    "ordinal": re.compile(
        f"第{_NUMERAL}+[部首本张个位任次季集届名篇代支档所家]?|首(?:部|张|个|位|支|任|次|本|套)|处女作|倒数|排名"
    ),
    "superlative": re.compile("最[\u4e00-\u9fff](?:[\u4e00-\u9fff](?=的))?|之最"),
    "time": re.compile(
        "(?:[12][0-9]{3}|(?<![0-9])[0-9]{2})年代?(?:以?[前后来内]|之[前后间]|间|初|末|底)?|[〇零一二三四五六七八九]{4}年"
        "|[二三四五六七八九]十年代|[去今前明]年|近[几两三五十0-9]+年|最近|上个?世纪|本世纪|[0-9]{1,2}世纪"
    ),
    "comparison": re.compile(
        "超过|[多少大小高低早晚]于|不到(?=[0-9])|至[少多]|[0-9万亿元岁个部首]以[上下内]|比[^，。？?]{1,16}?[更还]?[多少早晚高低大小长短]"
    ),
    "restriction": re.compile("只(?:有|是|在|演|导|唱|写|出)|仅|唯一|单独|独自"),
}
"""The pattern of each kind; where two match at one place, the first kind counts, but 最近 is a time."""


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
    masked = question
    for start, end in names:
        masked = masked[:start] + _NAME * (end - start) + masked[end:]
    masked = _without(_PHRASES, masked)
    if asks_whether:
        masked = _without(_RHETORICAL, masked)
    found: list[Qualifier] = []
    for kind in sorted(_PATTERNS, key=lambda kind: kind != "time"):
        for match in _PATTERNS[kind].finditer(masked):
            if all(match.end() <= other.start or other.end <= match.start() for other in found):
                found.append(Qualifier(kind, question[match.start() : match.end()], *match.span()))
    return sorted(found, key=lambda qualifier: qualifier.start)


def _without(phrases: re.Pattern[str], text: str) -> str:
    return phrases.sub(lambda match: _MASKED * len(match.group()), text)
