"""JointBERT: a BERT over the characters, heads over [CLS] for the intent, a head over every character for its BIO tag.

Source: Chen et al. 2019, "BERT for Joint Intent Classification and Slot Filling", arXiv:1902.10909. The intent has
three heads here: kind, first step and second step.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 -- its usual name

from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.data.vocabulary import CLS, PADDING, SEP, UNKNOWN

IGNORED_TAG = -100  # of padding: cross_entropy ignores it


@dataclass(frozen=True)
class JointBertTargets:
    """The right classes of B questions of at most T characters."""

    intents: Tensor
    """(B, 3) int64: classes of kind, first step and second step."""
    tags: Tensor
    """(B, T) int64, IGNORED_TAG after the end."""


class JointBert(nn.Module):
    """The network.

    Args:
        bert: transformers' BertModel without its pooler.
        hidden_size: of its hidden states.
        labels: the classes of the heads.
        dropout: dropout probability of the hidden states before the heads.
        character_dropout: probability that a training step replaces a character by the unknown one.
        slot_weight: weight of the slots' loss relative to the intent's.
    """

    def __init__(
        self, bert: nn.Module, hidden_size: int, labels: Labels, *, dropout: float, character_dropout: float,
        slot_weight: float,
    ) -> None:  # fmt: skip
        super().__init__()
        self.heads = [len(labels.kinds), len(labels.step_classes), len(labels.step_classes)]
        self.bert = bert
        self.dropout = nn.Dropout(dropout)
        self.character_dropout, self.slot_weight = character_dropout, slot_weight
        self.intents = nn.Linear(hidden_size, sum(self.heads))
        self.tags = nn.Linear(hidden_size, len(labels.tags))

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Compute the logits of questions.

        Args:
            ids: (B, T + 2) int64: [CLS], characters, [SEP], padding.

        Returns:
            The logits of the intent's heads side by side, (B, C), and of the characters' tags, (B, T, K).
        """
        states = self.bert(input_ids=ids, attention_mask=(ids != PADDING).long()).last_hidden_state
        states = self.dropout(states)
        return self.intents(states[:, 0]), self.tags(states[:, 1:-1])

    def loss(self, ids: Tensor, targets: JointBertTargets) -> Tensor:
        """Sum the loss over questions: the intent's three heads, and the mean of the tags' loss over the characters."""
        intents, tags = self(self._mask_characters(ids) if self.training else ids)
        intent_loss = torch.stack(
            [
                F.cross_entropy(head.float(), target, reduction="none")
                for head, target in zip(intents.split(self.heads, dim=1), targets.intents.unbind(1), strict=True)
            ]
        ).sum(0)  # (B,)
        tag_loss = F.cross_entropy(
            tags.float().transpose(1, 2), targets.tags, ignore_index=IGNORED_TAG, reduction="none"
        )  # (B, T)
        lengths = (targets.tags != IGNORED_TAG).sum(1)
        return (intent_loss + self.slot_weight * tag_loss.sum(1) / lengths).sum()

    def _mask_characters(self, ids: Tensor) -> Tensor:
        """Replace some characters by the unknown one, so that the model also finds names with rare characters."""
        masked = torch.rand(ids.shape, device=ids.device) < self.character_dropout
        special = (ids == PADDING) | (ids == CLS) | (ids == SEP)
        return ids.masked_fill(masked & ~special, UNKNOWN)
