"""The characters that a model knows, as rows of its embeddings: [PAD], [UNK], [CLS], [SEP], then the characters."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ckgqa.runtime.artefacts import VOCABULARY_JSON
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_json, write_json
from ckgqa.training.characters import CharacterIds

PADDING, UNKNOWN, CLS, SEP = range(4)
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


@dataclass(frozen=True)
class CharacterVocabulary:
    """The known characters, in the order of their embeddings."""

    characters: tuple[str, ...]

    def __len__(self) -> int:
        return len(SPECIAL_TOKENS) + len(self.characters)

    @cached_property
    def _ids(self) -> CharacterIds:
        known = {character: number for number, character in enumerate(self.characters, start=len(SPECIAL_TOKENS))}
        return CharacterIds(known, UNKNOWN)

    def encode(self, text: str) -> list[int]:
        """Return the ids of [CLS], of every character of the text, and of [SEP]."""
        return [CLS, *self._ids.of(text), SEP]


def learn_vocabulary(texts: Iterable[str], min_count: int) -> CharacterVocabulary:
    """Collect the characters of the training texts.

    Args:
        texts: training texts.
        min_count: minimum occurrences of a character; rarer ones train the embedding of the unknown character.
    """
    counts = Counter(character for text in texts for character in text)
    return CharacterVocabulary(tuple(sorted(character for character, count in counts.items() if count >= min_count)))


def write_vocabulary(folder: Path, vocabulary: CharacterVocabulary) -> None:
    """Write vocabulary.json."""
    write_json(folder / VOCABULARY_JSON, {"characters": list(vocabulary.characters)})


def read_vocabulary(folder: Path) -> CharacterVocabulary:
    """Read vocabulary.json.

    Raises:
        InputError: the file is missing or holds no vocabulary.
    """
    path = folder / VOCABULARY_JSON
    characters = read_json(path).get("characters")
    if not isinstance(characters, list) or not all(isinstance(item, str) and len(item) == 1 for item in characters):
        raise InputError(f"{path}: not a vocabulary; a list of single characters is expected under `characters`")
    return CharacterVocabulary(tuple(str(character) for character in characters))
