"""What an interpretation leaves out of the question: names that no role uses, and qualifiers that no query expresses.

An answer that leaves something out answers another question, so that it is not given as the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ckgqa_answer.linking.linker import MentionLinker
from ckgqa_answer.linking.normalize import quoted_spans
from ckgqa_answer.understanding.interpretation import Interpretation, LinkedMention
from ckgqa_answer.understanding.qualifiers import Qualifier, find_qualifiers

LEAST_PROBABILITY = 0.5
"""Probability of a mention from which on an unused name counts: the model marks others by mistake."""


@dataclass(frozen=True)
class LeftOut:
    """The parts of a question that an interpretation does not use."""

    names: tuple[str, ...] = ()
    qualifiers: tuple[Qualifier, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.names or self.qualifiers)

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
        used = [(filler.start, filler.end) for filler in interpretation.fillers]
        quoted = quoted_spans(self._linker.question)
        asks_whether = interpretation.intent.kind == "yes_no"
        qualifiers = find_qualifiers(self._linker.question, [*used, *quoted], asks_whether=asks_whether)
        return LeftOut(self._unused_names(used), tuple(qualifiers))

    def _unused_names(self, used: Sequence[tuple[int, int]]) -> tuple[str, ...]:
        """Return the known names that the model marked, or that a conjunction joins to a used name."""
        marked = [
            mention.slot.text
            for mention in self._mentions
            if mention.options and not mention.pronoun and mention.slot.probability >= LEAST_PROBABILITY
            if not _touches(used, mention.slot.start, mention.slot.end)
        ]
        joined = [
            match.text for start, end in used if start < end for match in self._linker.joined(start, end)
            if not _touches(used, match.start, match.end)
        ]  # fmt: skip
        return tuple(dict.fromkeys([*marked, *joined]))


def _touches(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in spans)
