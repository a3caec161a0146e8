"""From the trained network to what is served: model.onnx, in int8 where that costs hardly any question."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from ckgqa.runtime.log import log_metrics
from ckgqa_train_jointbert.calibration import choose_temperature
from ckgqa_train_jointbert.config import Architecture, ModelConfig, Precision, Serving
from ckgqa_train_jointbert.jointbert_task import JointBertTask
from ckgqa_train_jointbert.onnx_engine import NAME, OnnxEngine
from ckgqa_train_jointbert.onnx_graph import build_graph
from ckgqa_train_jointbert.predictor import Predictor

logger = logging.getLogger(__name__)

PRECISIONS: tuple[Precision, Precision] = ("fp32", "int8")


@dataclass(frozen=True)
class Export:
    """One way to serve the network."""

    precision: Precision
    content: bytes
    predictor: Predictor
    whole_accuracy: float


def export(folder: Path, task: JointBertTask, architecture: Architecture) -> ModelConfig:
    """Write model.onnx and give the configuration that says what it is.

    Both precisions read the validation split. int8 is taken where it loses no more than `max_int8_loss` of its
    questions, and the temperature is chosen for what was taken.
    """
    weights = {name: tensor.detach().float().cpu().numpy() for name, tensor in task.model.state_dict().items()}
    exact, small = (_export(folder, task, weights, architecture, precision) for precision in PRECISIONS)
    lost = exact.whole_accuracy - small.whole_accuracy
    chosen = small if lost <= task.settings.max_int8_loss else exact
    (folder / NAME).write_bytes(chosen.content)
    log_metrics(logger, fp32_whole_accuracy=exact.whole_accuracy, int8_whole_accuracy=small.whole_accuracy)
    logger.info(
        "served in %s: int8 loses %.4f, and %g may be lost", chosen.precision, lost, task.settings.max_int8_loss
    )
    temperature = _temperature(task, chosen.predictor)
    serving = Serving(chosen.precision, exact.whole_accuracy, small.whole_accuracy)
    return ModelConfig(architecture, task.settings.window, temperature, serving)


def _export(
    folder: Path, task: JointBertTask, weights: Mapping[str, np.ndarray], architecture: Architecture,
    precision: Precision,
) -> Export:  # fmt: skip
    """Write the graph at one precision, read the validation split with it, and take the file away again."""
    path = folder / f"{precision}.onnx"
    onnx.save(build_graph(weights, architecture, precision), path)
    predictor = Predictor(OnnxEngine(path), task.vocabulary, task.labels, task.settings.window, temperature=1.0)
    accuracy = task.measure(predictor).whole_accuracy
    content = path.read_bytes()
    path.unlink()
    return Export(precision, content, predictor, accuracy)


def _temperature(task: JointBertTask, predictor: Predictor) -> float:
    """Choose the temperature on the validation split, for what is served."""
    rows: dict[int, np.ndarray] = {}
    for batch, scores in predictor.score([question.text for question in task.validation]):
        rows.update(zip(batch, scores.intents, strict=True))
    held = np.stack([rows[index] for index in range(len(task.validation))])
    classes = np.array([task.labels.intent_ids(question.intent) for question in task.validation])
    return choose_temperature(held, classes, task.model.heads)
