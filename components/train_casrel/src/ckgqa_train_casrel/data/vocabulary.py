"""Characters, bigrams and character types as numbers."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import orjson

from ckgqa.runtime.errors import InputError
from ckgqa.training.characters import CharacterIds

# 0 is padding.
UNKNOWN = 1
# A character's type informs the model even about characters that the training split lacks.
CHAR_TYPES = (
    "padding", "other", "chinese", "digit", "capital", "letter", "space", "punctuation", "opening", "closing",
)  # fmt: skip
# From Unicode's general category.
_CATEGORY_TYPES = {
    "Nd": "digit", "Nl": "digit", "No": "digit", "Lu": "capital", "Ll": "letter", "Zs": "space", "Cc": "space",
    "Pi": "opening", "Ps": "opening", "Pf": "closing", "Pe": "closing", "Lo": "chinese",
}  # fmt: skip
# Stands before and behind every text, so that its first and last character have two bigrams too.
_EDGE = "\n"


@dataclass(frozen=True)
class CasRelVocabulary:
    """The characters and bigrams that a model knows.

    Attributes:
        characters: known characters, each with its id.
        unknown: id of every other character.
        bigrams: known pairs of neighbouring characters; a bigram's id is its index + 2.
    """

    characters: Mapping[str, int]
    unknown: int
    bigrams: tuple[str, ...]

    @cached_property
    def _bigram_ids(self) -> dict[str, int]:
        return {bigram: index for index, bigram in enumerate(self.bigrams, start=2)}

    @cached_property
    def _lookup(self) -> CharacterIds:
        return CharacterIds(self.characters, self.unknown)

    def encode_characters(self, text: str) -> np.ndarray:
        """Return every character's id, (len(text),) int32."""
        return np.array(self._lookup.of(text), dtype=np.int32)

    def encode_bigrams(self, text: str) -> np.ndarray:
        """Return the ids of the bigrams (left, self) and (self, right) of every character, (len(text), 2) int32."""
        ids = [self._bigram_ids.get(bigram, UNKNOWN) for bigram in _bigrams(text)]
        return np.array([ids[:-1], ids[1:]], dtype=np.int32).T


def encode_char_types(text: str) -> np.ndarray:
    """Return the type of every character, (len(text),) int32, as an index into CHAR_TYPES."""
    return np.array([_char_type(character) for character in text], dtype=np.int32)


@cache
def _char_type(character: str) -> int:
    category = unicodedata.category(character)
    fallback = "punctuation" if category[0] == "P" else "other"
    return CHAR_TYPES.index(_CATEGORY_TYPES.get(category, fallback))


def _bigrams(text: str) -> list[str]:
    framed = f"{_EDGE}{text}{_EDGE}"
    return [framed[i : i + 2] for i in range(len(framed) - 1)]


def learn_vocabulary(texts: Iterable[str], min_count: int, max_bigrams: int, min_bigram_count: int) -> CasRelVocabulary:
    """Collect the characters and the most frequent bigrams of the texts.

    Args:
        texts: training texts.
        min_count: minimum occurrences of a character; a rarer one trains the embedding of the unknown character.
        max_bigrams: maximum number of bigrams, the most frequent first.
        min_bigram_count: minimum occurrences of a bigram.
    """
    characters: Counter[str] = Counter()
    bigrams: Counter[str] = Counter()
    for text in texts:
        characters.update(text)
        bigrams.update(_bigrams(text))
    known = sorted(character for character, count in characters.items() if count >= min_count)
    frequent = sorted((-count, bigram) for bigram, count in bigrams.items() if count >= min_bigram_count)[:max_bigrams]
    ids = {character: index for index, character in enumerate(known, start=2)}
    return CasRelVocabulary(ids, UNKNOWN, tuple(bigram for _, bigram in frequent))


def write_vocabulary(path: Path, vocabulary: CasRelVocabulary) -> None:
    """Write vocabulary.json."""
    content = {
        "characters": dict(vocabulary.characters), "unknown": vocabulary.unknown, "bigrams": list(vocabulary.bigrams),
    }  # fmt: skip
    path.write_bytes(orjson.dumps(content))


def read_vocabulary(path: Path) -> CasRelVocabulary:
    """Read vocabulary.json.

    Raises:
        InputError: the file is missing or not a vocabulary.
    """
    try:
        content = orjson.loads(path.read_bytes())
        return CasRelVocabulary(dict(content["characters"]), int(content["unknown"]), tuple(content["bigrams"]))
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing: the folder does not hold a model that `train` wrote") from error
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not a vocabulary ({error!r})") from error
