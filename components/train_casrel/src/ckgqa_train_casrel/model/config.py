"""The model folder's config.json, and what inference needs besides the network."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_json, write_json
from ckgqa_train_casrel.data.records import Fold
from ckgqa_train_casrel.data.schema import Schema
from ckgqa_train_casrel.data.vocabulary import CasRelVocabulary
from ckgqa_train_casrel.model.thresholds import Thresholds
from ckgqa_train_casrel.settings import SubjectJoin


@dataclass(frozen=True)
class CasRelArchitecture:
    """Sizes of the model."""

    encoder: Literal["bilstm", "bert"]
    """A BERT's own sizes stand in bert.json."""
    hidden_size: int
    layers: int
    attention_heads: int
    char_embedding_dim: int
    bigram_embedding_dim: int
    char_type_embedding_dim: int
    dropout: float
    character_dropout: float
    subject_join: SubjectJoin


@dataclass(frozen=True)
class CasRelConfig:
    """The content of config.json."""

    architecture: CasRelArchitecture
    thresholds: Thresholds
    window: int
    """Maximum number of characters that the model sees at once."""
    overlap: int
    """Characters that neighbouring windows of a longer text share."""
    bf16: bool
    """Whether training computed in bf16, and so chose the thresholds in it."""
    default_signatures: Mapping[str, int]
    """For each predicate the index of the signature, in schema.json, that types its triples."""
    folds: Mapping[str, Fold]
    """The files that training (`train`) and the choice of epoch and thresholds (`validation`) read."""


@dataclass(frozen=True)
class InferenceConfig:
    """Everything that inference needs besides the network and its thresholds."""

    schema: Schema
    default_signatures: Mapping[str, int]
    """For each predicate the index of the signature that types its triples."""
    vocabulary: CasRelVocabulary
    window: int
    """Maximum number of characters that the model sees at once."""
    overlap: int
    """Characters that neighbouring windows of a longer text share."""


def write_config(path: Path, config: CasRelConfig) -> None:
    """Write config.json."""
    write_json(path, asdict(config))


def read_config(path: Path) -> CasRelConfig:
    """Read config.json.

    Raises:
        InputError: the file or one of its entries is missing or malformed.
    """
    content: dict[str, Any] = dict(read_json(path))
    try:
        return CasRelConfig(
            architecture=CasRelArchitecture(**content["architecture"]),
            thresholds=Thresholds(**content["thresholds"]),
            window=int(content["window"]),
            overlap=int(content["overlap"]),
            bf16=bool(content["bf16"]),
            default_signatures={str(name): int(index) for name, index in content["default_signatures"].items()},
            folds={str(name): Fold(**fold) for name, fold in content["folds"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: not the configuration of a CasRel model ({error!r})") from error
