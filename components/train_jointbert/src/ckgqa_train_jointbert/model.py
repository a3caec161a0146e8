"""JointBERT: a BERT over the characters, heads over [CLS] for the intent, a head over every character for its tag.

Source: Chen et al. 2019, "BERT for Joint Intent Classification and Slot Filling", arXiv:1902.10909; the intent's head
is three here: kind, first step and second step.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 -- its usual name

from ckgqa_train_jointbert.labels import Labels
from ckgqa_train_jointbert.reading import Scores
from ckgqa_train_jointbert.vocabulary import CLS, PADDING, SEP, UNKNOWN

NO_TAG = -100  # of padding: what cross_entropy passes over


@dataclass(frozen=True)
class Targets:
    """What the heads should say of B questions of at most T characters."""

    intents: Tensor
    """(B, 3) int64: classes of kind, first and second step."""
    tags: Tensor
    """(B, T) int64, NO_TAG after the end."""


class JointBert(nn.Module):
    """The network.

    Args:
        bert: transformers' BertModel without its pooler.
        hidden: size of its states.
        labels: the classes of the heads.
        dropout: share of states that a training step leaves out before the heads.
        character_dropout: share of characters that a training step replaces by the unknown one.
        slot_weight: weight of the tags' loss beside the intent's.
    """

    def __init__(
        self, bert: nn.Module, hidden: int, labels: Labels, *, dropout: float, character_dropout: float,
        slot_weight: float,
    ) -> None:  # fmt: skip
        super().__init__()
        self.heads = [len(labels.kinds), len(labels.step_classes), len(labels.step_classes)]
        self.bert = bert
        self.dropout = nn.Dropout(dropout)
        self.character_dropout, self.slot_weight = character_dropout, slot_weight
        self.intents = nn.Linear(hidden, sum(self.heads))
        self.tags = nn.Linear(hidden, len(labels.tags))

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Score questions.

        Args:
            ids: (B, T + 2) int64: [CLS], characters, [SEP], padding.

        Returns:
            Scores of the intent's heads side by side, (B, C), and of the characters' tags, (B, T, K).
        """
        states = self.bert(input_ids=ids, attention_mask=(ids != PADDING).long()).last_hidden_state
        states = self.dropout(states)
        return self.intents(states[:, 0]), self.tags(states[:, 1:-1])

    def loss(self, ids: Tensor, targets: Targets) -> Tensor:
        """Sum the loss over questions: of the intent's three heads, and the mean over the characters of their tags'."""
        intents, tags = self(self._with_gaps(ids) if self.training else ids)
        asked = torch.stack(
            [
                F.cross_entropy(head.float(), target, reduction="none")
                for head, target in zip(intents.split(self.heads, dim=1), targets.intents.unbind(1), strict=True)
            ]
        ).sum(0)  # (B,)
        told = F.cross_entropy(tags.float().transpose(1, 2), targets.tags, ignore_index=NO_TAG, reduction="none").sum(
            1
        )  # (B,)
        lengths = (targets.tags != NO_TAG).sum(1)
        return (asked + self.slot_weight * told / lengths).sum()

    def _with_gaps(self, ids: Tensor) -> Tensor:
        """Replace some characters by the unknown one, so that names with rare characters are found too."""
        gaps = torch.rand(ids.shape, device=ids.device) < self.character_dropout
        special = (ids == PADDING) | (ids == CLS) | (ids == SEP)
        return ids.masked_fill(gaps & ~special, UNKNOWN)


@dataclass(frozen=True)
class TorchEngine:
    """Implements `predictor.Engine` with the network as it was trained."""

    model: JointBert
    device: torch.device
    batch_characters: int = 2048

    def run(self, ids: np.ndarray) -> Scores:
        """Score questions; ids (B, T + 2) int32. The model's mode and the precision are the caller's."""
        with torch.inference_mode():
            intents, tags = self.model(torch.from_numpy(ids).long().to(self.device))
        return Scores(intents.float().cpu().numpy(), tags.float().cpu().numpy())
