"""The small language of wordings: `{role}` is a name, `(a|b|)` one of its parts, `《{role}》` a name in title marks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random

from ckgqa_preprocess.questions.keys import bare
from ckgqa_preprocess.questions.texts import HOLE

_PIECE = re.compile(r"《\{(?P<titled>[^{}]*)\}》|\{(?P<role>[^{}]*)\}|(?P<text>[^{}]+?(?=《\{|\{|$))|(?P<wrong>.)")
_CHOICE = re.compile(r"\((?P<options>[^()]*)\)|(?P<plain>[^()]+)|(?P<wrong>.)")


WORDS = frozenset({"noun", "thing", "slot"})
"""Places for words of a predicate, a type or a slot, not for names."""


class PatternError(ValueError):
    """A wording that cannot be read; the message says why."""


@dataclass(frozen=True)
class Slot:
    """A place for a name."""

    role: str
    titled: bool = False
    """True where it stands in title marks every time."""


Piece = str | Slot
Sequence = tuple[Piece, ...]
Choice = tuple[Sequence, ...]


@dataclass(frozen=True)
class Pattern:
    """One wording with all that it leaves open."""

    text: str
    """As it was written."""
    choices: tuple[Choice, ...]
    """In order; a plain piece is a choice of one."""

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """Read a wording.

        Raises:
            PatternError: a bracket without its partner, one in another, an empty role, or parts of a choice that give
                different names, so that nobody could say what the question gives.
        """
        choices: list[Choice] = []
        for found in _CHOICE.finditer(text):
            if found["wrong"]:
                raise PatternError(f"a bracket {found['wrong']!r} without its partner, or one inside another")
            options = [found["plain"]] if found["plain"] else found["options"].split("|")
            choices.append(tuple(_sequence(option) for option in options))
        for choice in choices:
            if len({_roles(option) for option in choice}) > 1:
                raise PatternError(f"the parts of a choice give different names in {text!r}")
        return cls(text, tuple(choices))

    @cached_property
    def roles(self) -> frozenset[str]:
        """The names that it gives."""
        return frozenset().union(*(_roles(choice[0]) for choice in self.choices))

    @cached_property
    def expression(self) -> str:
        """A regular expression for the bare wordings (`keys.bare`) that it makes."""
        return "".join("(?:" + "|".join(map(_expression, choice)) + ")" for choice in self.choices)

    def draw(self, random: Random) -> Sequence:
        """Decide what is left open."""
        return tuple(piece for choice in self.choices for piece in random.choice(choice))

    def filled(self, pieces: Mapping[str, Piece]) -> "Pattern":
        """Put words, taken as they are, or other roles in the places of these roles."""
        choices = tuple(tuple(_filled(option, pieces) for option in choice) for choice in self.choices)
        text = self.text
        for role, piece in pieces.items():
            text = text.replace("{" + role + "}", piece if isinstance(piece, str) else "{" + piece.role + "}")
        return Pattern(text, choices)


def _sequence(text: str) -> Sequence:
    pieces: list[Piece] = []
    for found in _PIECE.finditer(text):
        role = found["titled"] if found["titled"] is not None else found["role"]
        if found["wrong"] or role == "":
            raise PatternError(f"a brace without its partner or without a role in {text!r}")
        pieces.append(found["text"] if role is None else Slot(role, found["titled"] is not None))
    return tuple(pieces)


def _roles(option: Sequence) -> frozenset[str]:
    return frozenset(piece.role for piece in option if isinstance(piece, Slot)) - WORDS


def _filled(option: Sequence, pieces: Mapping[str, Piece]) -> Sequence:
    return tuple(pieces.get(piece.role, piece) if isinstance(piece, Slot) else piece for piece in option)


def _expression(option: Sequence) -> str:
    return "".join(HOLE if isinstance(piece, Slot) else re.escape(bare(piece)) for piece in option)
