"""The settings of `train`, `evaluate` and `serve`; every field is a flag, and the text under it is its help."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from ckgqa.runtime.artefacts import Split
from ckgqa.runtime.errors import require
from ckgqa.runtime.optional_inputs import FETCH_REMEDY, optional_input
from ckgqa.runtime.settings import (
    CheckedSettings,
    InputDataset,
    InputModel,
    OutputModel,
    OutputPath,
    OutputValue,
    SettingPath,
    refusal,
)
from ckgqa.training.choices import Bf16, Device

ScoredWeights = Literal["served", "trained"]


@dataclass(frozen=True)
class TrainSettings(CheckedSettings):
    """Settings of `train`."""

    questions: InputDataset
    """Folder of labelled questions that `preprocess questions` wrote."""
    model: OutputModel
    """Folder that receives the model."""
    checkpoint_dir: SettingPath = ""
    """Folder of checkpoints, from which an interrupted run resumes; empty: the run writes none."""
    checkpoint_minutes: Annotated[float, Ge(0)] = 10.0
    """Minutes between two checkpoints; 0 writes one after every step."""
    tensorboard_dir: SettingPath = ""
    """Folder of TensorBoard logs; empty: `tensorboard` under the checkpoints, if the run writes any."""
    encoder: InputModel | None = None
    """Folder of a pretrained BERT; without one, or for an empty folder, a small BERT trains from scratch."""
    layers: Annotated[int, Ge(1)] = 6
    """Number of layers to keep of a pretrained BERT, counted from the first; a BERT with fewer keeps all."""
    fresh_layers: Annotated[int, Ge(1)] = 2
    """Number of layers of a BERT that trains from scratch."""
    fresh_hidden_size: Annotated[int, Ge(8)] = 128
    """Hidden size of a BERT that trains from scratch, a multiple of --fresh-heads."""
    fresh_heads: Annotated[int, Ge(1)] = 4
    """Number of attention heads of a BERT that trains from scratch."""
    min_count: Annotated[int, Ge(1)] = 2
    """Occurrences in the training split that a character needs to enter the vocabulary of a fresh BERT."""
    window: Annotated[int, Ge(8)] = 128
    """Maximum characters of a question; a pretrained BERT may allow fewer."""
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.1
    """Dropout probability of the hidden states."""
    character_dropout: Annotated[float, Ge(0), Lt(1)] = 0.05
    """Probability that a training step replaces a character by the unknown one."""
    slot_weight: Annotated[float, Gt(0)] = 3.0
    """Weight of the slots' loss relative to the intent's."""
    epochs: Annotated[int, Ge(1)] = 5
    """Maximum passes over the training split."""
    patience: Annotated[int, Ge(1)] = 3
    """Epochs without a higher exact match on the validation split after which training stops."""
    batch_characters: Annotated[int, Ge(16)] = 1024
    """Characters in a batch, padding included; a batch groups questions of similar length."""
    learning_rate: Annotated[float, Gt(0)] = 0.002
    """Peak learning rate of the heads and of a BERT that trains from scratch."""
    bert_learning_rate: Annotated[float, Gt(0)] = 0.0002
    """Peak learning rate of a pretrained BERT's own weights."""
    weight_decay: Annotated[float, Ge(0)] = 0.01
    """Weight decay of AdamW."""
    warmup_fraction: Annotated[float, Gt(0), Lt(1)] = 0.1
    """Fraction of the steps in which the learning rate grows; a cosine decay follows."""
    clip_norm: Annotated[float, Gt(0)] = 1.0
    """Maximum gradient norm; larger gradients are clipped."""
    ema_decay: Annotated[float, Ge(0), Lt(1)] = 0.99
    """Decay of the moving average of the weights, which becomes the model; 0 takes the last step's weights."""
    max_int8_loss: Annotated[float, Ge(-1), Le(1)] = 0.005
    """Maximum exact match on the validation split that int8 may lose to fp32; -1 always serves fp32."""
    bf16: Bf16 = "auto"
    """Compute in bf16; `auto` does so if the processor or GPU multiplies bf16 natively."""
    device: Device = "auto"
    """Device to compute on; `auto` takes a GPU if there is one."""
    seed: Annotated[int, Ge(0)] = 13
    """Seed of every random number."""

    def __post_init__(self) -> None:
        super().__post_init__()
        is_folder = self.encoder is None or self.encoder.is_dir()
        require(is_folder, refusal("--encoder", self.encoder, f"an existing folder. {FETCH_REMEDY}"))
        divides = self.fresh_hidden_size % self.fresh_heads == 0
        require(
            divides,
            refusal("--fresh-hidden-size", self.fresh_hidden_size, f"a multiple of --fresh-heads {self.fresh_heads}"),
        )

    @property
    def pretrained(self) -> Path | None:
        """The folder of the pretrained BERT; None if the model trains from scratch."""
        return optional_input(self.encoder)


@dataclass(frozen=True)
class EvaluateSettings(CheckedSettings):
    """Settings of `evaluate`."""

    model: InputModel
    """Model folder, as `train` writes it, or its model.tar.gz."""
    questions: InputDataset
    """Folder of `preprocess questions`, with labels that the model knows."""
    report: OutputPath
    """Folder that receives report.json, report.md, report.html, confusion.svg and baseline.jsonl."""
    intent_accuracy: OutputValue
    """File that receives the accuracy of the intents, 0 to 1, which the pipeline's gate reads."""
    slot_f1: OutputValue
    """File that receives the micro-F1 of the slots, 0 to 1, which the pipeline's gate reads."""
    split: Split = "test"
    """Split to score; nothing in the training was chosen on test."""
    weights: ScoredWeights = "served"
    """Weights to score: model.onnx, which is served, or model.safetensors, as trained."""
    examples: Annotated[int, Ge(0)] = 30
    """Number of mistakes that the report shows."""


@dataclass(frozen=True)
class ServeSettings(CheckedSettings):
    """Settings of `serve`; each can also come from a variable, `--max-batch` from `CKGQA_SERVE_MAX_BATCH`."""

    model: InputModel
    """Model folder, as `train` writes it, or its model.tar.gz; SageMaker's /opt/ml/model is the default there."""
    host: str = "0.0.0.0"  # noqa: S104 -- in a container nothing else can be reached from outside
    """Address to listen on; 0.0.0.0 is every address of the machine or container."""
    port: Annotated[int, Ge(0), Le(65535)] = 8080
    """Port to listen on; 0 takes any free one, which the log names."""
    threads: Annotated[int, Ge(0)] = 0
    """Number of threads that compute; 0 takes as many as there are usable processors."""
    max_batch: Annotated[int, Ge(1)] = 32
    """Maximum questions in a batch of the model."""
    max_wait_ms: Annotated[float, Ge(0)] = 0.0
    """Maximum milliseconds that a question waits for a full batch; 0 batches only questions already queued."""
    max_waiting: Annotated[int, Ge(1)] = 512
    """Queued questions from which on the server rejects requests with 503."""
    max_request_bytes: Annotated[int, Ge(1024)] = 6 * 2**20
    """Maximum bytes of a request's body; the default is SageMaker's limit."""
    max_request_questions: Annotated[int, Ge(1)] = 10_000
    """Maximum questions in a request."""
    max_question_chars: Annotated[int, Ge(0)] = 0
    """Maximum characters of a question, no more than the model's window; 0 takes the window."""
    body_timeout_s: Annotated[float, Gt(0)] = 30.0
    """Maximum seconds for the arrival of a request's body."""
    drain_s: Annotated[int, Ge(1)] = 20
    """Seconds after SIGTERM in which active requests may finish; SageMaker kills the container after 30."""
