"""The model folder's config.json: the network's sizes, and what was chosen and measured on the validation split."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ckgqa.runtime.artefacts import CONFIG_JSON
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_json, write_json

Precision = Literal["fp32", "int8"]
ACTIVATIONS = ("gelu", "relu")


@dataclass(frozen=True)
class Architecture:
    """Sizes of the BERT."""

    hidden: int
    layers: int
    heads: int
    inner: int
    """Size between the two matrices of a layer's feed-forward part."""
    positions: int
    """Positions that it has embeddings for, [CLS] and [SEP] counted."""
    activation: str
    norm_epsilon: float


@dataclass(frozen=True)
class Serving:
    """What model.onnx is, and why: the share of wholly right validation questions at each precision."""

    precision: Precision
    fp32_whole_accuracy: float
    int8_whole_accuracy: float


@dataclass(frozen=True)
class ModelConfig:
    """All of config.json."""

    architecture: Architecture
    window: int
    """Most characters of a question."""
    temperature: float
    """What the intent's logits are divided by, so that a probability of 0.9 means 9 right of 10."""
    serving: Serving


def write_config(folder: Path, config: ModelConfig) -> None:
    """Write config.json."""
    write_json(folder / CONFIG_JSON, asdict(config))


def read_config(folder: Path) -> ModelConfig:
    """Read config.json.

    Raises:
        InputError: it is missing, or a setting is.
    """
    path = folder / CONFIG_JSON
    content: dict[str, Any] = dict(read_json(path))
    try:
        return ModelConfig(
            architecture=Architecture(**content["architecture"]),
            window=int(content["window"]),
            temperature=float(content["temperature"]),
            serving=Serving(**content["serving"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not the configuration of a JointBERT model ({error!r})") from error
