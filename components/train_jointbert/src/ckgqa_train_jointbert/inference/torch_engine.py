"""Runs the network by PyTorch, with the weights as trained."""

from dataclasses import dataclass

import numpy as np
import torch

from ckgqa_train_jointbert.inference.predictions import JointBertLogits
from ckgqa_train_jointbert.model.jointbert import JointBert


@dataclass(frozen=True)
class TorchEngine:
    """Implements `predictor.InferenceEngine`; the caller sets the network's mode and the precision."""

    model: JointBert
    device: torch.device
    batch_characters: int = 2048

    def run(self, ids: np.ndarray) -> JointBertLogits:
        """Compute the logits of questions; ids (B, T + 2) int32."""
        with torch.inference_mode():
            intents, tags = self.model(torch.from_numpy(ids).long().to(self.device))
        return JointBertLogits(intents.float().cpu().numpy(), tags.float().cpu().numpy())
