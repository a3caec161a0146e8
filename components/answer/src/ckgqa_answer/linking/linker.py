"""Links the mentions that the model marks to entities of the graph.

A mention is linked to the entity of exactly this name, then to one with this alias, then to one whose name may be
mistyped. If the model's boundaries are off, known names in the question correct them: title marks delimit a name, a
longer known name wins over a part of it, and words such as 电影 (film) or 的 beside a name are removed. A known name
inside a longer mention is another name, unless the rest is such a word: 天龙八部 is not 新天龙八部.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ckgqa_answer.linking.affixes import continued_span, is_affix_of, is_padding, without_address
from ckgqa_answer.linking.build_index import OWN, SHORT
from ckgqa_answer.linking.edit_distance import is_extended
from ckgqa_answer.linking.lexicon import Entity, Lexicon, LexiconMatch
from ckgqa_answer.linking.name_spans import OPENING_TITLE_MARKS, NameSpans, is_literal, is_never_linked, overlaps
from ckgqa_answer.linking.normalize import TITLE_MARKS, normalize_spelling, normalize_text, quoted_spans
from ckgqa_answer.question_model.prediction import MarkedSlot

MatchKind = Literal["exact", "alias", "fuzzy", "context"]
"""How a name was found: by its spelling, by an alias, in spite of a typing error, or in the conversation."""

SPELLED, NORMALIZED, ALIAS, SHORTENED = 1.0, 0.98, 0.95, 0.93
"""Quality of a name that is spelled exactly, that differs in case, width or marks, of an alias, and of the name of an
organization without the word for its type."""
PADDED = 0.97
"""Quality of a name in a mention that also holds a word such as 电影 (film)."""
LONGER_PENALTY = 0.3
"""Penalty for a name longer than the mention, scaled by its unmarked fraction."""
OVERLAP_PENALTY = 0.8
"""Penalty for a name that only overlaps the mention, scaled by the non-overlap and by p(mention)^2: the surer the model
is of the span, the less likely another span is meant."""
SHORTER_PENALTY, CROSSING_PENALTY = 0.05, 0.1
"""Further penalty for a name inside the mention, and for a name that crosses its boundary."""
DOUBTED = 0.95
"""Probability of a mention below which a shorter name inside it may be meant all the same: on the validation questions,
mentions with a character too much have 0.5 to 0.95, longer names that the graph lacks 0.97 and more."""
UNMARKED, UNMARKED_QUOTED = 0.8, 0.95
"""Factor for a name that the model did not mark, and for one in title marks."""
TIE = 0.95
"""Factor for a fuzzy match, for each other name of the same similarity."""
TIE_TOLERANCE = 0.01
# Padding characters that may surround a name of one character.
_TRIMMED = "的了是在里中由和与被把给从对有吗呢谁为《》"


@dataclass(frozen=True)
class LinkCandidate:
    """An entity that a mention may refer to."""

    name: str
    types: tuple[str, ...]
    match: MatchKind
    quality: float
    """Link quality, 0 to 1."""
    start: int
    end: int
    text: str
    """The text of the question there."""


class MentionLinker:
    """Links the mentions of one question.

    Args:
        question: as it was asked.
        lexicon: the graph's names.
        min_quality: least quality of a candidate.
        max_candidates: most candidates of a mention.
    """

    def __init__(self, question: str, lexicon: Lexicon, min_quality: float, max_candidates: int) -> None:
        self.question = question
        self._lexicon = lexicon
        self._min_quality = min_quality
        self._max_candidates = max_candidates
        self.quoted = quoted_spans(question)
        """The spans between title marks or quotation marks."""
        found = lexicon.find_all(normalize_text(question))
        continued = [match for match in found if self._is_continued(match)]
        self._inside = [match for match in found if not match.is_short]
        """Every known name, also those that the question continues to another name."""
        self.matches: list[LexiconMatch] = [match for match in self._inside if match not in continued]
        self._short = [match for match in found if match.is_short and match not in continued]
        self.names = NameSpans(question, self.matches, self.quoted)

    def candidates(self, slot: MarkedSlot) -> list[LinkCandidate]:
        """Return the entities that a marked mention may refer to, the best first."""
        start, end, certain = self._boundaries(slot)
        text = self.question[start:end]
        found = [
            candidate
            for match in (*self.matches, *self._short)
            if match.start < end and start < match.end
            for candidate in self._of_match(match, start, end, slot.probability, certain=certain)
        ]
        inner = text.strip(_TRIMMED)
        if len(inner) == 1:
            position = start + text.index(inner)
            match = LexiconMatch(position, position + 1, self._lexicon.lookup(inner))
            found += self._linked(match, 1.0 if inner == text else PADDED)
        if not any(candidate.quality >= self._min_quality for candidate in found):
            found = self._fuzzy(start, end, certain=certain)
        return self._best(found)

    def contained(self, slot: MarkedSlot) -> list[tuple[Entity, str]]:
        """Return the longest known names inside a mention of another name, each with the question about it."""
        start, end, _ = self._boundaries(slot)
        inside = [
            match for match in self._inside if start <= match.start and match.end <= end and not is_literal(match)
        ]
        longest = max((match.end - match.start for match in inside), default=0)
        if 2 * longest < end - start:
            return []
        return [
            (match.entities[0], self.question[:start] + match.entities[0].name + self.question[end:])
            for match in inside
            if match.end - match.start == longest
        ]

    def mentioned(self, slot: MarkedSlot) -> str:
        """Return the text of a mention with corrected boundaries, without a form of address."""
        start, end, certain = self._boundaries(slot)
        return self.question[start : end if certain else without_address(self.question, start, end)]

    def unmarked(self, taken: Sequence[tuple[int, int]], question_words: frozenset[str]) -> list[list[LinkCandidate]]:
        """Return the candidates of each name that the model did not mark: names in title marks, then the longest.

        Args:
            taken: spans of the question that already belong to a mention.
            question_words: words that ask and are not names here, such as the predicates asked about.
        """
        spans = list(taken)
        found: list[list[LinkCandidate]] = []
        for start, end in self.quoted:
            if self.question[start - 1] in OPENING_TITLE_MARKS and not overlaps(spans, start, end):
                spans.append((start, end))
                slot = MarkedSlot("", start, end, self.question[start:end], 1.0)
                quoted = self.candidates(slot)
                found.append([replace(each, quality=each.quality * UNMARKED_QUOTED) for each in quoted])
        for match in sorted(self.matches, key=lambda match: (match.start - match.end, match.start)):
            text = self.question[match.start : match.end]
            if not (overlaps(spans, match.start, match.end) or text in question_words or is_never_linked(text)):
                spans.append((match.start, match.end))
                found.append(self._best(self._linked(match, UNMARKED)))
        return [candidates for candidates in found if candidates]

    def _boundaries(self, slot: MarkedSlot) -> tuple[int, int, bool]:
        """Return the mention's boundaries, those of title marks around it if any, and whether they are certain."""
        span = slot.start, slot.end
        # A name may have marks inside: “金话筒”奖.
        known = next((match for match in self._inside if (match.start, match.end) == span), None)
        for start, end in self.quoted:
            if known and slot.start <= start and end <= slot.end and (start, end) != span:
                continue
            overlap = min(end, slot.end) - max(start, slot.start)
            outside = self.question[slot.start : max(start, slot.start)] + self.question[min(end, slot.end) : slot.end]
            if overlap > 0 and is_padding(outside.strip(TITLE_MARKS)):
                return start, end, True
        continued = span if known is None else continued_span(self.question, *span, _types(known))
        return *continued, continued != span

    def _is_continued(self, match: LexiconMatch) -> bool:
        """Return whether a known name is only the beginning or the end of another one, which no title marks bound."""
        span = match.start, match.end
        return span not in self.quoted and continued_span(self.question, *span, _types(match)) != span

    def _of_match(
        self, match: LexiconMatch, start: int, end: int, probability: float, *, certain: bool
    ) -> list[LinkCandidate]:
        """Return the entities of a known name that overlaps a mention."""
        if match.start >= start and match.end <= end and (match.start, match.end) != (start, end):
            return [
                candidate
                for entity in match.entities
                for candidate in self._linked(
                    replace(match, entities=(entity,)),
                    self._fit_inside(match, entity, start, end, probability, certain=certain),
                )
            ]
        return self._linked(match, self._fit(match, start, end, probability, certain=certain))

    def _fit_inside(
        self, match: LexiconMatch, entity: Entity, start: int, end: int, probability: float, *, certain: bool
    ) -> float:
        """Return how well a name fits a longer mention: not at all, unless the rest does not belong to a name."""
        if certain:
            return 0.0
        before = is_affix_of(entity.types, self.question, start, match.start, before=True)
        behind = is_affix_of(entity.types, self.question, match.end, end, before=False)
        if before and behind:
            return PADDED
        if probability >= DOUBTED or entity.form != OWN:
            return 0.0
        overlap = (match.end - match.start) / (end - start)
        return 1.0 - OVERLAP_PENALTY * probability**2 * (1.0 - overlap) - SHORTER_PENALTY

    def _fit(self, match: LexiconMatch, start: int, end: int, probability: float, *, certain: bool) -> float:
        """Return how well the span of a name that is not inside a mention fits the span of the mention."""
        shared = min(end, match.end) - max(start, match.start)
        overlap = shared / (max(end, match.end) - min(start, match.start))
        if (match.start, match.end) == (start, end):
            longer = any(other.start <= start and other.end >= end and other is not match for other in self.matches)
            return 1.0 if certain or not longer else 0.6 + 0.4 * probability
        if match.start <= start and match.end >= end:
            return 0.0 if certain else 1.0 - LONGER_PENALTY * (1.0 - overlap)
        trust = 1.0 if certain else probability
        return 1.0 - OVERLAP_PENALTY * trust**2 * (1.0 - overlap) - CROSSING_PENALTY

    def _linked(self, match: LexiconMatch, fit: float) -> list[LinkCandidate]:
        text = self.question[match.start : match.end]
        return [
            LinkCandidate(
                entity.name, entity.types, match_kind(entity), fit * _spelling(entity, text),
                match.start, match.end, text,
            )
            for entity in match.entities
        ]  # fmt: skip

    def _fuzzy(self, start: int, end: int, *, certain: bool) -> list[LinkCandidate]:
        """Return the entities whose name may be mistyped in the mention."""
        end = end if certain else without_address(self.question, start, end)
        text = self.question[start:end]
        continued = {entity.name for match in self._inside if match not in self.matches for entity in match.entities}
        found = [
            (entity, similarity)
            for entity, similarity in self._lexicon.fuzzy_search(text, self._min_quality)
            if not is_extended(normalize_spelling(text), normalize_spelling(entity.name))
            and entity.name not in continued
        ]
        ties = sum(1 for _, similarity in found if similarity >= found[0][1] - TIE_TOLERANCE)
        return [
            LinkCandidate(entity.name, entity.types, "fuzzy", similarity * TIE ** (ties - 1), start, end, text)
            for entity, similarity in found[: self._max_candidates]
        ]

    def _best(self, found: list[LinkCandidate]) -> list[LinkCandidate]:
        """Return the best candidate for each name, the best names first; a fuzzy match needs no least quality."""
        best: dict[str, LinkCandidate] = {}
        for candidate in sorted(found, key=lambda each: (-each.quality, each.start - each.end, each.name)):
            if candidate.quality >= self._min_quality or candidate.match == "fuzzy":
                best.setdefault(candidate.name, candidate)
        return list(best.values())[: self._max_candidates]


def match_kind(entity: Entity) -> MatchKind:
    """Return how an entity of the lexicon was matched."""
    return "exact" if entity.form == OWN else "alias"


def _spelling(entity: Entity, text: str) -> float:
    if entity.form == OWN:
        return SPELLED if entity.name == text else NORMALIZED
    return SHORTENED if entity.form == SHORT else ALIAS


def _types(match: LexiconMatch) -> set[str]:
    return {kind for entity in match.entities for kind in entity.types}
