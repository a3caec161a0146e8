"""The model folder without its weights: `train` writes it, `evaluate` and `serve` read it. Imports no torch."""

from dataclasses import dataclass
from pathlib import Path

from ckgqa.runtime.artefacts import JOINTBERT
from ckgqa.runtime.manifest import Manifest, read_manifest
from ckgqa_train_jointbert.data.labels import Labels, read_labels
from ckgqa_train_jointbert.data.vocabulary import CharacterVocabulary, read_vocabulary
from ckgqa_train_jointbert.model.config import JointBertConfig, read_config


@dataclass(frozen=True)
class ModelFolder:
    """The descriptions in a model folder."""

    path: Path
    manifest: Manifest
    config: JointBertConfig
    labels: Labels
    vocabulary: CharacterVocabulary


def read_model_folder(path: Path) -> ModelFolder:
    """Read everything in a model folder but the weights.

    Raises:
        InputError: the folder is not a model of this stage, has another version, or lacks a file.
    """
    manifest = read_manifest(path, JOINTBERT)
    return ModelFolder(path, manifest, read_config(path), read_labels(path), read_vocabulary(path))
