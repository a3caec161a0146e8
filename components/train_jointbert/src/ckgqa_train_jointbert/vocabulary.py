"""The characters that a model knows, as rows of its embeddings: [PAD], [UNK], [CLS], [SEP], then the characters."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_json, write_json
from ckgqa.training.characters import CharacterIds

NAME = "vocabulary.json"
PADDING, UNKNOWN, CLS, SEP = range(4)
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


@dataclass(frozen=True)
class Vocabulary:
    """Known characters in the order of their rows."""

    characters: tuple[str, ...]

    def __len__(self) -> int:
        return len(SPECIAL_TOKENS) + len(self.characters)

    @cached_property
    def _ids(self) -> CharacterIds:
        known = {character: number for number, character in enumerate(self.characters, start=len(SPECIAL_TOKENS))}
        return CharacterIds(known, UNKNOWN)

    def encode(self, text: str) -> list[int]:
        """Give what the model reads: [CLS], one number for every character of the text, [SEP]."""
        return [CLS, *self._ids.of(text), SEP]


def learn_vocabulary(texts: Iterable[str], min_count: int) -> Vocabulary:
    """Collect the characters of the texts.

    Args:
        texts: training texts.
        min_count: how often a character must occur; a rarer one teaches what the unknown character looks like.
    """
    counts = Counter(character for text in texts for character in text)
    return Vocabulary(tuple(sorted(character for character, count in counts.items() if count >= min_count)))


def write_vocabulary(folder: Path, vocabulary: Vocabulary) -> None:
    """Write vocabulary.json."""
    write_json(folder / NAME, {"characters": list(vocabulary.characters)})


def read_vocabulary(folder: Path) -> Vocabulary:
    """Read vocabulary.json.

    Raises:
        InputError: it is missing or no vocabulary.
    """
    path = folder / NAME
    found = read_json(path).get("characters")
    if not isinstance(found, list) or not all(isinstance(one, str) and len(one) == 1 for one in found):
        raise InputError(f"{path}: not a vocabulary; a list of single characters is expected under `characters`")
    return Vocabulary(tuple(str(one) for one in found))
