"""Surface realization: fills names into wordings, and adds quotes and politeness phrases."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random

from ckgqa_preprocess.questions.templates.annotated_text import NO_QUOTES, TITLE_MARKS, AnnotatedText
from ckgqa_preprocess.questions.templates.loader import QUESTION, Templates
from ckgqa_preprocess.questions.templates.pattern import PieceSequence
from ckgqa_preprocess.questions.templates.wording_key import WordingKey

TITLED_SHARE = 0.45  # of the mentions of works: in title marks
QUOTED_SHARE = 0.05  # of the mentions of works: in other quotes; the rest is bare, as people type them
POLITE_SHARE = 0.3  # of questions: with an opening or a closing
MARK_SHARE = 0.55  # of questions: with a mark at the end
USUAL_MARK_SHARE = 0.75  # of these: with the usual mark

# Some values repeat words of the wording: 第31届 in 第{period}届 (the 31st), 4721万人 in 有{@value}人 (people).
ORDINAL = "第"
COUNTED = re.compile(r"[\d一二三四五六七八九十百千万亿](?P<unit>[届人])$")


@dataclass(frozen=True)
class Filler:
    """The name that fills the placeholder of a role."""

    role: str
    surface: str
    """The name as it is typed."""
    name: str
    """The name that is meant."""
    titled: bool = False
    """True for works, whose names sometimes stand in title marks."""
    pronoun: bool = False
    """True for 他, 这部电影 and the like, which never do."""


class Realizer:
    """Turns wordings into text.

    Args:
        templates: the politeness phrases and quotes.
    """

    def __init__(self, templates: Templates) -> None:
        texts = templates.texts
        self._any = [_around(text) for text in texts["around any question"]]
        self._open = self._any + [_around(text) for text in texts["around an open question"]]
        self._quotes = [(pair[0], pair[-1]) for pair in texts["quotes"]]
        self._usual_mark, *self._marks = texts["punctuation"]
        self.wording_key = WordingKey((before for before, _ in self._open), (after for _, after in self._open))

    def realize(
        self, sequence: PieceSequence, fillers: Mapping[str, Filler | AnnotatedText], rng: Random
    ) -> AnnotatedText:
        """Fill the placeholders of a drawn wording with names, or with phrases that contain names."""
        parts = []
        for piece in sequence:
            if isinstance(piece, str):
                parts.append(AnnotatedText(piece))
                continue
            filler = fillers[piece.role]
            if isinstance(filler, Filler):
                quotes = TITLE_MARKS if piece.titled and not filler.pronoun else self._quotes_for(filler, rng)
                filler = AnnotatedText.of_name(filler.role, filler.surface, filler.name, quotes)
            parts.append(filler)
        return _join_without_repetition(parts)

    def _quotes_for(self, filler: Filler, rng: Random) -> tuple[str, str]:
        drawn = rng.random()
        if not filler.titled or filler.pronoun or drawn >= TITLED_SHARE + QUOTED_SHARE:
            return NO_QUOTES
        return TITLE_MARKS if drawn < TITLED_SHARE else rng.choice(self._quotes)

    def decorate(self, text: AnnotatedText, rng: Random, *, is_open: bool = True, polite: bool = True) -> AnnotatedText:
        """Add politeness phrases and punctuation to a question, as people do.

        Args:
            text: the bare question.
            rng: decides what to add.
            is_open: False if the answer is yes or no.
            polite: False if the question takes punctuation alone.
        """
        if polite and rng.random() < POLITE_SHARE:
            before, after = rng.choice(self._open if is_open else self._any)
            text = AnnotatedText(before) + text + AnnotatedText(after)
        if rng.random() < MARK_SHARE:
            usual = rng.random() < USUAL_MARK_SHARE
            text += AnnotatedText(self._usual_mark if usual else rng.choice(self._marks))
        return text


def _join_without_repetition(parts: Iterable[AnnotatedText]) -> AnnotatedText:
    """Join a wording and its names; drop the words of the wording that an adjacent name repeats."""
    whole = AnnotatedText("")
    for part in parts:
        after_name = bool(whole.mentions) and whole.mentions[-1].end == len(whole.words)
        if part.mentions and not after_name and whole.words.endswith(ORDINAL) and part.words.startswith(ORDINAL):
            whole = AnnotatedText(whole.words[:-1], whole.mentions)
        unit = COUNTED.search(whole.words) if after_name and not part.mentions else None
        whole += AnnotatedText(part.words.removeprefix(unit["unit"])) if unit else part
    return whole


def _around(text: str) -> tuple[str, str]:
    before, after = text.split(QUESTION)
    return before, after
