"""What an interpretation leaves out of the question: names that no role uses, and qualifiers that no query expresses.

An answer that leaves something out answers another question, so that it is not given as the answer.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ckgqa_answer.linking.lexicon import LexiconMatch
from ckgqa_answer.linking.linker import MentionLinker
from ckgqa_answer.linking.name_spans import WORDLIKE_TYPES, Span, is_literal, overlaps
from ckgqa_answer.linking.normalize import normalize_name
from ckgqa_answer.question_model.prediction import MarkedSlot
from ckgqa_answer.understanding.interpretation import Interpretation, LinkedMention
from ckgqa_answer.understanding.qualifiers import Qualifier, QualifierKind, find_qualifiers

LEAST_PROBABILITY = 0.8
"""Probability of a mention from which on an unused name counts: on the validation questions, the model marks words that
are no names with less."""
MASKED_CHARS = 4
"""Characters of a known name, used or not, in which nothing is a qualifier: shorter ones are often common words."""
_YEAR = re.compile("[0-9]{4}")


@dataclass(frozen=True)
class LeftOut:
    """The parts of a question that an interpretation does not use."""

    names: tuple[str, ...] = ()
    qualifiers: tuple[Qualifier, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.names or self.qualifiers)

    def without_stated(self, facts: Sequence[AbstractSet[str]]) -> "LeftOut":
        """Return what every fact of the answer does not state anyway: a name or a year in one of its roles.

        Args:
            facts: the names in all roles of each path to the answer.
        """
        names = [name for name in self.names if not _in_all(normalize_name(name), facts)]
        qualifiers = [
            qualifier
            for qualifier in self.qualifiers
            if qualifier.kind != "time" or not _in_all(_year_of(qualifier.text), facts, part=True)
        ]
        return LeftOut(tuple(names), tuple(qualifiers))

    def without(self, kind: QualifierKind) -> "LeftOut":
        """Return it without the qualifiers of one kind."""
        return LeftOut(self.names, tuple(qualifier for qualifier in self.qualifiers if qualifier.kind != kind))

    @property
    def negates(self) -> bool:
        """Whether what is left out turns the question around, so that what answers the rest is wrong."""
        return any(qualifier.kind == "negation" for qualifier in self.qualifiers)


class Coverage:
    """Compares the interpretations of one question with its text.

    Args:
        linker: of the question.
        mentions: that the model marked.
    """

    def __init__(self, linker: MentionLinker, mentions: Sequence[LinkedMention] = ()) -> None:
        self._linker = linker
        self._mentions = mentions

    def left_out(self, interpretation: Interpretation) -> LeftOut:
        """Return the names and the qualifiers that an interpretation does not use."""
        linker, plain = self._linker, self._linker.names.plain()
        used = [(filler.start, filler.end) for filler in interpretation.fillers]
        names = [*used, *linker.quoted, *((slot.start, slot.end) for slot in plain)]
        names += [(match.start, match.end) for match in linker.matches if _masks(match)]
        asks_whether = interpretation.intent.kind == "yes_no"
        qualifiers = find_qualifiers(linker.question, names, asks_whether=asks_whether)
        predicates = {step.predicate for step in interpretation.intent.chain}
        others = [slot for slot in plain if slot.text not in predicates]
        return LeftOut(self._unused_names(used, others), tuple(qualifiers))

    def _unused_names(self, used: Sequence[Span], plain: Sequence[MarkedSlot]) -> tuple[str, ...]:
        """Return the unused names that the model marked, that a conjunction joins to a used one, or that are plain."""
        marked = [
            mention.slot.text
            for mention in self._mentions
            if mention.options and mention.slot.probability >= LEAST_PROBABILITY
            if mention.pronoun or not all(set(option.types) <= WORDLIKE_TYPES for option in mention.options)
            if not overlaps(used, mention.slot.start, mention.slot.end)
        ]
        joined = [slot for start, end in used if start < end for slot in self._linker.names.joined(start, end)]
        unused = [slot.text for slot in (*joined, *plain) if not overlaps(used, slot.start, slot.end)]
        return tuple(dict.fromkeys([*marked, *unused]))


def _masks(match: LexiconMatch) -> bool:
    """Return whether nothing inside a known name is a qualifier; a year that the graph knows stays one."""
    return match.end - match.start >= MASKED_CHARS and not is_literal(match)


def _in_all(name: str, facts: Sequence[AbstractSet[str]], *, part: bool = False) -> bool:
    """Return whether every fact has a name, or, of a part, a name that it is a part of."""
    return bool(name and facts) and all(
        any(name in other if part else name == normalize_name(other) for other in names) for names in facts
    )


def _year_of(text: str) -> str:
    year = _YEAR.fullmatch(text.removesuffix("年"))
    return year.group() if year else ""
