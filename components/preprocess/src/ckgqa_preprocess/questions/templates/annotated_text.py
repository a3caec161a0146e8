"""Text with annotated names: joining texts moves the positions of their mentions along."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

NO_QUOTES = ("", "")
TITLE_MARKS = ("《", "》")
NAME_MASK = "□"
"""Stands for a name in a delexicalized wording."""


@dataclass(frozen=True)
class AnnotatedMention:
    """A name in a question."""

    role: str
    """`subject`, `@value` or a slot, in the first step of the question's chain."""
    start: int
    """First character in the text, quotes excluded."""
    end: int
    """End, excluded."""
    name: str
    """The name that is meant; the text differs from it if it is misspelled, an alias or a pronoun."""


@dataclass(frozen=True)
class AnnotatedText:
    """Some words and the mentions among them, in order."""

    words: str
    mentions: tuple[AnnotatedMention, ...] = ()

    def __add__(self, other: "AnnotatedText") -> "AnnotatedText":
        """Join two texts; the mentions of the second move."""
        offset = len(self.words)
        moved = (replace(mention, start=mention.start + offset, end=mention.end + offset) for mention in other.mentions)
        return AnnotatedText(self.words + other.words, (*self.mentions, *moved))

    @property
    def wording(self) -> str:
        """The delexicalized words: `NAME_MASK` stands for every name."""
        out, end = "", 0
        for mention in self.mentions:
            out += self.words[end : mention.start] + NAME_MASK
            end = mention.end
        return out + self.words[end:]

    @classmethod
    def of_name(cls, role: str, surface: str, name: str, quotes: tuple[str, str] = NO_QUOTES) -> Self:
        """Return a text that is one name, in quotes or not; title marks of the surface form are not doubled."""
        if is_titled(surface):
            quotes, surface = TITLE_MARKS, surface[1:-1]
        before, after = quotes
        start = len(before)
        return cls(before + surface + after, (AnnotatedMention(role, start, start + len(surface), name),))


def joined(parts: Iterable[AnnotatedText]) -> AnnotatedText:
    """Join any number of texts."""
    whole = AnnotatedText("")
    for part in parts:
        whole += part
    return whole


def is_titled(name: str) -> bool:
    """Return whether one pair of title marks encloses a name: 《忆》, and not 《忆》和《梦》."""
    return len(name) > 2 and (name[0], name[-1]) == TITLE_MARKS and not set(name[1:-1]) & set(TITLE_MARKS)
