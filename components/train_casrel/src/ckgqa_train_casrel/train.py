"""`train`: sentences in, a model folder out.

    python -m ckgqa_train_casrel train --sentences build/sentences --model build/model

Several GPUs: torchrun --nproc-per-node 4 -m ckgqa_train_casrel train ... (each takes its share of every batch).
"""

import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from ckgqa.runtime.artefacts import SCHEMA_JSON, VALUE
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.settings import plain_settings
from ckgqa.training.distributed import Processes, join
from ckgqa.training.kernels import keep_few_kernels
from ckgqa.training.loop import fit
from ckgqa.training.precision import forward_precision, uses_bf16
from ckgqa.training.task import Fitted, LoopSettings
from ckgqa_train_casrel.building import architecture_of, casrel, new_encoder
from ckgqa_train_casrel.casrel_task import CasRelTask
from ckgqa_train_casrel.config import ModelConfig
from ckgqa_train_casrel.examples import make_examples
from ckgqa_train_casrel.reading import Reader
from ckgqa_train_casrel.records import Sentence, check_sentences, read_split
from ckgqa_train_casrel.saving import model_manifest, save_model
from ckgqa_train_casrel.schema import Reading, Schema, read_schema
from ckgqa_train_casrel.settings import TrainSettings
from ckgqa_train_casrel.tuning import choose_thresholds

logger = logging.getLogger(__name__)

# Settings that may differ between a run and its restart, and are no part of a manifest: they shape nothing.
NOT_SHAPING = frozenset({"checkpoint_dir", "checkpoint_minutes", "tensorboard_dir", "device"})


def train(settings: TrainSettings) -> None:
    """Train a model on a folder of sentences."""
    started = time.monotonic()
    keep_few_kernels()
    check_sentences(settings.sentences)
    hashes = _input_hashes(settings)
    schema = read_schema(settings.sentences / SCHEMA_JSON)
    sentences, validation = _splits(settings.sentences)
    with join(settings.device) as processes:
        task = _make_task(settings, schema, sentences, validation, processes.device)
        fitted = fit(task, _loop_settings(settings), _identity(settings, hashes, processes), processes)
        if processes.leads:
            _write(settings, task, fitted, hashes)
            logger.info("trained on %d sentences in %.0f s", len(sentences), time.monotonic() - started)


def _input_hashes(settings: TrainSettings) -> dict[str, str]:
    """Hash what is read; a BERT counts by what its folder holds, wherever that stands."""
    hashes = {"sentences": tree_hash(settings.sentences)}
    if settings.pretrained is not None:
        hashes["encoder"] = tree_hash(settings.pretrained)
    return hashes


def _splits(folder: Path) -> tuple[list[Sentence], list[Sentence]]:
    """Read the splits that training needs, and refuse what it cannot learn from."""
    sentences, validation = list(read_split(folder, "train")), list(read_split(folder, "validation"))
    for name, split in (("train", sentences), ("validation", validation)):
        if not any(sentence.triples for sentence in split):
            raise InputError(
                f"{folder / name}.jsonl: no sentence with a triple; both the training split, to learn from, and the "
                "validation split, to choose the best epoch by, need some"
            )
    return sentences, validation


def _make_task(
    settings: TrainSettings, schema: Schema, sentences: Sequence[Sentence], validation: Sequence[Sentence],
    device: torch.device,
) -> CasRelTask:  # fmt: skip
    torch.manual_seed(settings.seed)
    encoder, vocabulary = new_encoder(settings, sentences)
    model = casrel(encoder, architecture_of(settings), vocabulary.unknown, len(schema.labels)).to(device)
    examples = []
    for sentence in sentences:
        try:
            examples += make_examples(sentence, vocabulary, schema.label_ids, settings.window, settings.overlap)
        except KeyError as error:
            raise InputError(f"sentence {sentence.id}: schema.json has no label {error.args[0]}") from error
    reader = Reader(schema, usual_readings(schema, sentences), vocabulary, settings.window, settings.overlap)
    logger.info(
        "%d parameters, %d characters and %d pairs known, %d windows to learn from, %d labels",
        sum(p.numel() for p in model.parameters()), len(vocabulary.characters), len(vocabulary.pairs), len(examples),
        len(schema.labels),
    )  # fmt: skip
    return CasRelTask(model, reader, examples, validation, settings, device)


def usual_readings(schema: Schema, sentences: Sequence[Sentence]) -> dict[str, int]:
    """Choose for each predicate the reading whose types the training split uses most, the first of equals."""
    used = Counter((t.predicate, t.subject_type, t.value_type) for sentence in sentences for t in sentence.triples)
    best: dict[str, int] = {}
    for index, reading in enumerate(schema.readings):
        key = _types(reading)
        other = best.get(reading.predicate)
        if other is None or used[key] > used[_types(schema.readings[other])]:
            best[reading.predicate] = index
    return best


def _types(reading: Reading) -> tuple[str, str, str]:
    return reading.predicate, reading.subject_type, reading.object_type.get(VALUE, "")


def _loop_settings(settings: TrainSettings) -> LoopSettings:
    checkpoints = Path(settings.checkpoint_dir) if settings.checkpoint_dir else None
    board = Path(settings.tensorboard_dir) if settings.tensorboard_dir else checkpoints and checkpoints / "tensorboard"
    return LoopSettings(
        epochs=settings.epochs,
        patience=settings.patience,
        warmup_fraction=settings.warmup_fraction,
        clip_norm=settings.clip_norm,
        ema_decay=settings.ema_decay,
        seed=settings.seed,
        bf16=settings.bf16,
        checkpoint_folder=checkpoints,
        checkpoint_minutes=settings.checkpoint_minutes,
        tensorboard_folder=board,
    )


def _identity(settings: TrainSettings, hashes: Mapping[str, str], processes: Processes) -> dict[str, object]:
    """Say what a checkpoint belongs to; of a BERT the hash takes the place of its kind."""
    return _shaping(settings) | dict(hashes) | {"processes": processes.count}


def _shaping(settings: TrainSettings) -> dict[str, object]:
    """Give the settings that shape the model; of the encoder its kind, since a path says nothing of what is there."""
    shaping = {name: value for name, value in plain_settings(settings).items() if name not in NOT_SHAPING}
    return shaping | {"encoder": architecture_of(settings).encoder}


def _write(settings: TrainSettings, task: CasRelTask, fitted: Fitted, hashes: Mapping[str, str]) -> None:
    """Choose the thresholds for the best weights, and write the model folder."""
    task.model.eval()
    bf16 = uses_bf16(settings.bf16, task.device)
    with torch.inference_mode(), forward_precision(bf16, task.device):
        thresholds, scores = choose_thresholds(task.model, task.reader, task.validation)
    reader = task.reader
    config = ModelConfig(architecture_of(settings), thresholds, reader.window, reader.overlap, bf16, reader.types)
    manifest = model_manifest(reader.schema, _shaping(settings), hashes)
    with atomic_folder(settings.model) as work:
        save_model(work, model=task.model, reader=reader, config=config, history=fitted.history, manifest=manifest)
    logger.info("best epoch: %d; %s", fitted.best_epoch, thresholds)
    log_metrics(logger, best_f1=scores.f1, best_precision=scores.precision, best_recall=scores.recall)
