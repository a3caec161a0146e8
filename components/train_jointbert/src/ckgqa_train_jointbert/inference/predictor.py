"""From texts to predictions, with any engine that runs the network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ckgqa.training.lengths import batches_by_length
from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.data.vocabulary import PADDING, CharacterVocabulary
from ckgqa_train_jointbert.inference.predictions import JointBertLogits, QuestionPrediction, decode

MAX_QUESTIONS = 128  # in a batch, however short they are


class InferenceEngine(Protocol):
    """Runs the network."""

    @property
    def batch_characters(self) -> int:
        """Characters in a batch, padding included, beyond which a larger batch is no faster."""
        ...

    def run(self, ids: np.ndarray) -> JointBertLogits:
        """Compute the logits of questions; ids (B, T + 2) int32: [CLS], characters, [SEP], padding."""
        ...


@dataclass(frozen=True)
class Predictor:
    """Predicts intents and slots."""

    engine: InferenceEngine
    vocabulary: CharacterVocabulary
    labels: Labels
    window: int
    """Maximum characters of a question; the caller checks it."""
    temperature: float

    def predict(self, texts: Sequence[str]) -> list[QuestionPrediction]:
        """Predict for questions of at least one and at most `window` characters, in their order."""
        by_index: dict[int, QuestionPrediction] = {}
        for batch, logits in self.logits(texts):
            predictions = decode([texts[index] for index in batch], logits, self.labels, self.temperature)
            by_index.update(zip(batch, predictions, strict=True))
        return [by_index[index] for index in range(len(texts))]

    def logits(self, texts: Sequence[str]) -> Iterator[tuple[list[int], JointBertLogits]]:
        """Run the network over batches of questions of similar length.

        Yields:
            The batch as indices into `texts`, and its logits.
        """
        encoded = [self.vocabulary.encode(text) for text in texts]
        for batch in batches_by_length([len(ids) for ids in encoded], self.engine.batch_characters, MAX_QUESTIONS):
            yield batch, self.engine.run(pad([encoded[index] for index in batch]))


def pad(sequences: Sequence[Sequence[int]], fill: int = PADDING, multiple: int = 1) -> np.ndarray:
    """Pad sequences to one width, (B, width) int32.

    Args:
        sequences: at least one.
        fill: the padding.
        multiple: the width is the longest sequence's, rounded up to a multiple of this.
    """
    width = -(-max(map(len, sequences)) // multiple) * multiple
    table = np.full((len(sequences), width), fill, dtype=np.int32)
    for row, numbers in zip(table, sequences, strict=True):
        row[: len(numbers)] = numbers
    return table
