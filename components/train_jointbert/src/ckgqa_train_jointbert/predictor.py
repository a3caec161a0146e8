"""From texts to readings, whatever runs the network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ckgqa.training.lengths import batches_by_length
from ckgqa_train_jointbert.labels import Labels
from ckgqa_train_jointbert.reading import Reading, Scores, read
from ckgqa_train_jointbert.vocabulary import PADDING, Vocabulary

MAX_QUESTIONS = 128  # in a batch, however short they are


class Engine(Protocol):
    """What runs the network."""

    @property
    def batch_characters(self) -> int:
        """Characters in a batch, padding counted, beyond which a larger one is no faster."""
        ...

    def run(self, ids: np.ndarray) -> Scores:
        """Score questions; ids (B, T + 2) int32: [CLS], characters, [SEP], padding."""
        ...


@dataclass(frozen=True)
class Predictor:
    """Reads questions."""

    engine: Engine
    vocabulary: Vocabulary
    labels: Labels
    window: int
    """Most characters of a question; the caller sees to it that none has more."""
    temperature: float

    def predict(self, texts: Sequence[str]) -> list[Reading]:
        """Read questions, each of at least one and at most `window` characters."""
        found: list[Reading | None] = [None] * len(texts)
        for batch, scores in self.score(texts):
            readings = read([texts[index] for index in batch], scores, self.labels, self.temperature)
            for index, reading in zip(batch, readings, strict=True):
                found[index] = reading
        return [reading for reading in found if reading is not None]

    def score(self, texts: Sequence[str]) -> Iterator[tuple[list[int], Scores]]:
        """Run the network over questions of like length together; gives (places in `texts`, their scores)."""
        encoded = [self.vocabulary.encode(text) for text in texts]
        for batch in batches_by_length([len(ids) for ids in encoded], self.engine.batch_characters, MAX_QUESTIONS):
            yield batch, self.engine.run(pad([encoded[index] for index in batch]))


def pad(sequences: Sequence[Sequence[int]], fill: int = PADDING, multiple: int = 1) -> np.ndarray:
    """Put sequences into one table, (B, width) int32.

    Args:
        sequences: at least one.
        fill: what stands after an end.
        multiple: the width is the longest sequence's, rounded up to a multiple of this.
    """
    width = -(-max(map(len, sequences)) // multiple) * multiple
    table = np.full((len(sequences), width), fill, dtype=np.int32)
    for row, numbers in zip(table, sequences, strict=True):
        row[: len(numbers)] = numbers
    return table
