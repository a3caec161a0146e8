"""From the trained network to the served one: model.onnx, in int8 if that loses almost no question."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from ckgqa.runtime.artefacts import MODEL_ONNX
from ckgqa.runtime.log import log_metrics
from ckgqa_train_jointbert.export.calibration import choose_temperature
from ckgqa_train_jointbert.export.onnx_graph import build_graph
from ckgqa_train_jointbert.inference.onnx_engine import OnnxEngine
from ckgqa_train_jointbert.inference.predictor import Predictor
from ckgqa_train_jointbert.model.config import BertArchitecture, JointBertConfig, Precision, ServedPrecision
from ckgqa_train_jointbert.training.task import JointBertTask

logger = logging.getLogger(__name__)

PRECISIONS: tuple[Precision, Precision] = ("fp32", "int8")


@dataclass(frozen=True)
class ExportCandidate:
    """The network exported at one precision."""

    precision: Precision
    content: bytes
    predictor: Predictor
    exact_match: float


def export(folder: Path, task: JointBertTask, architecture: BertArchitecture) -> JointBertConfig:
    """Write model.onnx and return the configuration that describes it.

    Both precisions predict the validation split. The export takes int8 if its exact match is at most `max_int8_loss`
    lower, and chooses the temperature for the precision that it took.
    """
    weights = {name: tensor.detach().float().cpu().numpy() for name, tensor in task.model.state_dict().items()}
    fp32, int8 = (_export(folder, task, weights, architecture, precision) for precision in PRECISIONS)
    loss = fp32.exact_match - int8.exact_match
    chosen = int8 if loss <= task.settings.max_int8_loss else fp32
    (folder / MODEL_ONNX).write_bytes(chosen.content)
    log_metrics(logger, fp32_exact_match=fp32.exact_match, int8_exact_match=int8.exact_match)
    logger.info("served in %s: int8 loses %.4f, and may lose %g", chosen.precision, loss, task.settings.max_int8_loss)
    temperature = _choose_temperature(task, chosen.predictor)
    serving = ServedPrecision(chosen.precision, fp32.exact_match, int8.exact_match)
    return JointBertConfig(architecture, task.settings.window, temperature, serving)


def _export(
    folder: Path, task: JointBertTask, weights: Mapping[str, np.ndarray], architecture: BertArchitecture,
    precision: Precision,
) -> ExportCandidate:  # fmt: skip
    """Write the graph at one precision, score it on the validation split, and remove the file."""
    path = folder / f"{precision}.onnx"
    onnx.save(build_graph(weights, architecture, precision), path)
    predictor = Predictor(OnnxEngine(path), task.vocabulary, task.labels, task.settings.window, temperature=1.0)
    exact_match = task.measure(predictor).exact_match
    content = path.read_bytes()
    path.unlink()
    return ExportCandidate(precision, content, predictor, exact_match)


def _choose_temperature(task: JointBertTask, predictor: Predictor) -> float:
    """Choose the temperature of a predictor on the validation split."""
    rows: dict[int, np.ndarray] = {}
    for batch, logits in predictor.logits([question.text for question in task.validation]):
        rows.update(zip(batch, logits.intents, strict=True))
    in_order = np.stack([rows[index] for index in range(len(task.validation))])
    classes = np.array([task.labels.intent_ids(question.intent) for question in task.validation])
    return choose_temperature(in_order, classes, task.model.heads)
