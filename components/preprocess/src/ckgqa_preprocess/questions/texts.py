"""A text that knows where its names stand: pieces are joined, and the positions move along."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

NO_QUOTES = ("", "")
TITLE_MARKS = ("《", "》")
HOLE = "□"
"""Stands for a name where only the wording counts."""


@dataclass(frozen=True)
class Mention:
    """A name in a question."""

    role: str
    """`subject`, `@value` or a slot, in the first step of the question's chain."""
    start: int
    """In characters of the text, quotes left out."""
    end: int
    """Behind the last character."""
    name: str
    """The name that is meant: the text differs from it where it is misspelled, short, or a pronoun."""


@dataclass(frozen=True)
class Text:
    """Some words, and the names among them in the order they come."""

    words: str
    mentions: tuple[Mention, ...] = ()

    def __add__(self, other: "Text") -> "Text":
        """Join two; the mentions of the second move."""
        offset = len(self.words)
        moved = (replace(found, start=found.start + offset, end=found.end + offset) for found in other.mentions)
        return Text(self.words + other.words, (*self.mentions, *moved))

    @property
    def wording(self) -> str:
        """The words with a hole for every name."""
        out, end = "", 0
        for found in self.mentions:
            out += self.words[end : found.start] + HOLE
            end = found.end
        return out + self.words[end:]

    @classmethod
    def of_name(cls, role: str, surface: str, name: str, quotes: tuple[str, str] = NO_QUOTES) -> Self:
        """Return a text that is one name, in quotes or not; a surface that brings its title marks keeps them once."""
        if is_titled(surface):
            quotes, surface = TITLE_MARKS, surface[1:-1]
        before, after = quotes
        start = len(before)
        return cls(before + surface + after, (Mention(role, start, start + len(surface), name),))


def joined(parts: Iterable[Text]) -> Text:
    """Join any number of texts."""
    whole = Text("")
    for part in parts:
        whole += part
    return whole


def is_titled(name: str) -> bool:
    """Say whether a name is wholly in title marks, such as 《忆》, and not 《忆》和《梦》."""
    return len(name) > 2 and (name[0], name[-1]) == TITLE_MARKS and not set(name[1:-1]) & set(TITLE_MARKS)
