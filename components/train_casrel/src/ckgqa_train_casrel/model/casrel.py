"""CasRel: pointers to subjects, then for each subject pointers to its objects, label by label.

encoder -> self-attention -> the sentence's max-pooled vector beside every position
  -> convolution -> heads and tails of subjects
  joined with one subject's head and tail -> convolution -> heads and tails of its objects, one pair a label

Source: Wei et al. 2020, "A Novel Cascade Binary Tagging Framework for Relational Triple Extraction",
arXiv:1909.03227.
"""

import math
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 -- its usual name

from ckgqa_train_casrel.data.batches import PointerTargets, SubjectPairs, WindowBatch
from ckgqa_train_casrel.data.vocabulary import UNKNOWN
from ckgqa_train_casrel.model.config import CasRelArchitecture
from ckgqa_train_casrel.model.encoder import drop_features

# Prior probability of a pointer: few positions are heads or tails, and an initial bias near that saves epochs.
SUBJECT_PRIOR = 0.02
OBJECT_PRIOR = 0.001
# Maximum distance to the subject that has an embedding of its own, to each side; larger distances share the last one.
MAX_DISTANCE = 60


class SelfAttention(nn.Module):
    """Multi-head attention over the sentence, with a residual connection and a layer norm."""

    def __init__(self, hidden_size: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.projection = nn.Linear(hidden_size, 3 * hidden_size)
        self.output = nn.Linear(hidden_size, hidden_size)
        self.norm = nn.LayerNorm(hidden_size)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Attend from every position to all; states (B, T, hidden), mask (B, T), returns (B, T, hidden)."""
        batch, width, hidden_size = states.shape
        parts = self.projection(states).view(batch, width, 3, self.heads, hidden_size // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # each (B, heads, T, hidden / heads)
        # Written out: on a processor the fused kernel takes twice the time, most of it in its backward pass.
        scores = (query @ key.transpose(-1, -2)).float() / math.sqrt(query.shape[-1])  # (B, heads, T, T)
        scores = scores.masked_fill(~mask[:, None, None, :], -math.inf)
        context = scores.softmax(-1).to(value.dtype) @ value
        context = self.output(context.transpose(1, 2).reshape(batch, width, hidden_size))
        normed: Tensor = self.norm(states + drop_features(context, self.dropout, self.training))
        return normed


class Convolution(nn.Module):
    """A convolution over neighbouring positions; it zeroes padding first, so that padding has no influence."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, kernel_size=3, padding=1)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Convolve (N, T, inputs) with mask (N, T) to (N, T, outputs)."""
        convolved: Tensor = self.conv((states * mask[..., None]).transpose(1, 2))
        return convolved.transpose(1, 2)


class CasRel(nn.Module):
    """The two cascaded taggers on one encoder.

    Args:
        encoder: maps `WindowBatch` to (B, T, encoder_size).
        encoder_size: the size of its states.
        architecture: all other sizes.
        unknown: id of the unknown character, which replaces dropped characters.
        labels: number of (predicate, slot) labels.
    """

    def __init__(
        self, encoder: nn.Module, encoder_size: int, architecture: CasRelArchitecture, unknown: int, labels: int
    ) -> None:
        super().__init__()
        hidden_size = architecture.hidden_size
        self.encoder = encoder
        self.labels, self.unknown = labels, unknown
        self.character_dropout = architecture.character_dropout
        self.dropout = architecture.dropout
        self.attention = SelfAttention(encoder_size, architecture.attention_heads, architecture.dropout)
        wide = 2 * encoder_size  # the sentence vector beside each position
        self.subject_conv = Convolution(wide, hidden_size)
        self.subject_pointers = nn.Linear(hidden_size, 2)
        self.by_norm = architecture.subject_join == "norm"
        self.object_states = Convolution(wide, hidden_size)
        self.object_subject = nn.Linear(2 * wide, 2 * hidden_size if self.by_norm else hidden_size)
        self.object_distance = nn.Embedding(2 * MAX_DISTANCE + 1, hidden_size)
        self.object_conv = Convolution(hidden_size, hidden_size)
        self.object_pointers = nn.Linear(hidden_size, 2 * labels)
        self._initialize()

    def _initialize(self) -> None:
        nn.init.constant_(self.subject_pointers.bias, _logit(SUBJECT_PRIOR))
        nn.init.constant_(self.object_pointers.bias, _logit(OBJECT_PRIOR))
        nn.init.normal_(self.object_distance.weight, std=0.02)

    def encode(self, batch: WindowBatch) -> Tensor:
        """Return every position's state with the sentence's vector beside it, (B, T, 2 * encoder_size)."""
        mask = batch.mask
        states = self.encoder(self._mask_characters(batch) if self.training else batch)
        states = self.attention(drop_features(states, self.dropout, self.training), mask)
        sentence = states.masked_fill(~mask[..., None], -math.inf).amax(1, keepdim=True)  # (B, 1, encoder_size)
        return torch.cat([states, sentence.expand_as(states)], dim=-1)

    def _mask_characters(self, batch: WindowBatch) -> WindowBatch:
        """Replace some characters, and the bigrams that contain them, by the unknown ones."""
        shape = batch.characters.shape
        masked = (torch.rand(shape, device=batch.lengths.device) < self.character_dropout) & batch.mask
        characters = batch.characters.masked_fill(masked, self.unknown)
        masked_bigrams = torch.stack([masked | F.pad(masked, (1, -1)), masked | F.pad(masked, (-1, 1))], dim=-1)
        bigrams = batch.bigrams.masked_fill(masked_bigrams & batch.mask[..., None], UNKNOWN)
        return replace(batch, characters=characters, bigrams=bigrams)

    def subject_logits(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return the logits of subject heads and tails, (B, T, 2)."""
        hidden = drop_features(F.relu(self.subject_conv(states, mask)), self.dropout, self.training)
        logits: Tensor = self.subject_pointers(hidden)
        return logits

    def object_logits(self, states: Tensor, object_states: Tensor, mask: Tensor, pairs: SubjectPairs) -> Tensor:
        """Return the logits of object heads and tails for each pair, (P, T, 2 * labels): heads even, tails odd.

        Args:
            states: the result of `encode`.
            object_states: (B, T, hidden), the result of `object_states` for them: once for all pairs of a batch.
            mask: (B, T).
            pairs: windows and their subjects.
        """
        joined = self._join(states, object_states, pairs)  # (P, T, hidden)
        hidden = self.object_conv(drop_features(F.relu(joined), self.dropout, self.training), mask[pairs.windows])
        logits: Tensor = self.object_pointers(drop_features(F.relu(hidden), self.dropout, self.training))
        return logits

    def _join(self, states: Tensor, object_states: Tensor, pairs: SubjectPairs) -> Tensor:
        """Join each pair's subject to the states of its window."""
        ends = states[pairs.windows[:, None], pairs.spans].flatten(1)  # (P, 2 * wide)
        subject = self.object_subject(ends)
        window = object_states[pairs.windows]  # (P, T, hidden)
        distance = self.object_distance(_distances(pairs.spans, states.shape[1]))
        if not self.by_norm:
            # A convolution over the concatenation [state, subject] is the sum of the two parts' projections.
            joined: Tensor = window + subject[:, None] + distance
            return joined
        scale, shift = subject.chunk(2, dim=-1)
        normed = F.layer_norm(window + distance, window.shape[-1:])
        conditioned: Tensor = normed * (1 + scale[:, None]) + shift[:, None]
        return conditioned

    def loss(self, batch: WindowBatch, targets: PointerTargets) -> Tensor:
        """Sum the binary cross-entropy of all pointers at all characters of the batch."""
        mask = batch.mask
        states = self.encode(batch)
        total = _cross_entropy(self.subject_logits(states, mask), targets.subjects, mask)
        if len(targets.pairs.windows):
            logits = self.object_logits(states, self.object_states(states, mask), mask, targets.pairs)
            total = total + _cross_entropy(logits, targets.objects, mask[targets.pairs.windows])
        return total


def _cross_entropy(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """Sum over the unmasked positions; logits and targets (N, T, C), mask (N, T)."""
    each = F.binary_cross_entropy_with_logits(logits.float(), targets, reduction="none").sum(-1)
    return (each * mask).sum()


def _distances(spans: Tensor, width: int) -> Tensor:
    """Return the embedding index of each position's signed distance to the span, 0 inside it, (P, T)."""
    positions = torch.arange(width, device=spans.device)[None]
    before: Tensor = (positions - spans[:, :1]).clamp(max=0)
    after: Tensor = (positions - spans[:, 1:]).clamp(min=0)
    indices: Tensor = (before + after).clamp(-MAX_DISTANCE, MAX_DISTANCE) + MAX_DISTANCE
    return indices


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability))
