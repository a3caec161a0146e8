"""`train`: labelled questions in, a model folder out.

    python -m ckgqa_train_jointbert train --questions build/questions --model build/question-model

On several GPUs: torchrun --nproc-per-node 4 -m ckgqa_train_jointbert train ... (each takes its share of every batch).
"""

import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file

from ckgqa.runtime.artefacts import JOINTBERT, METRICS_JSONL, WEIGHTS, Split, split_file
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.jsonlines import write_jsonl
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.training.distributed import Processes, join
from ckgqa.training.identity import shaping_settings
from ckgqa.training.loop import fit
from ckgqa.training.task import LoopSettings, TrainingResult
from ckgqa_train_jointbert.data.labels import Labels, read_labels, write_labels
from ckgqa_train_jointbert.data.questions import LabelledQuestion, check_questions, read_split
from ckgqa_train_jointbert.data.vocabulary import CharacterVocabulary, learn_vocabulary, write_vocabulary
from ckgqa_train_jointbert.export.export import export
from ckgqa_train_jointbert.model.bert import build_bert, fresh_architecture, pretrained_bert
from ckgqa_train_jointbert.model.config import BertArchitecture, write_config
from ckgqa_train_jointbert.model.jointbert import JointBert
from ckgqa_train_jointbert.settings import TrainSettings
from ckgqa_train_jointbert.training.examples import encode_question
from ckgqa_train_jointbert.training.task import JointBertTask

logger = logging.getLogger(__name__)


def train(settings: TrainSettings) -> None:
    """Train a model on a folder of labelled questions."""
    started = time.monotonic()
    schema_hash = check_questions(settings.questions).schema_hash
    labels = read_labels(settings.questions)
    questions, validation = (_read_questions(settings, split, labels) for split in ("train", "validation"))
    with join(settings.device) as processes:
        architecture, task = _make_task(settings, labels, questions, validation, processes.device)
        hashes = _input_hashes(settings)
        fitted = fit(task, LoopSettings.from_settings(settings), _identity(settings, hashes, processes), processes)
        if processes.is_main_process:
            manifest = Manifest(*JOINTBERT, schema_hash, "train_jointbert train", _hyperparameters(settings), hashes)
            _write_model(settings.model, task, architecture, fitted, manifest)
            logger.info("trained on %d questions in %.0f s", len(questions), time.monotonic() - started)


def _read_questions(settings: TrainSettings, split: Split, labels: Labels) -> list[LabelledQuestion]:
    """Read a split and reject questions that the model cannot learn from.

    Raises:
        InputError: the split is empty, or a question is longer than the window.
    """
    questions = read_split(settings.questions, split, labels)
    path = settings.questions / split_file(split)
    if not questions:
        raise InputError(
            f"{path}: no question; both the training split, to learn from, and the validation split, to choose the "
            "best epoch by, need some"
        )
    longest = max(questions, key=lambda question: len(question.text))
    if len(longest.text) > settings.window:
        raise InputError(
            f"{path}: question {longest.id} has {len(longest.text)} characters and --window is {settings.window}; "
            "choose a larger window, or leave such questions out"
        )
    return questions


def _make_task(
    settings: TrainSettings, labels: Labels, questions: Sequence[LabelledQuestion],
    validation: Sequence[LabelledQuestion], device: torch.device,
) -> tuple[BertArchitecture, JointBertTask]:  # fmt: skip
    torch.manual_seed(settings.seed)
    bert, architecture, vocabulary = _make_bert(settings, questions)
    model = JointBert(
        bert, architecture.hidden_size, labels, dropout=settings.dropout, character_dropout=settings.character_dropout,
        slot_weight=settings.slot_weight,
    ).to(device)  # fmt: skip
    examples = [encode_question(question, vocabulary, labels) for question in questions]
    logger.info(
        "%d parameters, %d known characters, %d training questions, %d steps and %d roles",
        sum(p.numel() for p in model.parameters()), len(vocabulary.characters), len(examples), len(labels.steps),
        len(labels.roles),
    )  # fmt: skip
    return architecture, JointBertTask(model, labels, vocabulary, examples, validation, settings, device)


def _make_bert(
    settings: TrainSettings, questions: Sequence[LabelledQuestion]
) -> tuple[torch.nn.Module, BertArchitecture, CharacterVocabulary]:
    """Load the pretrained BERT, or build a fresh one whose vocabulary comes from the questions."""
    if settings.pretrained:
        return pretrained_bert(settings.pretrained, settings.layers, settings.window, settings.dropout)
    vocabulary = learn_vocabulary((question.text for question in questions), settings.min_count)
    architecture = fresh_architecture(
        settings.fresh_hidden_size, settings.fresh_layers, settings.fresh_heads, settings.window
    )
    return build_bert(architecture, len(vocabulary), settings.dropout), architecture, vocabulary


def _input_hashes(settings: TrainSettings) -> dict[str, str]:
    """Hash the inputs; the hash of a BERT depends on its files and not on its path."""
    hashes = {"questions": tree_hash(settings.questions)}
    if settings.pretrained:
        hashes["encoder"] = tree_hash(settings.pretrained)
    return hashes


def _identity(settings: TrainSettings, hashes: Mapping[str, str], processes: Processes) -> dict[str, object]:
    """Return what a checkpoint belongs to."""
    return _hyperparameters(settings) | dict(hashes) | {"processes": processes.count}


def _hyperparameters(settings: TrainSettings) -> dict[str, object]:
    """Return the settings that shape the model, with the kind of the encoder in place of its path."""
    return shaping_settings(settings) | {"encoder": "bert" if settings.pretrained else "fresh"}


def _write_model(
    path: Path, task: JointBertTask, architecture: BertArchitecture, fitted: TrainingResult, manifest: Manifest
) -> None:
    """Write the model folder: the weights as trained, and the served model."""
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
