"""The settings of `train`, `evaluate` and `extract`; every field is a flag, and the text under it is its help."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt, MultipleOf

from ckgqa.runtime.artefacts import Split
from ckgqa.runtime.errors import require
from ckgqa.runtime.optional_inputs import FETCH_REMEDY, optional_input
from ckgqa.runtime.settings import (
    CheckedSettings,
    InputDataset,
    InputModel,
    InputPath,
    OutputDataset,
    OutputModel,
    OutputPath,
    OutputValue,
    SettingPath,
    option_of,
    refusal,
)
from ckgqa.training.choices import Bf16, Device

SubjectJoin = Literal["concat", "norm"]

# Settings that shape only one of the two encoders: the other would ignore them.
BILSTM_ONLY = (
    "layers", "char_embedding_dim", "bigram_embedding_dim", "char_type_embedding_dim", "max_bigrams", "min_count",
    "min_bigram_count",
)  # fmt: skip
BERT_ONLY = ("bert_learning_rate",)


@dataclass(frozen=True)
class TrainSettings(CheckedSettings):
    """Settings of `train`."""

    sentences: InputDataset
    """Folder of sentences that `preprocess duie` wrote."""
    model: OutputModel
    """Folder that receives the model."""
    checkpoint_dir: SettingPath = ""
    """Folder of checkpoints, from which an interrupted run resumes; if empty, no checkpoints are written."""
    checkpoint_minutes: Annotated[float, Ge(0)] = 10.0
    """Minutes between checkpoints; 0 writes a checkpoint after every step."""
    tensorboard_dir: SettingPath = ""
    """Folder of TensorBoard logs; if empty, `tensorboard` in the folder of checkpoints, if there is one."""
    encoder: InputModel | None = None
    """Folder of a BERT to fine-tune; if absent or empty, a BiLSTM is trained from scratch."""
    hidden_size: Annotated[int, Ge(16), MultipleOf(2)] = 256
    """Size of the hidden states; with a BiLSTM also a multiple of --attention-heads."""
    layers: Annotated[int, Ge(1)] = 2
    """Number of BiLSTM layers; a BERT keeps all of its own."""
    attention_heads: Annotated[int, Ge(1)] = 4
    """Number of self-attention heads; must divide --hidden-size, or a BERT's own hidden size."""
    char_embedding_dim: Annotated[int, Ge(1)] = 128
    """Dimension of the character embeddings."""
    bigram_embedding_dim: Annotated[int, Ge(1)] = 64
    """Dimension of the character bigram embeddings; bigrams approximate words."""
    char_type_embedding_dim: Annotated[int, Ge(1)] = 16
    """Dimension of the character type embeddings (Chinese, digit, capital, ...)."""
    max_bigrams: Annotated[int, Ge(0)] = 40000
    """Maximum number of known character bigrams, the most frequent first."""
    min_count: Annotated[int, Ge(1)] = 2
    """Minimum occurrences of a known character in the training split."""
    min_bigram_count: Annotated[int, Ge(1)] = 3
    """Minimum occurrences of a known bigram in the training split."""
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.1
    """Share of features that a training step drops."""
    character_dropout: Annotated[float, Ge(0), Lt(1)] = 0.05
    """Share of characters that a training step replaces by the unknown character."""
    negative_subject_prob: Annotated[float, Ge(0), Le(1)] = 0.5
    """Probability of adding one non-subject entity of a sentence as a negative example."""
    subject_join: SubjectJoin = "concat"
    """How a subject conditions the states: by concatenation, or as scale and shift of a layer norm."""
    window: Annotated[int, Ge(16)] = 256
    """Maximum number of characters that the model sees at once; a BERT may allow fewer."""
    overlap: Annotated[int, Ge(0)] = 96
    """Characters that neighbouring windows of a longer text share; less than --window."""
    epochs: Annotated[int, Ge(1)] = 12
    """Maximum number of passes over the training split."""
    patience: Annotated[int, Ge(1)] = 4
    """Epochs without a better F1 on the validation split after which training stops, counted once F1 is above 0."""
    batch_characters: Annotated[int, Ge(16)] = 2048
    """Maximum number of characters in a batch, padding included; a batch holds sentences of similar length."""
    learning_rate: Annotated[float, Gt(0)] = 0.002
    """Peak learning rate."""
    bert_learning_rate: Annotated[float, Gt(0)] = 0.00005
    """Peak learning rate of a BERT's own weights."""
    weight_decay: Annotated[float, Ge(0)] = 0.01
    """Weight decay of AdamW."""
    warmup_fraction: Annotated[float, Gt(0), Lt(1)] = 0.05
    """Share of the steps in which the learning rate grows; then it follows a cosine down to 0."""
    clip_norm: Annotated[float, Gt(0)] = 1.0
    """Maximum gradient norm; larger gradients are clipped."""
    ema_decay: Annotated[float, Ge(0), Lt(1)] = 0.998
    """Decay of the exponential moving average of the weights, which is validated and saved; 0 saves the last step's."""
    bf16: Bf16 = "auto"
    """Whether to compute in bf16; `auto` does if the processor or GPU multiplies it natively."""
    device: Device = "auto"
    """Device of the training; `auto` takes a GPU if there is one."""
    seed: Annotated[int, Ge(0)] = 13
    """Random seed of everything that is drawn."""

    @property
    def pretrained(self) -> Path | None:
        """The folder of the BERT, if there is one."""
        return optional_input(self.encoder)

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self.encoder is None or self.encoder.is_dir(),
            refusal("--encoder", self.encoder, f"an existing folder. {FETCH_REMEDY}"),
        )
        self._reject_settings_of_the_other_encoder()
        require(
            self.pretrained is not None or self.hidden_size % self.attention_heads == 0,
            refusal("--hidden-size", self.hidden_size, f"a multiple of --attention-heads {self.attention_heads}"),
        )
        require(
            self.overlap < self.window, refusal("--overlap", self.overlap, f"an integer below --window {self.window}")
        )

    def _reject_settings_of_the_other_encoder(self) -> None:
        defaults = {field.name: field.default for field in fields(self)}
        encoder = f"--encoder {self.encoder}" if self.pretrained else "a BiLSTM, since there is no --encoder"
        for name in BILSTM_ONLY if self.pretrained else BERT_ONLY:
            value, default = getattr(self, name), defaults[name]
            expected = f"its default {default}, because {encoder} makes no use of it; leave the flag out"
            require(value == default, refusal(option_of(name), value, expected))


@dataclass(frozen=True)
class EvaluateSettings(CheckedSettings):
    """Settings of `evaluate`."""

    model: InputModel
    """Model folder that `train` wrote, or its model.tar.gz."""
    sentences: InputDataset
    """Folder of `preprocess duie`, of the schema that the model was trained on."""
    report: OutputPath
    """Folder that receives report.json, report.md and report.html."""
    f1: OutputValue
    """File that receives micro-F1, 0 to 1, which the pipeline's gate reads."""
    split: Split = "test"
    """Split that is scored; nothing was chosen on the test split."""
    device: Device = "auto"
    """Device of the model; `auto` takes a GPU if there is one."""
    examples: Annotated[int, Ge(0)] = 5
    """Number of missed and of spurious triples that the report shows for each predicate."""


@dataclass(frozen=True)
class ExtractSettings(CheckedSettings):
    """Settings of `extract`."""

    model: InputModel
    """Model folder that `train` wrote, or its model.tar.gz."""
    facts: OutputDataset
    """Folder that receives facts.jsonl and rejects.jsonl."""
    sentences: InputDataset | None = None
    """Folder of `preprocess duie`, whose splits are extracted first; may be absent or empty if there are --texts."""
    texts: InputPath | None = None
    """More texts: one .jsonl, .json or .txt file, or a zip or folder of such files; the folder may be empty."""
    device: Device = "auto"
    """Device of the model; `auto` takes a GPU if there is one."""
    max_text_chars: Annotated[int, Ge(1)] = 100_000
    """Length of the longest accepted text, in characters; a longer line is usually broken, and is rejected."""
    max_bad_fraction: Annotated[float, Ge(0), Le(1)] = 0.01
    """Largest tolerated share of unreadable lines, in --sentences and in --texts each; more is an error."""
    unique_ids: bool = False
    """Whether the ids of --texts end in a hash of the text (notes:3:1f3c9a2b), so that texts which are added to a graph
    later never share an id with other texts of the same file name."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            optional_input(self.sentences) is not None or self.texts is not None,
            refusal("--texts", self.texts, "a file or folder of texts, because --sentences is absent or empty"),
        )
