"""Characters as numbers, one position each whatever they are, so that spans are offsets of the text as it was given.

No tokeniser of anybody else is used, not even for a BERT: it would join digits and English letters, drop rare
characters, or change their form, and the spans would no longer fit the text. Standard library only, so that a model can
be served without the library that trained it.
"""

import unicodedata
from collections.abc import Mapping


class CharacterIds:
    """Looks characters up.

    Args:
        known: each known character's id.
        unknown: id of every other character.
    """

    def __init__(self, known: Mapping[str, int], unknown: int) -> None:
        self._known = known
        self._unknown = unknown
        # Also holds what was found through another form; unknown characters are not kept, since there are many.
        self._found = dict(known)

    def of(self, text: str) -> list[int]:
        """Give every character's id.

        A capital or a full-width form that is not known itself is looked up as its small or plain form.
        """
        found = self._found
        try:
            return [found[character] for character in text]
        except KeyError:
            return [self._look_up(character) for character in text]

    def _look_up(self, character: str) -> int:
        if character in self._found:
            return self._found[character]
        plain = unicodedata.normalize("NFKC", character)
        for form in (character.lower(), plain, plain.lower()):
            if form in self._known:
                self._found[character] = self._known[form]
                return self._known[form]
        return self._unknown
