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

from ckgqa_train_casrel.batches import Inputs, Pairs, Targets
from ckgqa_train_casrel.config import Architecture
from ckgqa_train_casrel.encoder import drop
from ckgqa_train_casrel.vocabulary import UNKNOWN

# Chance of a pointer before anything is learnt: few positions are heads or tails, and starting near that saves epochs.
FIRST_SUBJECT_CHANCE = 0.02
FIRST_OBJECT_CHANCE = 0.001
# Distances to the subject that are told apart, to each side; what is farther counts as this far.
MAX_DISTANCE = 60


class SelfAttention(nn.Module):
    """Multi-head attention over the sentence, added to what was there, and normed."""

    def __init__(self, hidden: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.projection = nn.Linear(hidden, 3 * hidden)
        self.output = nn.Linear(hidden, hidden)
        self.norm = nn.LayerNorm(hidden)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Let every position look at all; states (B, T, hidden), mask (B, T), returns (B, T, hidden)."""
        batch, width, hidden = states.shape
        parts = self.projection(states).view(batch, width, 3, self.heads, hidden // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # each (B, heads, T, hidden / heads)
        # Written out: on a processor the fused kernel takes twice the time, most of it in its backward pass.
        fit = (query @ key.transpose(-1, -2)).float() / math.sqrt(query.shape[-1])  # (B, heads, T, T)
        fit = fit.masked_fill(~mask[:, None, None, :], -math.inf)
        seen = fit.softmax(-1).to(value.dtype) @ value
        seen = self.output(seen.transpose(1, 2).reshape(batch, width, hidden))
        normed: Tensor = self.norm(states + drop(seen, self.dropout, self.training))
        return normed


class Convolution(nn.Module):
    """A convolution over neighbouring positions; padding is zeroed first, so that it cannot be read."""

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
        encoder: maps `Inputs` to (B, T, hidden).
        encoder_hidden: the size of its states.
        architecture: all other sizes.
        unknown: id of the unknown character, which takes the place of dropped ones.
        labels: number of (predicate, slot) labels.
    """

    def __init__(
        self, encoder: nn.Module, encoder_hidden: int, architecture: Architecture, unknown: int, labels: int
    ) -> None:
        super().__init__()
        hidden = architecture.hidden
        self.encoder = encoder
        self.labels, self.unknown = labels, unknown
        self.character_dropout = architecture.character_dropout
        self.dropout = architecture.dropout
        self.attention = SelfAttention(encoder_hidden, architecture.attention_heads, architecture.dropout)
        wide = 2 * encoder_hidden  # the sentence vector beside each position
        self.subject_conv = Convolution(wide, hidden)
        self.subject_pointers = nn.Linear(hidden, 2)
        self.by_norm = architecture.subject_join == "norm"
        self.object_states = Convolution(wide, hidden)
        self.object_subject = nn.Linear(2 * wide, 2 * hidden if self.by_norm else hidden)
        self.object_distance = nn.Embedding(2 * MAX_DISTANCE + 1, hidden)
        self.object_conv = Convolution(hidden, hidden)
        self.object_pointers = nn.Linear(hidden, 2 * labels)
        self._start()

    def _start(self) -> None:
        nn.init.constant_(self.subject_pointers.bias, _logit(FIRST_SUBJECT_CHANCE))
        nn.init.constant_(self.object_pointers.bias, _logit(FIRST_OBJECT_CHANCE))
        nn.init.normal_(self.object_distance.weight, std=0.02)

    def encode(self, inputs: Inputs) -> Tensor:
        """Give every position its state and the sentence's vector, (B, T, 2 * encoder hidden)."""
        mask = inputs.mask
        states = self.encoder(self._with_gaps(inputs) if self.training else inputs)
        states = self.attention(drop(states, self.dropout, self.training), mask)
        sentence = states.masked_fill(~mask[..., None], -math.inf).amax(1, keepdim=True)  # (B, 1, hidden)
        return torch.cat([states, sentence.expand_as(states)], dim=-1)

    def _with_gaps(self, inputs: Inputs) -> Inputs:
        """Replace some characters, and their pairs with them, by the unknown ones."""
        shape = inputs.characters.shape
        gaps = (torch.rand(shape, device=inputs.lengths.device) < self.character_dropout) & inputs.mask
        characters = inputs.characters.masked_fill(gaps, self.unknown)
        beside = torch.stack([gaps | F.pad(gaps, (1, -1)), gaps | F.pad(gaps, (-1, 1))], dim=-1)
        neighbours = inputs.neighbours.masked_fill(beside & inputs.mask[..., None], UNKNOWN)
        return replace(inputs, characters=characters, neighbours=neighbours)

    def point_to_subjects(self, states: Tensor, mask: Tensor) -> Tensor:
        """Give the logits of subject heads and tails, (B, T, 2)."""
        hidden = drop(F.relu(self.subject_conv(states, mask)), self.dropout, self.training)
        logits: Tensor = self.subject_pointers(hidden)
        return logits

    def point_to_objects(self, states: Tensor, sentences: Tensor, mask: Tensor, pairs: Pairs) -> Tensor:
        """Give the logits of object heads and tails for each pair, (P, T, 2 * labels): heads even, tails odd.

        Args:
            states: what `encode` gave.
            sentences: (B, T, hidden), what `object_states` makes of them: once for all pairs of a batch.
            mask: (B, T).
            pairs: windows and their subjects.
        """
        joined = self._join(states, sentences, pairs)  # (P, T, hidden)
        hidden = self.object_conv(drop(F.relu(joined), self.dropout, self.training), mask[pairs.sentences])
        logits: Tensor = self.object_pointers(drop(F.relu(hidden), self.dropout, self.training))
        return logits

    def _join(self, states: Tensor, sentences: Tensor, pairs: Pairs) -> Tensor:
        """Join each pair's subject to its sentence's states."""
        ends = states[pairs.sentences[:, None], pairs.spans].flatten(1)  # (P, 2 * wide)
        subject = self.object_subject(ends)
        sentence = sentences[pairs.sentences]  # (P, T, hidden)
        distance = self.object_distance(_distances(pairs.spans, states.shape[1]))
        if not self.by_norm:
            # A convolution over the concatenation [state, subject] is the sum of the two parts' projections.
            joined: Tensor = sentence + subject[:, None] + distance
            return joined
        scale, shift = subject.chunk(2, dim=-1)
        normed = F.layer_norm(sentence + distance, sentence.shape[-1:])
        conditioned: Tensor = normed * (1 + scale[:, None]) + shift[:, None]
        return conditioned

    def loss(self, inputs: Inputs, targets: Targets) -> Tensor:
        """Sum the binary cross-entropy of all pointers at all characters of the batch."""
        mask = inputs.mask
        states = self.encode(inputs)
        total = _cross_entropy(self.point_to_subjects(states, mask), targets.subjects, mask)
        if len(targets.pairs.sentences):
            logits = self.point_to_objects(states, self.object_states(states, mask), mask, targets.pairs)
            total = total + _cross_entropy(logits, targets.objects, mask[targets.pairs.sentences])
        return total


def _cross_entropy(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """Sum over the unmasked; logits and targets (N, T, C), mask (N, T)."""
    each = F.binary_cross_entropy_with_logits(logits.float(), targets, reduction="none").sum(-1)
    return (each * mask).sum()


def _distances(spans: Tensor, width: int) -> Tensor:
    """Number each position's signed distance to the span, 0 inside it, (P, T)."""
    positions = torch.arange(width, device=spans.device)[None]
    before: Tensor = (positions - spans[:, :1]).clamp(max=0)
    after: Tensor = (positions - spans[:, 1:]).clamp(min=0)
    numbered: Tensor = (before + after).clamp(-MAX_DISTANCE, MAX_DISTANCE) + MAX_DISTANCE
    return numbered


def _logit(chance: float) -> float:
    return math.log(chance / (1 - chance))
