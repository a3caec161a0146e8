"""Characters as numbers, one position for each, so that spans are offsets into the original text.

No tokeniser is used, not even for a BERT: it would join digits and English letters, drop rare characters, or change
their form, and the spans would no longer fit the text. This module uses the standard library alone, so that a model can
be served without the library that trained it.
"""

import unicodedata
from collections.abc import Mapping


class CharacterIds:
    """Maps characters to ids.

    Args:
        known: each known character's id.
        unknown: id of every other character.
    """

    def __init__(self, known: Mapping[str, int], unknown: int) -> None:
        self._known = known
        self._unknown = unknown
        # Also holds the ids that were found through another form; not the unknown characters, since there are many.
        self._cache = dict(known)

    def of(self, text: str) -> list[int]:
        """Return every character's id.

        A capital or a full-width form that is unknown itself is looked up as its small or plain form.
        """
        cache = self._cache
        try:
            return [cache[character] for character in text]
        except KeyError:
            return [self._look_up(character) for character in text]

    def _look_up(self, character: str) -> int:
        if character in self._cache:
            return self._cache[character]
        plain = unicodedata.normalize("NFKC", character)
        for form in (character.lower(), plain, plain.lower()):
            if form in self._known:
                self._cache[character] = self._known[form]
                return self._known[form]
        return self._unknown
