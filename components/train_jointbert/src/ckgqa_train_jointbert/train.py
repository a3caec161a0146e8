"""`train`: labelled questions in, a model folder out.

    python -m ckgqa_train_jointbert train --questions build/questions --model build/question-model

Several GPUs: torchrun --nproc-per-node 4 -m ckgqa_train_jointbert train ... (each takes its share of every batch).
"""

import logging
import time
from pathlib import Path

import torch
from safetensors.torch import save_file

from ckgqa.runtime.artefacts import JOINTBERT, METRICS_JSONL, WEIGHTS
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.jsonlines import write_jsonl
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.settings import plain_settings
from ckgqa.training.distributed import Processes, join
from ckgqa.training.loop import fit
from ckgqa.training.task import Fitted, LoopSettings
from ckgqa_train_jointbert.bert import build_bert, fresh_architecture, pretrained_bert
from ckgqa_train_jointbert.config import Architecture, write_config
from ckgqa_train_jointbert.exporting import export
from ckgqa_train_jointbert.jointbert_task import JointBertTask, make_example
from ckgqa_train_jointbert.labels import Labels, read_labels, write_labels
from ckgqa_train_jointbert.model import JointBert
from ckgqa_train_jointbert.questions import Question, Split, check_questions, read_split
from ckgqa_train_jointbert.train_settings import TrainSettings
from ckgqa_train_jointbert.vocabulary import Vocabulary, learn_vocabulary, write_vocabulary

logger = logging.getLogger(__name__)

# Settings that may differ between a run and its restart, and are no part of a manifest: they shape nothing.
NOT_SHAPING = frozenset({"checkpoint_dir", "checkpoint_minutes", "tensorboard_dir", "device"})


def train(settings: TrainSettings) -> None:
    """Train a model on a folder of labelled questions."""
    started = time.monotonic()
    schema_hash = check_questions(settings.questions).schema_hash
    labels = read_labels(settings.questions)
    questions, validation = (_split(settings, name, labels) for name in ("train", "validation"))
    with join(settings.device) as processes:
        architecture, task = _make_task(settings, labels, questions, validation, processes.device)
        hashes = _input_hashes(settings)
        fitted = fit(task, _loop_settings(settings), _identity(settings, hashes, processes), processes)
        if processes.leads:
            manifest = Manifest(*JOINTBERT, schema_hash, "train_jointbert train", _shaping(settings), hashes)
            _write(settings.model, task, architecture, fitted, manifest)
            logger.info("trained on %d questions in %.0f s", len(questions), time.monotonic() - started)


def _input_hashes(settings: TrainSettings) -> dict[str, str]:
    """Hash what is read; a BERT counts by what its folder holds, wherever that stands."""
    hashes = {"questions": tree_hash(settings.questions)}
    if settings.pretrained:
        hashes["encoder"] = tree_hash(Path(settings.pretrained))
    return hashes


def _split(settings: TrainSettings, name: Split, labels: Labels) -> list[Question]:
    """Read a split, and refuse what the model cannot learn from.

    Raises:
        InputError: it is empty, or a question is longer than the window.
    """
    questions = read_split(settings.questions, name, labels)
    path = settings.questions / f"{name}.jsonl"
    if not questions:
        raise InputError(
            f"{path}: no question; both the training split, to learn from, and the validation split, to choose the "
            "best epoch by, need some"
        )
    longest = max(questions, key=lambda question: len(question.text))
    if len(longest.text) > settings.window:
        raise InputError(
            f"{path}: question {longest.id} has {len(longest.text)} characters and --window is {settings.window}; "
            "give a larger one, or leave such questions out"
        )
    return questions


def _make_task(
    settings: TrainSettings, labels: Labels, questions: list[Question], validation: list[Question],
    device: torch.device,
) -> tuple[Architecture, JointBertTask]:  # fmt: skip
    torch.manual_seed(settings.seed)
    bert, architecture, vocabulary = _new_bert(settings, questions)
    model = JointBert(
        bert, architecture.hidden, labels, dropout=settings.dropout, character_dropout=settings.character_dropout,
        slot_weight=settings.slot_weight,
    ).to(device)  # fmt: skip
    examples = [make_example(question, vocabulary, labels) for question in questions]
    logger.info(
        "%d parameters, %d characters known, %d questions to learn from, %d steps and %d roles",
        sum(p.numel() for p in model.parameters()), len(vocabulary.characters), len(examples), len(labels.steps),
        len(labels.roles),
    )  # fmt: skip
    return architecture, JointBertTask(model, labels, vocabulary, examples, validation, settings, device)


def _new_bert(settings: TrainSettings, questions: list[Question]) -> tuple[torch.nn.Module, Architecture, Vocabulary]:
    """Make the BERT that the settings name, with the characters that it knows."""
    if settings.pretrained:
        return pretrained_bert(settings.pretrained, settings.layers, settings.window, settings.dropout)
    vocabulary = learn_vocabulary((question.text for question in questions), settings.min_count)
    architecture = fresh_architecture(
        settings.fresh_hidden, settings.fresh_layers, settings.fresh_heads, settings.window
    )
    return build_bert(architecture, len(vocabulary), settings.dropout), architecture, vocabulary


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


def _identity(settings: TrainSettings, hashes: dict[str, str], processes: Processes) -> dict[str, object]:
    """Say what a checkpoint belongs to."""
    return _shaping(settings) | hashes | {"processes": processes.count}


def _shaping(settings: TrainSettings) -> dict[str, object]:
    """Give the settings that shape the model; of the encoder its kind, since a path says nothing of what is there."""
    shaping = {name: value for name, value in plain_settings(settings).items() if name not in NOT_SHAPING}
    return shaping | {"encoder": "bert" if settings.pretrained else "fresh"}


def _write(path: Path, task: JointBertTask, architecture: Architecture, fitted: Fitted, manifest: Manifest) -> None:
    """Write the model folder: the weights as trained, and what is served."""
    task.model.eval()
    with atomic_folder(path) as work:
        config = export(work, task, architecture)
        write_config(work, config)
        write_labels(work, task.labels)
        write_vocabulary(work, task.vocabulary)
        save_file({name: t.contiguous().cpu() for name, t in task.model.state_dict().items()}, work / WEIGHTS)
        write_jsonl(work / METRICS_JSONL, fitted.history)
        write_manifest(work, manifest)
    logger.info("best epoch: %d", fitted.best_epoch)
    best = fitted.history[fitted.best_epoch - 1]
    log_metrics(logger, **{f"best_{name}": value for name, value in best.items() if name not in {"epoch", "loss"}})
