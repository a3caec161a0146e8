"""When two wordings are the same: politeness, quotes, punctuation, case and the names do not count."""

import re
import unicodedata
from collections.abc import Iterable

from ckgqa_preprocess.questions.texts import HOLE, Text

_SILENT = re.compile(rf"[^\w{HOLE}]|_")


def bare(text: str) -> str:
    """Return what is left of a text without punctuation, white space, widths and cases."""
    return _SILENT.sub("", unicodedata.normalize("NFKC", text).lower())


class Keys:
    """Gives every question the key of its wording: two with one key are worded alike.

    Args:
        openings: what may stand before a question, such as 请问.
        closings: what may stand behind it, such as 呢.
    """

    def __init__(self, openings: Iterable[str], closings: Iterable[str]) -> None:
        self._openings = _longest_first(openings)
        self._closings = _longest_first(closings)

    def __call__(self, text: Text) -> str:
        """Return the key of a question's wording."""
        return self.of_wording(text.wording)

    def of_wording(self, wording: str) -> str:
        """Return the key of words in which each name is a hole already."""
        left = bare(wording)
        while True:
            shorter = self._shortened(left)
            if shorter == left or not shorter.replace(HOLE, ""):
                return left
            left = shorter

    def _shortened(self, text: str) -> str:
        """Take one opening and one closing off."""
        opening = next((known for known in self._openings if text.startswith(known)), "")
        text = text[len(opening) :]
        closing = next((known for known in self._closings if text.endswith(known)), "")
        return text[: len(text) - len(closing)]


def _longest_first(known: Iterable[str]) -> list[str]:
    return sorted({text for text in map(bare, known) if text}, key=lambda text: (-len(text), text))
