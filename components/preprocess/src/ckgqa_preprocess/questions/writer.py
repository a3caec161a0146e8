"""Puts names into wordings, quotes round titles, and manners round questions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random

from ckgqa_preprocess.questions.keys import Keys
from ckgqa_preprocess.questions.patterns import Sequence
from ckgqa_preprocess.questions.templates import QUESTION, Templates
from ckgqa_preprocess.questions.texts import NO_QUOTES, TITLE_MARKS, Text

TITLED_SHARE = 0.45  # of the mentions of works that stand in title marks,
QUOTED_SHARE = 0.05  # and in other quotes; the others are bare, as people type them
AROUND_SHARE = 0.3  # of questions with an opening or a closing
MARK_SHARE = 0.55  # of questions with a mark behind them
USUAL_MARK_SHARE = 0.75  # of these, those with the usual one

# Some values bring words that wordings have, too: 第31届 in 第{period}届 (the 31st), 4721万人 in 有{@value}人 (people).
ORDINAL = "第"
COUNTED = re.compile(r"[\d一二三四五六七八九十百千万亿](?P<unit>[届人])$")


@dataclass(frozen=True)
class Filler:
    """What goes into the place of a role."""

    role: str
    surface: str
    """As it is typed."""
    name: str
    """The name that is meant."""
    titled: bool = False
    """True for works, whose names are put in title marks now and then."""
    pronoun: bool = False
    """True for 他, 这部电影 and the like, which never are."""


class Writer:
    """Writes wordings out.

    Args:
        templates: what goes around a question, and the quotes.
    """

    def __init__(self, templates: Templates) -> None:
        texts = templates.texts
        self._any = [_around(text) for text in texts["around any question"]]
        self._open = self._any + [_around(text) for text in texts["around an open question"]]
        self._quotes = [(pair[0], pair[-1]) for pair in texts["quotes"]]
        self._usual_mark, *self._marks = texts["punctuation"]
        self.keys = Keys((before for before, _ in self._open), (after for _, after in self._open))

    def write(self, sequence: Sequence, fillers: Mapping[str, Filler | Text], random: Random) -> Text:
        """Write a drawn wording with names, or with phrases that hold names, in its places."""
        parts = []
        for piece in sequence:
            if isinstance(piece, str):
                parts.append(Text(piece))
                continue
            filler = fillers[piece.role]
            if isinstance(filler, Filler):
                quotes = TITLE_MARKS if piece.titled and not filler.pronoun else self._quotes_for(filler, random)
                filler = Text.of_name(filler.role, filler.surface, filler.name, quotes)
            parts.append(filler)
        return _said_once(parts)

    def _quotes_for(self, filler: Filler, random: Random) -> tuple[str, str]:
        drawn = random.random()
        if not filler.titled or filler.pronoun or drawn >= TITLED_SHARE + QUOTED_SHARE:
            return NO_QUOTES
        return TITLE_MARKS if drawn < TITLED_SHARE else random.choice(self._quotes)

    def dress(self, text: Text, random: Random, *, is_open: bool = True, around: bool = True) -> Text:
        """Open and close a question as people do.

        Args:
            text: the bare question.
            random: decides.
            is_open: False where it is answered by yes or no.
            around: False where only a mark may be put behind it.
        """
        if around and random.random() < AROUND_SHARE:
            before, after = random.choice(self._open if is_open else self._any)
            text = Text(before) + text + Text(after)
        if random.random() < MARK_SHARE:
            usual = random.random() < USUAL_MARK_SHARE
            text += Text(self._usual_mark if usual else random.choice(self._marks))
        return text


def _said_once(parts: Iterable[Text]) -> Text:
    """Join a wording and its names; what both a name and the words beside it say is said by the name alone."""
    whole = Text("")
    for part in parts:
        named = bool(whole.mentions) and whole.mentions[-1].end == len(whole.words)
        if part.mentions and not named and whole.words.endswith(ORDINAL) and part.words.startswith(ORDINAL):
            whole = Text(whole.words[:-1], whole.mentions)
        unit = COUNTED.search(whole.words) if named and not part.mentions else None
        whole += Text(part.words.removeprefix(unit["unit"])) if unit else part
    return whole


def _around(text: str) -> tuple[str, str]:
    before, after = text.split(QUESTION)
    return before, after
