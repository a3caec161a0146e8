"""The model folder's config.json: what the architecture is, and what was chosen on the validation split."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_json, write_json
from ckgqa_train_casrel.thresholds import Thresholds

SubjectJoin = Literal["concat", "norm"]


@dataclass(frozen=True)
class Architecture:
    """Sizes of the model."""

    encoder: Literal["bilstm", "bert"]
    """A BERT's own sizes stand in bert.json beside."""
    hidden: int
    layers: int
    attention_heads: int
    character_size: int
    pair_size: int
    kind_size: int
    dropout: float
    character_dropout: float
    subject_join: SubjectJoin


@dataclass(frozen=True)
class ModelConfig:
    """All of config.json."""

    architecture: Architecture
    thresholds: Thresholds
    window: int
    overlap: int
    bf16: bool
    """Whether the weights and the thresholds were found in bf16."""
    types: Mapping[str, int]
    """For each predicate the index of the reading, in schema.json, that gives its types."""


def write_config(path: Path, config: ModelConfig) -> None:
    """Write config.json."""
    write_json(path, asdict(config))


def read_config(path: Path) -> ModelConfig:
    """Read config.json.

    Raises:
        InputError: it is missing, or a setting is.
    """
    content: dict[str, Any] = dict(read_json(path))
    try:
        return ModelConfig(
            architecture=Architecture(**content["architecture"]),
            thresholds=Thresholds(**content["thresholds"]),
            window=int(content["window"]),
            overlap=int(content["overlap"]),
            bf16=bool(content["bf16"]),
            types={str(predicate): int(index) for predicate, index in content["types"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: not the configuration of a CasRel model ({error!r})") from error
