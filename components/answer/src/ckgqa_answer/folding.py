"""Names as they are compared: width, case, marks, spaces and the script of digits make no difference.

`《ＡＩ》`, `ai` and `A I` fold to `ai`, 第一季 (first season) to `第1季`. The place of every folded character in the
text is kept, so that a name that is found in the folded text is found in the text.
"""

import re
import unicodedata
from dataclasses import dataclass

# Marks that stand round a title or a quotation, and dots between the parts of a foreign name.
TITLE_MARKS = "《》〈〉「」『』“”‘’\"'`"
_IGNORED = frozenset(TITLE_MARKS + "·•・‧∙⋅・，、：；！？!?;—")
# Between digits a full stop is a decimal point and a hyphen belongs to a date; elsewhere (`J.K.罗琳`) both are marks.
_POINT = re.compile(r"(?<!\d)[.．,:\-－]|[.．,:\-－](?!\d)")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
# What folding leaves as it is: most names, and reading a million of them takes the time of this line.
_PLAIN = re.compile("[\u4e00-\u9fff0-9a-z]+")
_PAIRS = (("《", "》"), ("〈", "〉"), ("「", "」"), ("『", "』"), ("“", "”"), ("‘", "’"), ('"', '"'), ("'", "'"))
_QUOTED = tuple(re.compile(f"{opening}([^{opening}{closing}]+){closing}") for opening, closing in _PAIRS)


@dataclass(frozen=True)
class Folded:
    """A folded text, and where each of its characters stood."""

    text: str
    places: tuple[int, ...]
    """Position in the original of each folded character."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the span in the original (end excluded) of a span that is not empty."""
        return self.places[start], self.places[end - 1] + 1


def fold_text(text: str, digits: bool = True) -> Folded:
    """Fold a text and keep the places.

    Args:
        text: as it was typed.
        digits: whether Chinese digits become others too.
    """
    points = {found.start() for found in _POINT.finditer(text)}
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if character in _IGNORED or character.isspace() or place in points:
            continue
        for letter in unicodedata.normalize("NFKC", character).casefold():
            if not letter.isspace():
                letters.append(letter)
                places.append(place)
    folded = "".join(letters)
    return Folded(folded.translate(_DIGITS) if digits else folded, tuple(places))


def fold(name: str) -> str:
    """Fold a name."""
    return fold_sound(name).translate(_DIGITS)


def fold_sound(name: str) -> str:
    """Fold a name but for its digits, which sound as they are written."""
    return name if _PLAIN.fullmatch(name) else fold_text(name, digits=False).text


def quoted(text: str) -> list[tuple[int, int]]:
    """Find what stands between title marks or quotation marks: spans without the marks, end excluded."""
    return sorted({found.span(1) for pattern in _QUOTED for found in pattern.finditer(text)})


def is_chinese(character: str) -> bool:
    """Tell whether a character is a Chinese one (CJK ideographs with extension A, and the rare ones beyond)."""
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


def has_words(text: str) -> bool:
    """Tell whether a text holds a letter or a digit of any script; punctuation and emoji are none."""
    return any(character.isalnum() for character in text)
