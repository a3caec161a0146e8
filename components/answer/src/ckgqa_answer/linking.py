"""From the mentions that the model marks to names of the graph.

A mention is linked to what stands exactly there, then to what it is another name of, then to what it may be a typing
slip of. Where the model's borders are off, the names that stand in the question repair them: title marks bound a name,
a longer known name wins over a piece of it, and words such as 电影 (film) or 的 beside a name are taken off.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ckgqa_answer.folding import TITLE_MARKS, Folded, fold_text, quoted
from ckgqa_answer.names import Known, Names, Place
from ckgqa_answer.prediction import Slot

How = Literal["exact", "alias", "near", "context"]

SPELLED, FOLDED, ALIAS = 1.0, 0.98, 0.95
"""How well a name fits that is spelled so, that differs in case, width or marks, or whose other name it is."""
PADDED = 0.97
"""How well a name fits a mention that holds it and a word such as 电影 (film)."""
LONGER = 0.3
"""What a longer name than the one marked loses, times the share of it that was not marked."""
APART = 0.8
"""What a name inside the mention, or across its border, loses, times the share that they do not have in common, times
the squared probability of the mention: what the model is sure of is another name."""
SHORTER, ASTRAY = 0.05, 0.1
"""What is lost beside that where a name lies inside the mention, and where the two cross."""
TITLES = "《〈"
UNMARKED, UNMARKED_QUOTED = 0.8, 0.95
"""How well a name fits that the model did not mark at all."""
AMBIGUOUS = 0.95
"""What a near name keeps for each other name that is as near."""
_PADDING = re.compile(
    "(?:电影|影片|电视剧|电视|连续剧|剧集|动画片|动画|动漫|综艺|节目|小说|书籍|图书|书|歌曲|歌|专辑|公司|企业|品牌|学校"
    "|大学|城市|国家|景点|演员|导演|歌手|作家|明星|艺人|主持人|编剧|那部|这部|一部|那本|这本|那首|这首|请问|的|了|是|在"
    "|里|中|由|和|与|被|把|给|从|对|有|吗|呢|谁)*"
)
# The characters of padding that may stand round a name of one character.
_TRIMMED = "的了是在里中由和与被把给从对有吗呢谁为《》"
# What is asked by, and asks for nobody: names of the graph, since there are songs called so.
_QUESTION_WORDS = re.compile(
    "是?谁|是?什么|哪里|哪儿|哪些|哪[个位年部首]|几[部首位个]|多少|有谁|请问|为什么|怎么样?|怎样|如何|是不是|有没有"
    "|有什么|叫什么|有哪些|有几|的人|名字|时候|时间|地方|知道|没有人知道|告诉我?|了解|还有|请教|小助手|帮我|问题"
)


@dataclass(frozen=True)
class Candidate:
    """A name that a mention may mean."""

    name: str
    types: tuple[str, ...]
    how: How
    quality: float
    """How well it fits, 0 to 1."""
    start: int
    end: int
    text: str
    """What the question says there."""


class Look:
    """One question, looked over for names.

    Args:
        question: as it was asked.
        names: of the graph.
        least_quality: what fits less well is no candidate.
        most: the most candidates of a mention.
    """

    def __init__(self, question: str, names: Names, least_quality: float, most: int) -> None:
        self.question = question
        self._names = names
        self._least = least_quality
        self._most = most
        self.folded: Folded = fold_text(question)
        self.places: list[Place] = names.inside(self.folded)
        self._quoted = quoted(question)

    def candidates(self, slot: Slot) -> list[Candidate]:
        """Give the names that a marked mention may mean, the one that fits best first; none where none is known."""
        start, end, certain = self._bounds(slot)
        text = self.question[start:end]
        found = [
            candidate
            for place in self.places
            if place.start < end and start < place.end
            for candidate in self._at(place, self._fit(place, start, end, slot.probability, certain=certain))
        ]
        inner = text.strip(_TRIMMED)
        if len(inner) == 1:
            place = start + text.index(inner)
            found += self._at(Place(place, place + 1, self._names.called(inner)), 1.0 if inner == text else PADDED)
        if not any(candidate.quality >= self._least for candidate in found):
            found = self._near(start, end)
        return self._best(found)

    def unmarked(self, taken: Sequence[tuple[int, int]], idle: frozenset[str]) -> list[list[Candidate]]:
        """Give the names that the model did not mark: for each place that is left the candidates.

        What stands in title marks comes first, then the longest.

        Args:
            taken: spans of the question that are accounted for.
            idle: words that ask and name nothing here, such as the predicates asked about.
        """
        spans = list(taken)
        found: list[list[Candidate]] = []
        for start, end in self._quoted:
            if self.question[start - 1] in TITLES and not _meets(spans, start, end):
                spans.append((start, end))
                slot = Slot("", start, end, self.question[start:end], 1.0)
                found.append([replace(one, quality=one.quality * UNMARKED_QUOTED) for one in self.candidates(slot)])
        for place in sorted(self.places, key=lambda place: (place.start - place.end, place.start)):
            text = self.question[place.start : place.end]
            if not _meets(spans, place.start, place.end) and text not in idle and not _names_nothing(text):
                spans.append((place.start, place.end))
                found.append(self._best(self._at(place, UNMARKED)))
        return [candidates for candidates in found if candidates]

    def _bounds(self, slot: Slot) -> tuple[int, int, bool]:
        """Give the mention's borders, those of title marks round it where there are any, and whether they are sure."""
        span = slot.start, slot.end
        # A name may have marks inside: “金话筒”奖.
        if span not in self._quoted and any((place.start, place.end) == span for place in self.places):
            return slot.start, slot.end, False
        for start, end in self._quoted:
            overlap = min(end, slot.end) - max(start, slot.start)
            beside = self.question[slot.start : max(start, slot.start)] + self.question[min(end, slot.end) : slot.end]
            if overlap > 0 and _is_padding(beside.strip(TITLE_MARKS)):
                return start, end, True
        return slot.start, slot.end, False

    def _fit(self, place: Place, start: int, end: int, probability: float, *, certain: bool) -> float:
        """Say how well the place of a name fits the place of a mention."""
        inner = min(end, place.end) - max(start, place.start)
        alike = inner / (max(end, place.end) - min(start, place.start))
        inside, around = place.start >= start and place.end <= end, place.start <= start and place.end >= end
        if inside and around:
            longer = any(other.start <= start and other.end >= end and other is not place for other in self.places)
            return 1.0 if certain or not longer else 0.6 + 0.4 * probability
        if inside and _is_padding(self.question[start : place.start]) and _is_padding(self.question[place.end : end]):
            return PADDED
        trust = 1.0 if certain else probability
        if around:
            return 0.0 if certain else 1.0 - LONGER * (1.0 - alike)
        return 1.0 - APART * trust**2 * (1.0 - alike) - (SHORTER if inside else ASTRAY)

    def _at(self, place: Place, fit: float) -> list[Candidate]:
        text = self.question[place.start : place.end]
        return [
            Candidate(known.name, known.types, _how(known), fit * _spelling(known, text), place.start, place.end, text)
            for known in place.known
        ]

    def _near(self, start: int, end: int) -> list[Candidate]:
        """Give names near to the mention, or to what is left of it without padding."""
        text = self.question[start:end]
        found = self._names.near(text, self._least)
        ties = sum(1 for _, quality in found if quality >= found[0][1] - 0.01)
        return [
            Candidate(known.name, known.types, "near", quality * AMBIGUOUS ** (ties - 1), start, end, text)
            for known, quality in found[: self._most]
        ]

    def _best(self, found: list[Candidate]) -> list[Candidate]:
        """Keep the best way to each name, the best names, and of near ones all that were kept."""
        best: dict[str, Candidate] = {}
        for candidate in sorted(found, key=lambda one: (-one.quality, one.start - one.end, one.name)):
            if candidate.quality >= self._least or candidate.how == "near":
                best.setdefault(candidate.name, candidate)
        return list(best.values())[: self._most]


def _how(known: Known) -> How:
    return "alias" if known.alias else "exact"


def _spelling(known: Known, text: str) -> float:
    if known.alias:
        return ALIAS
    return SPELLED if known.name == text else FOLDED


def _meets(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in spans)


def _names_nothing(text: str) -> bool:
    """Tell whether a name of the graph asks for something, or says what kind of thing is meant, rather than names."""
    return _QUESTION_WORDS.fullmatch(text) is not None or _is_padding(text)


def _is_padding(text: str) -> bool:
    return _PADDING.fullmatch(text) is not None
