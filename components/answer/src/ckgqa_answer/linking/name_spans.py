"""Known names of a question beside those that the model marked: in lists, joined by a conjunction, or plain to see."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ckgqa_answer.linking.affixes import FORMS_OF_ADDRESS, is_padding
from ckgqa_answer.linking.lexicon import LexiconMatch
from ckgqa_answer.question_model.prediction import MarkedSlot

OPENING_TITLE_MARKS = "《〈"
MIN_PLAIN_CHARS = 3
"""Characters of a known name that is a name wherever it stands; of 1,860 generated questions none holds another one."""
WORDLIKE_TYPES = frozenset({"歌曲", "专辑", "音乐专辑", "Text", "Date", "Number"})
"""Types whose names are often common words or phrases: 谢谢你 (thank you) is a song."""
LITERAL_TYPES = frozenset({"Date", "Number", "Text"})
"""Types of dates, numbers and texts, such as 2000年 (the year 2000) and 10亿 (a billion)."""
_AFFIX = f"(?:演员|导演|歌手|作家|{FORMS_OF_ADDRESS})?"
_CONJUNCTION = re.compile(f"{_AFFIX}[》”」]?(?:以及|还有|或者|或是|还是|和|与|跟|同|及|或|并|、|&)\\s*{_AFFIX}[《“「]?")
_YEAR = re.compile("(?:[12][0-9]{3}|[〇零一二三四五六七八九]{4})年")
# Question words. Some are also entity names (songs), so never link them.
_QUESTION_WORDS = re.compile(
    "是?谁|是?什么|哪里|哪儿|哪些|哪[个位年部首]|几[部首位个]|多少|有谁|请问|为什么|怎么样?|怎样|如何|是不是|有没有"
    "|有什么|叫什么|有哪些|有几|的人|名字|时候|时间|地方|知道|没有人知道|告诉我?|了解|还有|请教|小助手|帮我|问题"
)
Span = tuple[int, int]


class NameSpans:
    """The known names of one question.

    Args:
        question: as it was asked.
        matches: its known names, overlapping ones too.
        quoted: spans between title marks or quotation marks.
    """

    def __init__(self, question: str, matches: Sequence[LexiconMatch], quoted: Sequence[Span]) -> None:
        self._question = question
        self._matches = matches
        self._titles = [span for span in quoted if question[span[0] - 1] in OPENING_TITLE_MARKS]

    def split(self, slot: MarkedSlot) -> list[MarkedSlot]:
        """Split a mention that is a list of names, 颐和园和天坛公园, into one for each; a year beside a name goes."""
        if any(match.start <= slot.start and slot.end <= match.end for match in self._matches):
            return [slot]
        spans: list[Span] = []
        at = slot.start
        while at < slot.end:
            year = _YEAR.match(self._question, at, slot.end)
            ends = [match.end for match in self._matches if match.start == at and match.end <= slot.end]
            if year is not None and (not ends or max(ends) == year.end()):
                at = year.end()
                continue
            if not ends:
                return [slot]
            spans.append((at, max(ends)))
            at = max(ends)
            joined = _CONJUNCTION.match(self._question, at, slot.end)
            if joined is not None:
                at = joined.end()
            elif at < slot.end and _YEAR.match(self._question, at, slot.end) is None:
                return [slot]
        return [replace(slot, start=start, end=end, text=self._question[start:end]) for start, end in spans] or [slot]

    def joined(self, start: int, end: int) -> list[MarkedSlot]:
        """Return the known names that a conjunction joins to the span of a name: 张艺谋 in 冯小刚和张艺谋."""
        after = _CONJUNCTION.match(self._question, end)
        beside = [
            match
            for match in self._matches
            if (after is not None and match.start == after.end())
            or (match.end < start and _CONJUNCTION.fullmatch(self._question, match.end, start))
        ]
        titles = [span for span in self._titles if any((match.start, match.end) == span for match in beside)]
        return self._longest(titles, [(match.start, match.end) for match in beside if not _is_wordlike(match)])

    def plain(self) -> list[MarkedSlot]:
        """Return what is a name beyond doubt, marked or not: titles in 《》, and known longer names."""
        known = [match for match in self._matches if match.end - match.start >= MIN_PLAIN_CHARS]
        return self._longest(self._titles, [(match.start, match.end) for match in known if not _is_wordlike(match)])

    def _longest(self, titles: Sequence[Span], spans: Iterable[Span]) -> list[MarkedSlot]:
        """Return the titles, and the longest of the overlapping spans; leave out question words and type words."""
        longest = list(titles)
        for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span)):
            if not overlaps(longest, start, end) and not is_never_linked(self._question[start:end]):
                longest.append((start, end))
        return [MarkedSlot("", start, end, self._question[start:end], 1.0) for start, end in sorted(longest)]


def overlaps(spans: Iterable[Span], start: int, end: int) -> bool:
    """Return whether a span shares a character with one of others."""
    return any(start < other_end and other_start < end for other_start, other_end in spans)


def is_never_linked(text: str) -> bool:
    """Return True for question words and generic type words, which never refer to an entity."""
    return _QUESTION_WORDS.fullmatch(text) is not None or is_padding(text)


def is_literal(match: LexiconMatch) -> bool:
    """Return whether a known name is only a date, a number or a text."""
    return all(entity.types and set(entity.types) <= LITERAL_TYPES for entity in match.entities)


def _is_wordlike(match: LexiconMatch) -> bool:
    return all(set(entity.types) <= WORDLIKE_TYPES for entity in match.entities)
