"""Characters, pairs of characters and kinds of characters as numbers."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import orjson

from ckgqa.runtime.errors import InputError
from ckgqa.training.characters import CharacterIds

# 0 is padding.
UNKNOWN = 1
# Kinds of characters, which say something even about one that was never seen.
KINDS = ("padding", "other", "chinese", "digit", "capital", "letter", "space", "punctuation", "opening", "closing")
_CATEGORY_KINDS = {
    "Nd": "digit", "Nl": "digit", "No": "digit", "Lu": "capital", "Ll": "letter", "Zs": "space", "Cc": "space",
    "Pi": "opening", "Ps": "opening", "Pf": "closing", "Pe": "closing",
}  # fmt: skip


@dataclass(frozen=True)
class Vocabulary:
    """The characters and pairs of neighbours that a model knows.

    Attributes:
        characters: known characters, each with its id.
        unknown: id of every other character.
        pairs: known pairs of neighbouring characters; a pair's id is its index + 2.
    """

    characters: Mapping[str, int]
    unknown: int
    pairs: tuple[str, ...]

    @cached_property
    def pair_ids(self) -> dict[str, int]:
        """Give the id of each known pair."""
        return {pair: index for index, pair in enumerate(self.pairs, start=2)}

    @cached_property
    def _look_up(self) -> CharacterIds:
        return CharacterIds(self.characters, self.unknown)

    def character_ids(self, text: str) -> np.ndarray:
        """Give every character's id, (len(text),) int32."""
        return np.array(self._look_up.of(text), dtype=np.int32)

    def neighbour_ids(self, text: str) -> np.ndarray:
        """Give the ids of the pairs (left, self) and (self, right) of every character, (len(text), 2) int32."""
        get = self.pair_ids.get
        framed = f"\n{text}\n"
        ids = [get(framed[i : i + 2], UNKNOWN) for i in range(len(framed) - 1)]
        return np.array([ids[:-1], ids[1:]], dtype=np.int32).T


def kind_ids(text: str) -> np.ndarray:
    """Give the kind of every character, (len(text),) int32, as an index into KINDS."""
    return np.array([_kind(character) for character in text], dtype=np.int32)


def _kind(character: str, known: dict[str, int] = {}) -> int:  # noqa: B006 -- a memory, on purpose
    kind = known.get(character)
    if kind is None:
        category = unicodedata.category(character)
        name = "chinese" if category == "Lo" else _CATEGORY_KINDS.get(category)
        kind = known[character] = KINDS.index(name or ("punctuation" if category[0] == "P" else "other"))
    return kind


def learn_vocabulary(texts: Iterable[str], min_count: int, max_pairs: int, min_pair_count: int) -> Vocabulary:
    """Collect the characters and the commonest pairs of the texts.

    Args:
        texts: training texts.
        min_count: how often a character must occur; a rarer one teaches what the unknown character looks like.
        max_pairs: most pairs that are kept, the commonest first.
        min_pair_count: how often a pair must occur.
    """
    characters: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for text in texts:
        characters.update(text)
        framed = f"\n{text}\n"
        pairs.update(framed[i : i + 2] for i in range(len(framed) - 1))
    kept = sorted(character for character, count in characters.items() if count >= min_count)
    common = sorted((-count, pair) for pair, count in pairs.items() if count >= min_pair_count)[:max_pairs]
    return Vocabulary({c: i for i, c in enumerate(kept, start=2)}, UNKNOWN, tuple(pair for _, pair in common))


def write_vocabulary(path: Path, vocabulary: Vocabulary) -> None:
    """Write vocabulary.json."""
    content = {
        "characters": dict(vocabulary.characters), "unknown": vocabulary.unknown, "pairs": list(vocabulary.pairs),
    }  # fmt: skip
    path.write_bytes(orjson.dumps(content))


def read_vocabulary(path: Path) -> Vocabulary:
    """Read vocabulary.json.

    Raises:
        InputError: it is missing or not a vocabulary.
    """
    try:
        content = orjson.loads(path.read_bytes())
        return Vocabulary(dict(content["characters"]), int(content["unknown"]), tuple(content["pairs"]))
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing: the folder is no model that `train` wrote") from error
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not a vocabulary ({error!r})") from error
