"""Keys of wordings: politeness, quotes, punctuation, letter case and names make no difference."""

import re
import unicodedata
from collections.abc import Iterable

from ckgqa_preprocess.questions.templates.annotated_text import NAME_MASK, AnnotatedText

_IGNORED = re.compile(rf"[^\w{NAME_MASK}]|_")


def normalize_wording(text: str) -> str:
    """Remove punctuation and white space from a text, and fold widths and letter case."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text).lower())


class WordingKey:
    """Computes the key of a question's wording: two questions with one key differ only in names and politeness.

    Args:
        openings: phrases that may precede a question, such as 请问 (may I ask).
        closings: phrases that may follow it, such as 呢.
    """

    def __init__(self, openings: Iterable[str], closings: Iterable[str]) -> None:
        self._openings = _longest_first(openings)
        self._closings = _longest_first(closings)

    def __call__(self, text: AnnotatedText) -> str:
        """Return the key of a question's wording."""
        return self.of_wording(text.wording)

    def of_wording(self, wording: str) -> str:
        """Return the key of a delexicalized wording."""
        key = normalize_wording(wording)
        while True:
            shorter = self._without_politeness(key)
            if shorter == key or not shorter.replace(NAME_MASK, ""):
                return key
            key = shorter

    def _without_politeness(self, text: str) -> str:
        """Remove one opening and one closing."""
        opening = next((phrase for phrase in self._openings if text.startswith(phrase)), "")
        text = text[len(opening) :]
        closing = next((phrase for phrase in self._closings if text.endswith(phrase)), "")
        return text[: len(text) - len(closing)]


def _longest_first(phrases: Iterable[str]) -> list[str]:
    normalized = {text for text in map(normalize_wording, phrases) if text}
    return sorted(normalized, key=lambda text: (-len(text), text))
