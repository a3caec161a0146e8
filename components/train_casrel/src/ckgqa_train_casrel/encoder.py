"""The encoder that trains from nothing: embeddings and a BiLSTM."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 -- its usual name

from ckgqa_train_casrel.batches import Inputs
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
            turned: (B, T) int64: for each position its mirror image within the sequence's length.

        Returns:
            (B, T, hidden).
        """
        onward = self.forwards(states)[0]
        back = _turn(self.backwards(_turn(states, turned))[0], turned)
        return torch.cat([onward, back], dim=-1)


def _turn(states: Tensor, turned: Tensor) -> Tensor:
    return states.gather(1, turned[..., None].expand(-1, -1, states.shape[-1]))


def mirror(lengths: Tensor, width: int) -> Tensor:
    """Give each position's mirror image, (B, T) int64; padding stays where it is."""
    positions = torch.arange(width, device=lengths.device)[None]
    return torch.where(positions < lengths[:, None], lengths[:, None] - 1 - positions, positions)


class BilstmEncoder(nn.Module):
    """Characters, their neighbours and their kinds -> embeddings -> BiLSTM."""

    def __init__(
        self, characters: int, pairs: int, character_size: int, pair_size: int, kind_size: int, hidden: int,
        layers: int, dropout: float,
    ) -> None:  # fmt: skip
        super().__init__()
        self.characters = nn.Embedding(characters, character_size, padding_idx=0)
        self.pairs = nn.Embedding(pairs, pair_size, padding_idx=0)
        self.kinds = nn.Embedding(len(KINDS), kind_size, padding_idx=0)
        self.dropout = dropout
        inputs = character_size + 2 * pair_size + kind_size
        self.layers = nn.ModuleList(LstmLayer(inputs if n == 0 else hidden, hidden) for n in range(layers))
        self.hidden = hidden

    def forward(self, inputs: Inputs) -> Tensor:
        """Encode a batch, (B, T, hidden); what stands after an end means nothing."""
        neighbours = self.pairs(inputs.neighbours).flatten(2)  # (B, T, 2 * pair_size)
        states = torch.cat([self.characters(inputs.characters), neighbours, self.kinds(inputs.kinds)], dim=-1)
        turned = mirror(inputs.lengths, states.shape[1])
        for layer in self.layers:
            states = cast("Tensor", layer(F.dropout(states, self.dropout, self.training), turned))
        return states
