"""The encoder that trains from scratch: embeddings and a BiLSTM."""

from typing import cast

import torch
from torch import Tensor, nn

from ckgqa_train_casrel.data.batches import WindowBatch
from ckgqa_train_casrel.data.vocabulary import CHAR_TYPES
from ckgqa_train_casrel.model.config import CasRelArchitecture


class LstmLayer(nn.Module):
    """One bidirectional LSTM layer over padded batches.

    The two directions are separate LSTMs, and the backward one reads each sequence reversed within its own length. So
    it starts at the last character and not in the padding, and both use the fast path of the CPU library, which packed
    sequences lack.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.forwards = nn.LSTM(input_size, hidden_size // 2, batch_first=True)
        self.backwards = nn.LSTM(input_size, hidden_size // 2, batch_first=True)

    def forward(self, states: Tensor, mirrored: Tensor) -> Tensor:
        """Encode in both directions.

        Args:
            states: (B, T, input_size).
            mirrored: (B * T,) int64: for each position of the batch its mirror image within the sequence's length.

        Returns:
            (B, T, hidden_size).
        """
        left_to_right = self.forwards(states)[0]
        right_to_left = _reverse(self.backwards(_reverse(states, mirrored))[0], mirrored)
        return torch.cat([left_to_right, right_to_left], dim=-1)


def _reverse(states: Tensor, mirrored: Tensor) -> Tensor:
    # Whole rows are copied at once: ten times as fast as `gather`, which looks up every number by itself.
    return states.flatten(0, 1).index_select(0, mirrored).view_as(states)


def drop_features(states: Tensor, share: float, training: bool) -> Tensor:
    """Drop some features of each sequence, the same at all of its positions; states are (N, T, C).

    One draw a sequence and feature is far cheaper than one for every number, and the neighbouring positions do not
    reveal the dropped feature. Source: Gal and Ghahramani 2016, arXiv:1512.05287.
    """
    if not training or share == 0:
        return states
    survives = torch.rand(states.shape[0], 1, states.shape[2], device=states.device) >= share
    return states * (survives.to(states.dtype) / (1 - share))


def mirror_positions(lengths: Tensor, width: int) -> Tensor:
    """Return each position's mirror image, (B * T,) int64, both counted through the batch; padding stays in place."""
    positions = torch.arange(width, device=lengths.device)[None]
    images = torch.where(positions < lengths[:, None], lengths[:, None] - 1 - positions, positions)
    return (images + width * torch.arange(len(lengths), device=lengths.device)[:, None]).flatten()


class BilstmEncoder(nn.Module):
    """Characters, bigrams and character types -> embeddings -> BiLSTM.

    Args:
        architecture: sizes.
        characters: number of character ids, padding and the unknown character included.
        bigrams: number of bigram ids, likewise.
    """

    def __init__(self, architecture: CasRelArchitecture, characters: int, bigrams: int) -> None:
        super().__init__()
        sizes = architecture
        # These three names are those of the weights in model.safetensors.
        self.characters = nn.Embedding(characters, sizes.char_embedding_dim, padding_idx=0)
        self.pairs = nn.Embedding(bigrams, sizes.bigram_embedding_dim, padding_idx=0)
        self.kinds = nn.Embedding(len(CHAR_TYPES), sizes.char_type_embedding_dim, padding_idx=0)
        self.dropout = sizes.dropout
        embedding_dim = sizes.char_embedding_dim + 2 * sizes.bigram_embedding_dim + sizes.char_type_embedding_dim
        self.layers = nn.ModuleList(
            LstmLayer(embedding_dim if n == 0 else sizes.hidden_size, sizes.hidden_size) for n in range(sizes.layers)
        )

    def forward(self, batch: WindowBatch) -> Tensor:
        """Encode a batch, (B, T, hidden_size); states at padding are undefined."""
        bigrams = self.pairs(batch.bigrams).flatten(2)  # (B, T, 2 * bigram_embedding_dim)
        states = torch.cat([self.characters(batch.characters), bigrams, self.kinds(batch.char_types)], dim=-1)
        mirrored = mirror_positions(batch.lengths, states.shape[1])
        for layer in self.layers:
            states = cast("Tensor", layer(drop_features(states, self.dropout, self.training), mirrored))
        return states
