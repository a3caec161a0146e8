"""config.json of the model folder: the network's sizes, and what the export measured and chose."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ckgqa.runtime.artefacts import CONFIG_JSON
from ckgqa.runtime.errors import InputError, require
from ckgqa.runtime.jsonlines import read_json, write_json
from ckgqa.runtime.settings import refusal

Precision = Literal["fp32", "int8"]
ACTIVATIONS = ("gelu", "relu")


@dataclass(frozen=True)
class BertArchitecture:
    """Sizes of the BERT."""

    hidden_size: int
    layers: int
    heads: int
    inner: int
    """Width of the feed-forward network between its two matrices."""
    positions: int
    """Number of position embeddings, [CLS] and [SEP] included."""
    activation: str
    norm_epsilon: float


@dataclass(frozen=True)
class ServedPrecision:
    """The precision of model.onnx, and the exact match of both precisions on the validation split."""

    precision: Precision
    fp32_exact_match: float
    int8_exact_match: float


@dataclass(frozen=True)
class JointBertConfig:
    """The content of config.json."""

    architecture: BertArchitecture
    window: int
    """Maximum characters of a question."""
    temperature: float
    """Divides the intent's logits, so that predictions with a probability of 0.9 are right 9 times of 10."""
    serving: ServedPrecision


def write_config(folder: Path, config: JointBertConfig) -> None:
    """Write config.json."""
    write_json(folder / CONFIG_JSON, asdict(config))


def read_config(folder: Path) -> JointBertConfig:
    """Read config.json.

    Raises:
        InputError: the file is missing or lacks a field.
    """
    path = folder / CONFIG_JSON
    content: dict[str, Any] = dict(read_json(path))
    try:
        return JointBertConfig(
            architecture=BertArchitecture(**content["architecture"]),
            window=int(content["window"]),
            temperature=float(content["temperature"]),
            serving=ServedPrecision(**content["serving"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not the configuration of a JointBERT model ({error!r})") from error


def check_fit(folder: Path, window: int, longest: int, activation: str) -> None:
    """Reject a BERT that sees fewer characters than the window, or whose activation the exported graph lacks.

    Raises:
        InputError: it does not fit.
    """
    require(window <= longest, refusal("--window", window, f"at most the {longest} characters of this BERT"))
    expected = f"a BERT with one of the activations {', '.join(ACTIVATIONS)}, not {activation!r}"
    require(activation in ACTIVATIONS, refusal("--encoder", folder, expected))
