"""The model folder: written by `train`, read by `evaluate` and `serve`.

What serves imports neither torch nor the library that writes ONNX: those are imported where they are needed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ckgqa.runtime.artefacts import JOINTBERT, WEIGHTS
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.manifest import Manifest, read_manifest
from ckgqa_train_jointbert.config import ModelConfig, read_config
from ckgqa_train_jointbert.labels import Labels, read_labels
from ckgqa_train_jointbert.onnx_engine import NAME as ONNX
from ckgqa_train_jointbert.onnx_engine import OnnxEngine
from ckgqa_train_jointbert.predictor import Engine, Predictor
from ckgqa_train_jointbert.vocabulary import Vocabulary, read_vocabulary

if TYPE_CHECKING:
    from ckgqa_train_jointbert.model import JointBert


@dataclass(frozen=True)
class ModelFolder:
    """What a model folder says of itself."""

    folder: Path
    manifest: Manifest
    config: ModelConfig
    labels: Labels
    vocabulary: Vocabulary


def read_model_folder(folder: Path) -> ModelFolder:
    """Read everything of a model folder but its weights.

    Raises:
        InputError: it is no model of this stage, of another version, or broken.
    """
    manifest = read_manifest(folder, JOINTBERT)
    return ModelFolder(folder, manifest, read_config(folder), read_labels(folder), read_vocabulary(folder))


def load_served(held: ModelFolder, threads: int = 0) -> Predictor:
    """Load what is served, model.onnx.

    Args:
        held: the model.
        threads: threads that compute; 0: as many as there are processors to use.

    Raises:
        InputError: the file is missing or broken, or its labels are others.
    """
    engine = OnnxEngine(held.folder / ONNX, threads)
    kinds, steps = len(held.labels.kinds), len(held.labels.step_classes)
    wanted = kinds + 2 * steps, len(held.labels.tags)
    if engine.classes != wanted:
        raise InputError(
            f"{held.folder / ONNX}: scores {engine.classes[0]} classes of intents and {engine.classes[1]} tags, and "
            f"labels.json has {wanted[0]} and {wanted[1]}; copy the whole folder of one training"
        )
    return _predictor(held, engine)


def load_trained(held: ModelFolder) -> Predictor:
    """Load the network as it was trained, model.safetensors, for comparison with what is served.

    Raises:
        InputError: the weights are missing, broken or of other sizes.
    """
    from ckgqa.training.distributed import choose_device  # noqa: PLC0415 -- torch, which nothing else here needs
    from ckgqa_train_jointbert.model import TorchEngine  # noqa: PLC0415

    device = choose_device("auto")
    return _predictor(held, TorchEngine(_load_network(held).to(device).eval(), device))


def _predictor(held: ModelFolder, engine: Engine) -> Predictor:
    return Predictor(engine, held.vocabulary, held.labels, held.config.window, held.config.temperature)


def _load_network(held: ModelFolder) -> "JointBert":
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.torch import load_file  # noqa: PLC0415

    from ckgqa_train_jointbert.bert import build_bert  # noqa: PLC0415
    from ckgqa_train_jointbert.model import JointBert  # noqa: PLC0415

    path, sizes = held.folder / WEIGHTS, held.config.architecture
    if not path.is_file():
        raise InputError(f"{path} is missing, so there are no weights; copy the whole folder of `train`")
    bert = build_bert(sizes, len(held.vocabulary), dropout=0.0)
    model = JointBert(bert, sizes.hidden, held.labels, dropout=0.0, character_dropout=0.0, slot_weight=1.0)
    try:
        model.load_state_dict(load_file(path))
    except (RuntimeError, SafetensorError) as error:
        raise InputError(f"{path}: not the weights that config.json and labels.json ask for ({error})") from error
    return model
