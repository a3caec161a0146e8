"""Loads a predictor from a model folder; only `load_trained` imports torch."""

from typing import TYPE_CHECKING

from ckgqa.runtime.artefacts import MODEL_ONNX, WEIGHTS
from ckgqa.runtime.errors import InputError
from ckgqa_train_jointbert.inference.onnx_engine import OnnxEngine
from ckgqa_train_jointbert.inference.predictor import InferenceEngine, Predictor
from ckgqa_train_jointbert.model.folder import ModelFolder

if TYPE_CHECKING:
    from ckgqa_train_jointbert.model.jointbert import JointBert


def load_served(folder: ModelFolder, threads: int = 0) -> Predictor:
    """Load the served model, model.onnx.

    Args:
        folder: the model folder.
        threads: number of threads that compute; 0 takes as many as there are usable processors.

    Raises:
        InputError: the file is missing or broken, or it has other labels than the folder.
    """
    path = folder.path / MODEL_ONNX
    engine = OnnxEngine(path, threads)
    kinds, steps = len(folder.labels.kinds), len(folder.labels.step_classes)
    expected = kinds + 2 * steps, len(folder.labels.tags)
    if engine.classes != expected:
        raise InputError(
            f"{path}: scores {engine.classes[0]} classes of intents and {engine.classes[1]} tags, and labels.json has "
            f"{expected[0]} and {expected[1]}; copy the whole folder of one training"
        )
    return _predictor(folder, engine)


def load_trained(folder: ModelFolder) -> Predictor:
    """Load the network as trained, model.safetensors, to compare it with the served one.

    Raises:
        InputError: the weights are missing, broken or of other sizes.
    """
    from ckgqa.training.distributed import choose_device  # noqa: PLC0415 -- torch, which nothing else here needs
    from ckgqa_train_jointbert.inference.torch_engine import TorchEngine  # noqa: PLC0415

    device = choose_device("auto")
    return _predictor(folder, TorchEngine(_load_network(folder).to(device).eval(), device))


def _predictor(folder: ModelFolder, engine: InferenceEngine) -> Predictor:
    return Predictor(engine, folder.vocabulary, folder.labels, folder.config.window, folder.config.temperature)


def _load_network(folder: ModelFolder) -> "JointBert":
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.torch import load_file  # noqa: PLC0415

    from ckgqa_train_jointbert.model.bert import build_bert  # noqa: PLC0415
    from ckgqa_train_jointbert.model.jointbert import JointBert  # noqa: PLC0415

    path, sizes = folder.path / WEIGHTS, folder.config.architecture
    if not path.is_file():
        raise InputError(f"{path} is missing, so there are no weights; copy the whole folder of `train`")
    bert = build_bert(sizes, len(folder.vocabulary), dropout=0.0)
    model = JointBert(bert, sizes.hidden_size, folder.labels, dropout=0.0, character_dropout=0.0, slot_weight=1.0)
    try:
        model.load_state_dict(load_file(path))
    except (RuntimeError, SafetensorError) as error:
        raise InputError(f"{path}: not the weights that config.json and labels.json ask for ({error})") from error
    return model
