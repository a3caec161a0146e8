"""Normalization of names: width, case, marks, spaces and the script of digits make no difference.

`《ＡＩ》`, `ai` and `A I` become `ai`, 第一季 (first season) becomes `第1季`. The original position of every character
is recorded, so that a name found in the normalized text is found in the original.
"""

import re
import unicodedata
from dataclasses import dataclass

# Marks around a title or a quotation, and dots between the parts of a foreign name.
TITLE_MARKS = "《》〈〉「」『』“”‘’\"'`"
_IGNORED = frozenset(TITLE_MARKS + "·•・‧∙⋅・，、：；！？!?;—~～…")
# Between digits a full stop is a decimal point and a hyphen belongs to a date; elsewhere (`J.K.罗琳`) both are marks.
_POINT = re.compile(r"(?<!\d)[.．,:\-－]|[.．,:\-－](?!\d)")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
# Most names are normalized already; this pattern makes reading a million of them fast.
_NORMALIZED = re.compile("[\u4e00-\u9fff0-9a-z]+")
_PAIRS = (("《", "》"), ("〈", "〉"), ("「", "」"), ("『", "』"), ("“", "”"), ("‘", "’"), ('"', '"'), ("'", "'"))
_QUOTED = tuple(re.compile(f"{opening}([^{opening}{closing}]+){closing}") for opening, closing in _PAIRS)


@dataclass(frozen=True)
class NormalizedText:
    """A normalized text with the original position of each character."""

    text: str
    positions: tuple[int, ...]
    """Position in the original of each normalized character."""

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the original (end excluded) of a span of at least one character."""
        return self.positions[start], self.positions[end - 1] + 1


def normalize_text(text: str, digits: bool = True) -> NormalizedText:
    """Normalize a text and record the positions.

    Args:
        text: the original.
        digits: whether Chinese digits become Arabic ones.
    """
    points = {match.start() for match in _POINT.finditer(text)}
    letters: list[str] = []
    positions: list[int] = []
    for position, character in enumerate(text):
        if character in _IGNORED or character.isspace() or position in points:
            continue
        for letter in unicodedata.normalize("NFKC", character).casefold():
            if not letter.isspace():
                letters.append(letter)
                positions.append(position)
    normalized = "".join(letters)
    return NormalizedText(normalized.translate(_DIGITS) if digits else normalized, tuple(positions))


def normalize_name(name: str) -> str:
    """Normalize a name."""
    return normalize_spelling(name).translate(_DIGITS)


def normalize_spelling(name: str) -> str:
    """Normalize a name except for its Chinese digits, whose pronunciation counts."""
    return name if _NORMALIZED.fullmatch(name) else normalize_text(name, digits=False).text


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """Find the spans between title marks or quotation marks, without the marks, end excluded."""
    return sorted({match.span(1) for pattern in _QUOTED for match in pattern.finditer(text)})


def is_chinese(character: str) -> bool:
    """Return whether a character is a CJK ideograph (with extension A, and the supplementary planes)."""
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


def has_words(text: str) -> bool:
    """Return whether a text has a letter or a digit of any script; punctuation and emoji do not count."""
    return any(character.isalnum() for character in text)
