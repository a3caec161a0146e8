"""`train`: sentences in, a model folder out.

    python -m ckgqa_train_casrel train --sentences build/sentences --model build/model

Several GPUs: torchrun --nproc-per-node 4 -m ckgqa_train_casrel train ... (each takes its share of every batch).
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from ckgqa.runtime.artefacts import SCHEMA_JSON, Split, split_file
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.log import log_metrics
from ckgqa.training.distributed import Processes, join
from ckgqa.training.identity import shaping_settings
from ckgqa.training.kernels import limit_kernel_cache
from ckgqa.training.loop import fit
from ckgqa.training.precision import forward_precision, uses_bf16
from ckgqa.training.task import LoopSettings, TrainingResult
from ckgqa_train_casrel.casrel_task import CasRelTask
from ckgqa_train_casrel.data.examples import make_examples
from ckgqa_train_casrel.data.records import (
    Fold,
    LabelledSentence,
    check_sentences,
    describe_fold,
    read_split,
)
from ckgqa_train_casrel.data.schema import Schema, choose_default_signatures, read_schema
from ckgqa_train_casrel.inference.tuning import choose_thresholds
from ckgqa_train_casrel.model.build import architecture_of, build_casrel, build_new_encoder
from ckgqa_train_casrel.model.checkpointing import model_manifest, save_model
from ckgqa_train_casrel.model.config import CasRelConfig, InferenceConfig
from ckgqa_train_casrel.settings import TrainSettings

logger = logging.getLogger(__name__)

FOLDS: tuple[Split, ...] = ("train", "validation")


@dataclass(frozen=True)
class TrainingData:
    """Everything that a training reads from its folder of sentences."""

    schema: Schema
    train: Sequence[LabelledSentence]
    validation: Sequence[LabelledSentence]
    folds: Mapping[str, Fold]


def train(settings: TrainSettings) -> None:
    """Train a model on a folder of sentences."""
    started = time.monotonic()
    limit_kernel_cache()
    check_sentences(settings.sentences)
    hashes = _hash_inputs(settings)
    data = _read_data(settings.sentences)
    with join(settings.device) as processes:
        task = _make_task(settings, data, processes.device)
        result = fit(task, LoopSettings.from_settings(settings), _identity(settings, hashes, processes), processes)
        if processes.is_main_process:
            _write_model(settings, task, result, data.folds, hashes)
            logger.info("trained on %d sentences in %.0f s", len(data.train), time.monotonic() - started)


def _hash_inputs(settings: TrainSettings) -> dict[str, str]:
    """Hash the inputs; the hash of a BERT covers the content of its folder and not its path."""
    hashes = {"sentences": tree_hash(settings.sentences)}
    if settings.pretrained is not None:
        hashes["encoder"] = tree_hash(settings.pretrained)
    return hashes


def _read_data(folder: Path) -> TrainingData:
    """Read the schema and the two folds.

    Raises:
        InputError: the folder lacks one of them, or a fold has no triple.
    """
    schema = read_schema(folder / SCHEMA_JSON)
    splits = {name: list(read_split(folder, name)) for name in FOLDS}
    for name, sentences in splits.items():
        if not any(sentence.triples for sentence in sentences):
            raise InputError(
                f"{folder / split_file(name)}: no sentence with a triple; both the training split, to learn from, and "
                "the validation split, to choose the best epoch by, need some"
            )
    folds: dict[str, Fold] = {name: describe_fold(folder, name, len(splits[name])) for name in FOLDS}
    return TrainingData(schema, splits["train"], splits["validation"], folds)


def _make_task(settings: TrainSettings, data: TrainingData, device: torch.device) -> CasRelTask:
    torch.manual_seed(settings.seed)
    schema = data.schema
    encoder, vocabulary = build_new_encoder(settings, data.train)
    model = build_casrel(encoder, architecture_of(settings), vocabulary.unknown, len(schema.labels)).to(device)
    examples = []
    for sentence in data.train:
        try:
            examples += make_examples(sentence, vocabulary, schema.label_ids, settings.window, settings.overlap)
        except KeyError as error:
            raise InputError(f"sentence {sentence.id}: {SCHEMA_JSON} has no label {error.args[0]}") from error
    default_signatures = choose_default_signatures(schema, (t for sentence in data.train for t in sentence.triples))
    inference = InferenceConfig(schema, default_signatures, vocabulary, settings.window, settings.overlap)
    logger.info(
        "%d parameters, %d characters and %d bigrams in the vocabulary, %d windows in the training split, %d labels",
        sum(p.numel() for p in model.parameters()), len(vocabulary.characters), len(vocabulary.bigrams), len(examples),
        len(schema.labels),
    )  # fmt: skip
    return CasRelTask(model, inference, examples, data.validation, settings, device)


def _identity(settings: TrainSettings, hashes: Mapping[str, str], processes: Processes) -> dict[str, object]:
    """Return what a checkpoint belongs to; the hash of a BERT replaces the kind of the encoder."""
    return _model_settings(settings) | dict(hashes) | {"processes": processes.count}


def _model_settings(settings: TrainSettings) -> dict[str, object]:
    """Return the settings that shape the model, and the kind of the encoder instead of its path."""
    return shaping_settings(settings) | {"encoder": architecture_of(settings).encoder}


def _write_model(
    settings: TrainSettings,
    task: CasRelTask,
    result: TrainingResult,
    folds: Mapping[str, Fold],
    hashes: Mapping[str, str],
) -> None:
    """Choose the thresholds for the best weights, and write the model folder."""
    task.model.eval()
    bf16 = uses_bf16(settings.bf16, task.device)
    with torch.inference_mode(), forward_precision(bf16, task.device):
        thresholds, scores = choose_thresholds(task.model, task.inference, task.validation)
    inference = task.inference
    config = CasRelConfig(
        architecture=architecture_of(settings),
        thresholds=thresholds,
        window=inference.window,
        overlap=inference.overlap,
        bf16=bf16,
        default_signatures=inference.default_signatures,
        folds=folds,
    )
    manifest = model_manifest(inference.schema, _model_settings(settings), hashes)
    with atomic_folder(settings.model) as work:
        save_model(
            work, model=task.model, inference=inference, config=config, history=result.history, manifest=manifest
        )
    logger.info("best epoch: %d; %s", result.best_epoch, thresholds)
    log_metrics(logger, best_f1=scores.f1, best_precision=scores.precision, best_recall=scores.recall)
