"""What can be set for `train`; every field is a flag, and the literal under it its help."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from ckgqa.runtime.errors import require
from ckgqa.runtime.optional_inputs import HUB, optional_input
from ckgqa.runtime.program import InputPath, OutputPath
from ckgqa.training.choices import Bf16
from ckgqa_train_casrel.config import SubjectJoin

# Settings that shape one encoder alone: beside the other they would be ignored.
BILSTM_ALONE = ("layers", "character_size", "pair_size", "kind_size", "max_pairs", "min_count", "min_pair_count")
BERT_ALONE = ("bert_learning_rate",)


@dataclass(frozen=True)
class TrainSettings:
    """Settings of `train`."""

    sentences: InputPath
    """Folder of sentences that `preprocess duie` wrote."""
    model: OutputPath
    """Folder that receives the model."""
    checkpoint_dir: str = ""
    """Folder of checkpoints, from which a run that was broken off goes on; empty: none are written."""
    checkpoint_minutes: float = 10.0
    """Minutes, at least 0: a checkpoint is never much older; 0 writes one after every step."""
    tensorboard_dir: str = ""
    """Folder of TensorBoard logs; empty: `tensorboard` under the checkpoints, where there are any."""
    encoder: InputPath | None = None
    """Folder of a BERT to train on; without one, or with an empty one, a BiLSTM trains from nothing."""
    hidden: int = 256
    """Size of the states between the layers, at least 16, even."""
    layers: int = 2
    """Layers of the BiLSTM, at least 1; of a BERT all are taken."""
    attention_heads: int = 4
    """Heads of the self-attention, at least 1; a divisor of `hidden`, or of a BERT's own size."""
    character_size: int = 128
    """Size of a character's embedding, at least 1."""
    pair_size: int = 64
    """Size of the embedding of a pair of neighbouring characters, at least 1; pairs are words in the small."""
    kind_size: int = 16
    """Size of the embedding of a character's kind (Chinese, digit, capital, ...), at least 1."""
    max_pairs: int = 40000
    """Most pairs of characters that are known, the commonest first, at least 0."""
    min_count: int = 2
    """How often a character must occur in the training split to be known, at least 1."""
    min_pair_count: int = 3
    """How often a pair of characters must occur in the training split to be known, at least 1."""
    dropout: float = 0.1
    """Share of states that a step leaves out, 0 to below 1."""
    character_dropout: float = 0.05
    """Share of characters that a step replaces by the unknown one, 0 to below 1."""
    distract: float = 0.5
    """Chance, 0 to 1, that a sentence teaches with one name that is no subject: its objects are none."""
    subject_join: SubjectJoin = "concat"
    """How a subject joins the states: concatenated, or as scale and shift of a layer norm."""
    window: int = 256
    """Most characters that the model sees at once, at least 16; a BERT may allow fewer."""
    overlap: int = 96
    """Characters that neighbouring windows of a longer text share, below `window`."""
    epochs: int = 12
    """Most passes over the training split, at least 1."""
    patience: int = 4
    """Epochs without a better F1 on validation after which training stops, once F1 is above 0; at least 1."""
    batch_characters: int = 2048
    """Characters in a batch, padding counted, at least 16; sentences of like length go together."""
    learning_rate: float = 0.002
    """Highest learning rate, above 0."""
    bert_learning_rate: float = 0.00005
    """Highest learning rate of a BERT's own weights, above 0."""
    weight_decay: float = 0.01
    """AdamW's decay of the weights, at least 0."""
    warmup_fraction: float = 0.05
    """Share of the steps in which the learning rate grows, above 0, below 1; a cosine follows."""
    clip_norm: float = 1.0
    """Longest gradient that is followed as it is, above 0; a longer one is shortened to this."""
    ema_decay: float = 0.998
    """Decay of the running average of the weights, which is kept, 0 to below 1; 0: the last step's weights."""
    bf16: Bf16 = "auto"
    """Compute in bf16: `auto` where the processor or GPU multiplies it natively, on, or off."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to compute; auto takes a GPU where there is one."""
    seed: int = 13
    """Seed of everything random, at least 0."""

    @property
    def pretrained(self) -> Path | None:
        """The folder of the BERT, if there is one."""
        return optional_input(self.encoder)

    def __post_init__(self) -> None:
        self._check_encoder()
        self._check_sizes()
        self._check_training()

    def _check_encoder(self) -> None:
        require(
            self.encoder is None or self.encoder.is_dir(),
            f"--encoder {self.encoder}: there is no such folder. {HUB}",
        )
        foreign = BILSTM_ALONE if self.pretrained else BERT_ALONE
        defaults = {field.name: field.default for field in fields(self)}
        given = [name for name in foreign if getattr(self, name) != defaults[name]]
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        named = f"--encoder {self.encoder}" if self.pretrained else "A BiLSTM, since no BERT is given with --encoder,"
        require(not given, f"{named} makes no use of {flags}: leave out what shapes the other encoder")

    def _check_sizes(self) -> None:
        require(self.hidden >= 16 and self.hidden % 2 == 0, "--hidden must be even and at least 16")
        require(self.attention_heads >= 1, "--attention-heads must be at least 1")
        if not self.pretrained:
            require(self.hidden % self.attention_heads == 0, "--hidden must be a multiple of --attention-heads")
        require(self.layers >= 1, "--layers must be at least 1")
        sizes = (self.character_size, self.pair_size, self.kind_size)
        require(min(sizes) >= 1, "--character-size, --pair-size and --kind-size must be at least 1")
        require(self.max_pairs >= 0, "--max-pairs must be at least 0")
        require(min(self.min_count, self.min_pair_count) >= 1, "--min-count and --min-pair-count must be at least 1")
        require(self.window >= 16, "--window must be at least 16 characters")
        require(0 <= self.overlap < self.window, "--overlap must be at least 0 and below --window")

    def _check_training(self) -> None:
        require(self.checkpoint_minutes >= 0, "--checkpoint-minutes must be at least 0")
        require(0 <= self.dropout < 1, "--dropout must be at least 0 and below 1")
        require(0 <= self.character_dropout < 1, "--character-dropout must be at least 0 and below 1")
        require(0 <= self.distract <= 1, "--distract must be between 0 and 1")
        require(self.epochs >= 1 and self.patience >= 1, "--epochs and --patience must be at least 1")
        require(self.batch_characters >= 16, "--batch-characters must be at least 16")
        require(
            min(self.learning_rate, self.bert_learning_rate) > 0, "--learning-rate and --bert-learning-rate: above 0"
        )
        require(self.weight_decay >= 0, "--weight-decay must be at least 0")
        require(0 < self.warmup_fraction < 1, "--warmup-fraction must be above 0 and below 1")
        require(self.clip_norm > 0, "--clip-norm must be above 0")
        require(0 <= self.ema_decay < 1, "--ema-decay must be at least 0 and below 1")
        require(self.seed >= 0, "--seed must be at least 0")
