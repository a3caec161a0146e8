"""The language of wordings: `{role}` is a name, `(a|b|)` a choice of parts, `《{role}》` a name in title marks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random

from ckgqa_preprocess.questions.templates.annotated_text import NAME_MASK
from ckgqa_preprocess.questions.templates.wording_key import normalize_wording

_PIECE = re.compile(r"《\{(?P<titled>[^{}]*)\}》|\{(?P<role>[^{}]*)\}|(?P<text>[^{}]+?(?=《\{|\{|$))|(?P<wrong>.)")
_CHOICE = re.compile(r"\((?P<options>[^()]*)\)|(?P<plain>[^()]+)|(?P<wrong>.)")

WORDS = frozenset({"noun", "thing", "slot"})
"""Placeholders for words of a predicate, a type or a slot, not for names."""


class PatternError(ValueError):
    """A malformed wording; the message says why."""


@dataclass(frozen=True)
class Placeholder:
    """The position of a name in a wording."""

    role: str
    titled: bool = False
    """True if the name always stands in title marks."""


Piece = str | Placeholder
PieceSequence = tuple[Piece, ...]
Choice = tuple[PieceSequence, ...]


@dataclass(frozen=True)
class Pattern:
    """One wording, parsed."""

    text: str
    """The wording as its author wrote it."""
    choices: tuple[Choice, ...]
    """In order; a plain piece is a choice of one."""

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """Parse a wording.

        Raises:
            PatternError: brackets are unbalanced or nested, a role is empty, or the parts of a choice name different
                roles, so that the roles of the question would be undefined.
        """
        choices: list[Choice] = []
        for match in _CHOICE.finditer(text):
            if match["wrong"]:
                raise PatternError(f"a bracket {match['wrong']!r} without its partner, or one inside another")
            options = [match["plain"]] if match["plain"] else match["options"].split("|")
            choices.append(tuple(_parse_pieces(option) for option in options))
        for choice in choices:
            if len({_roles(option) for option in choice}) > 1:
                raise PatternError(f"the parts of a choice give different names in {text!r}")
        return cls(text, tuple(choices))

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles whose names the wording contains."""
        return frozenset().union(*(_roles(choice[0]) for choice in self.choices))

    @cached_property
    def expression(self) -> str:
        """A regular expression for the normalized wordings (`normalize_wording`) that the pattern generates."""
        return "".join("(?:" + "|".join(map(_expression, choice)) + ")" for choice in self.choices)

    def draw(self, rng: Random) -> PieceSequence:
        """Draw one part of each choice."""
        return tuple(piece for choice in self.choices for piece in rng.choice(choice))

    def filled(self, pieces: Mapping[str, Piece]) -> "Pattern":
        """Replace the placeholders of these roles by literal words or by placeholders of other roles."""
        choices = tuple(tuple(_filled(option, pieces) for option in choice) for choice in self.choices)
        text = self.text
        for role, piece in pieces.items():
            text = text.replace("{" + role + "}", piece if isinstance(piece, str) else "{" + piece.role + "}")
        return Pattern(text, choices)


def _parse_pieces(text: str) -> PieceSequence:
    pieces: list[Piece] = []
    for match in _PIECE.finditer(text):
        role = match["titled"] if match["titled"] is not None else match["role"]
        if match["wrong"] or role == "":
            raise PatternError(f"a brace without its partner or without a role in {text!r}")
        pieces.append(match["text"] if role is None else Placeholder(role, match["titled"] is not None))
    return tuple(pieces)


def _roles(option: PieceSequence) -> frozenset[str]:
    return frozenset(piece.role for piece in option if isinstance(piece, Placeholder)) - WORDS


def _filled(option: PieceSequence, pieces: Mapping[str, Piece]) -> PieceSequence:
    return tuple(pieces.get(piece.role, piece) if isinstance(piece, Placeholder) else piece for piece in option)


def _expression(option: PieceSequence) -> str:
    return "".join(
        NAME_MASK if isinstance(piece, Placeholder) else re.escape(normalize_wording(piece)) for piece in option
    )
