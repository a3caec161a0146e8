"""What can be set for `train`; every field is a flag, and the literal under it its help."""

from dataclasses import dataclass
from typing import Literal

from ckgqa.runtime.errors import require
from ckgqa.runtime.optional_inputs import HUB
from ckgqa.runtime.settings import InputPath, OutputPath


@dataclass(frozen=True)
class TrainSettings:
    """Settings of `train`."""

    questions: InputPath
    """Folder of labelled questions that `preprocess questions` wrote."""
    model: OutputPath
    """Folder that receives the model."""
    checkpoint_dir: str = ""
    """Folder of checkpoints, from which a run that was broken off goes on; empty: none are written."""
    checkpoint_minutes: float = 10.0
    """Minutes, at least 0: a checkpoint is never much older; 0 writes one after every step."""
    tensorboard_dir: str = ""
    """Folder of TensorBoard logs; empty: `tensorboard` under the checkpoints, where there are any."""
    encoder: InputPath | None = None
    """Folder of a pretrained BERT; without one, or for an empty folder, a small BERT trains from nothing."""
    layers: int = 6
    """Layers of a pretrained BERT that are kept, the first ones, at least 1; all where it has fewer."""
    fresh_layers: int = 2
    """Layers of a fresh BERT, at least 1."""
    fresh_hidden: int = 128
    """Size of a fresh BERT's states, a multiple of `fresh_heads`, at least 8."""
    fresh_heads: int = 4
    """Heads of a fresh BERT's attention, at least 1."""
    min_count: int = 2
    """How often a character must occur in the training split for a fresh BERT to know it, at least 1."""
    window: int = 128
    """Most characters of a question, at least 8; a pretrained BERT may allow fewer."""
    dropout: float = 0.1
    """Share of states that a step leaves out, 0 to below 1."""
    character_dropout: float = 0.05
    """Share of characters that a step replaces by the unknown one, 0 to below 1."""
    slot_weight: float = 3.0
    """Weight of the slots' loss beside the intent's, above 0."""
    epochs: int = 5
    """Most passes over the training split, at least 1."""
    patience: int = 3
    """Epochs without more wholly right validation questions after which training stops, at least 1."""
    batch_characters: int = 1024
    """Characters in a batch, padding counted, at least 16; questions of like length go together."""
    learning_rate: float = 0.002
    """Highest learning rate of the heads and of a fresh BERT, above 0."""
    bert_learning_rate: float = 0.0002
    """Highest learning rate of a pretrained BERT's own weights, above 0."""
    weight_decay: float = 0.01
    """AdamW's decay of the weights, at least 0."""
    warmup_fraction: float = 0.1
    """Share of the steps in which the learning rate grows, above 0, below 1; a cosine follows."""
    clip_norm: float = 1.0
    """Longest gradient that is followed as it is, above 0; a longer one is shortened to this."""
    ema_decay: float = 0.99
    """Decay of the running average of the weights, which is kept, 0 to below 1; 0: the last step's weights."""
    max_int8_loss: float = 0.005
    """Largest share of validation questions, -1 to 1, that int8 may cost; -1: always serve in fp32."""
    bf16: Literal["auto", "on", "off"] = "auto"
    """Compute in bf16: `auto` where the processor or GPU multiplies it natively, on, or off."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to compute; auto takes a GPU where there is one."""
    seed: int = 13
    """Seed of everything random, at least 0."""

    @property
    def pretrained(self) -> str:
        """The folder of the BERT, empty where there is none; a pipeline hands on an empty folder for none."""
        return str(self.encoder) if self.encoder is not None and any(self.encoder.iterdir()) else ""

    def __post_init__(self) -> None:
        there = self.encoder is None or self.encoder.is_dir()
        require(there, f"--encoder {self.encoder}: there is no such folder. {HUB}")
        self._check_sizes()
        self._check_training()

    def _check_sizes(self) -> None:
        require(self.layers >= 1 and self.fresh_layers >= 1, "--layers and --fresh-layers must be at least 1")
        require(self.fresh_heads >= 1, "--fresh-heads must be at least 1")
        fits = self.fresh_hidden >= 8 and self.fresh_hidden % self.fresh_heads == 0
        require(fits, "--fresh-hidden must be at least 8 and a multiple of --fresh-heads")
        require(self.min_count >= 1, "--min-count must be at least 1")
        require(self.window >= 8, "--window must be at least 8 characters")

    def _check_training(self) -> None:
        require(self.checkpoint_minutes >= 0, "--checkpoint-minutes must be at least 0")
        require(0 <= self.dropout < 1, "--dropout must be at least 0 and below 1")
        require(0 <= self.character_dropout < 1, "--character-dropout must be at least 0 and below 1")
        require(self.slot_weight > 0, "--slot-weight must be above 0")
        require(self.epochs >= 1 and self.patience >= 1, "--epochs and --patience must be at least 1")
        require(self.batch_characters >= 16, "--batch-characters must be at least 16")
        slowest = min(self.learning_rate, self.bert_learning_rate)
        require(slowest > 0, "--learning-rate and --bert-learning-rate must be above 0")
        require(self.weight_decay >= 0, "--weight-decay must be at least 0")
        require(0 < self.warmup_fraction < 1, "--warmup-fraction must be above 0 and below 1")
        require(self.clip_norm > 0, "--clip-norm must be above 0")
        require(0 <= self.ema_decay < 1, "--ema-decay must be at least 0 and below 1")
        require(-1 <= self.max_int8_loss <= 1, "--max-int8-loss must be between -1 and 1")
        require(self.seed >= 0, "--seed must be at least 0")
