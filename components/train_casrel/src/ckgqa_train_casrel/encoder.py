"""The encoder that trains from nothing: embeddings and a BiLSTM."""

from typing import cast

import torch
from torch import Tensor, nn

from ckgqa_train_casrel.batches import Inputs
from ckgqa_train_casrel.config import Architecture
from ckgqa_train_casrel.vocabulary import KINDS


class LstmLayer(nn.Module):
    """One bidirectional LSTM layer over padded batches.

    The two directions are LSTMs of their own, and the backward one reads each sequence turned round within its own
    length: so it starts at the last character and not in the padding, and both take the fast path of the CPU library,
    which packed sequences do not have.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.forwards = nn.LSTM(inputs, hidden // 2, batch_first=True)
        self.backwards = nn.LSTM(inputs, hidden // 2, batch_first=True)

    def forward(self, states: Tensor, turned: Tensor) -> Tensor:
        """Read in both directions.

        Args:
            states: (B, T, inputs).
            turned: (B * T,) int64: for each position of the batch its mirror image within the sequence's length.

        Returns:
            (B, T, hidden).
        """
        onward = self.forwards(states)[0]
        back = _turn(self.backwards(_turn(states, turned))[0], turned)
        return torch.cat([onward, back], dim=-1)


def _turn(states: Tensor, turned: Tensor) -> Tensor:
    # Whole rows are copied at once: ten times as fast as `gather`, which looks up every number by itself.
    return states.flatten(0, 1).index_select(0, turned).view_as(states)


def drop(states: Tensor, share: float, training: bool) -> Tensor:
    """Leave out some features of each sequence, the same at all of its positions; (N, T, C).

    One draw a sequence and feature is far cheaper than one for every number, and what a position lost cannot be read
    off its neighbour. Source: Gal and Ghahramani 2016, arXiv:1512.05287.
    """
    if not training or share == 0:
        return states
    kept = torch.rand(states.shape[0], 1, states.shape[2], device=states.device) >= share
    return states * (kept.to(states.dtype) / (1 - share))


def mirror(lengths: Tensor, width: int) -> Tensor:
    """Give each position's mirror image, (B * T,) int64, both counted through the batch; padding stays where it is."""
    positions = torch.arange(width, device=lengths.device)[None]
    images = torch.where(positions < lengths[:, None], lengths[:, None] - 1 - positions, positions)
    return (images + width * torch.arange(len(lengths), device=lengths.device)[:, None]).flatten()


class BilstmEncoder(nn.Module):
    """Characters, their neighbours and their kinds -> embeddings -> BiLSTM.

    Args:
        architecture: sizes.
        characters: ids of characters, padding and the unknown one among them.
        pairs: ids of pairs, likewise.
    """

    def __init__(self, architecture: Architecture, characters: int, pairs: int) -> None:
        super().__init__()
        sizes = architecture
        self.characters = nn.Embedding(characters, sizes.character_size, padding_idx=0)
        self.pairs = nn.Embedding(pairs, sizes.pair_size, padding_idx=0)
        self.kinds = nn.Embedding(len(KINDS), sizes.kind_size, padding_idx=0)
        self.dropout = sizes.dropout
        inputs = sizes.character_size + 2 * sizes.pair_size + sizes.kind_size
        self.layers = nn.ModuleList(
            LstmLayer(inputs if n == 0 else sizes.hidden, sizes.hidden) for n in range(sizes.layers)
        )

    def forward(self, inputs: Inputs) -> Tensor:
        """Encode a batch, (B, T, hidden); what stands after an end means nothing."""
        neighbours = self.pairs(inputs.neighbours).flatten(2)  # (B, T, 2 * pair_size)
        states = torch.cat([self.characters(inputs.characters), neighbours, self.kinds(inputs.kinds)], dim=-1)
        turned = mirror(inputs.lengths, states.shape[1])
        for layer in self.layers:
            states = cast("Tensor", layer(drop(states, self.dropout, self.training), turned))
        return states
