"""`evaluate`: how well a model reads labelled questions, in a report for people too."""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ckgqa.reporting.page import style
from ckgqa.reporting.pictures import standalone
from ckgqa.runtime.artefacts import METRICS_JSONL, QUESTION_EVALUATION, REPORT_JSON
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_folder, tree_hash, unpacked, write_value
from ckgqa.runtime.jsonlines import read_jsonl, write_json, write_jsonl
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.progress import Progress
from ckgqa.runtime.settings import plain_settings
from ckgqa_train_jointbert.calibration import reliability
from ckgqa_train_jointbert.confusion import confusion_picture
from ckgqa_train_jointbert.evaluate_settings import EvaluateSettings
from ckgqa_train_jointbert.keywords import keyword_accuracy
from ckgqa_train_jointbert.labels import read_labels
from ckgqa_train_jointbert.predictor import Predictor
from ckgqa_train_jointbert.questions import Question, check_questions, read_split
from ckgqa_train_jointbert.reading import Reading
from ckgqa_train_jointbert.report import Evaluation, Mistake, report_json, report_markdown
from ckgqa_train_jointbert.report_page import report_page
from ckgqa_train_jointbert.saving import ModelFolder, load_served, load_trained, read_model_folder
from ckgqa_train_jointbert.scoring import Chunk, found_chunks, gold_chunks, score, score_by

logger = logging.getLogger(__name__)

CHUNK_QUESTIONS = 1024  # that go to the model at once: enough to group them by length
# What every line of metrics.jsonl has.
EPOCH_FIGURES = {"epoch", "loss", "whole_accuracy", "intent_accuracy", "slot_f1"}


def evaluate(settings: EvaluateSettings) -> None:
    """Score a model on labelled questions and write the report."""
    with unpacked(settings.model) as folder, atomic_folder(settings.report) as work:
        held = read_model_folder(folder)
        questions = _questions(settings, held)
        predictor = load_served(held) if settings.weights == "served" else load_trained(held)
        started = time.monotonic()
        readings = _read(predictor, questions)
        result = summarise(settings, held, questions, readings, seconds=time.monotonic() - started)
        write_report(work, result, questions, readings)
        inputs = {"model": tree_hash(folder), "questions": tree_hash(settings.questions)}
        made_by = "train_jointbert evaluate"
        manifest = Manifest(*QUESTION_EVALUATION, held.manifest.schema_hash, made_by, plain_settings(settings), inputs)
        write_manifest(work, manifest)
    write_value(settings.intent_accuracy, result.scores.intent_accuracy)
    write_value(settings.slot_f1, result.scores.slots.f1)
    log_metrics(
        logger,
        intent_accuracy=result.scores.intent_accuracy,
        slot_f1=result.scores.slots.f1,
        whole_accuracy=result.scores.whole_accuracy,
        keyword_intent_accuracy=result.keywords,
        calibration_error=result.calibration_error,
        questions_per_second=result.questions_per_second,
    )


def summarise(
    settings: EvaluateSettings, held: ModelFolder, questions: Sequence[Question], readings: Sequence[Reading],
    *, seconds: float,
) -> Evaluation:  # fmt: skip
    """Count everything that the report says; at least one question."""
    right = [q.intent.label == r.label for q, r in zip(questions, readings, strict=True)]
    return Evaluation(
        split=settings.split,
        weights=settings.weights,
        config=held.config,
        seconds=seconds,
        scores=score(questions, readings),
        keywords=keyword_accuracy(questions, held.labels),
        among_most=sum(q.intent.label in r.probabilities for q, r in zip(questions, readings, strict=True)),
        by_shape=score_by(questions, readings, lambda question: question.shape),
        by_intent=score_by(questions, readings, lambda question: question.intent.label),
        confusion=Counter((q.intent.label, r.label) for q, r in zip(questions, readings, strict=True)),
        reliability=reliability([reading.probability for reading in readings], right),
        learning=_learning(held.folder),
        mistakes=find_mistakes(questions, readings, settings.examples),
    )


def find_mistakes(questions: Sequence[Question], readings: Sequence[Reading], limit: int) -> list[Mistake]:
    """Give the wrongly read questions of whose intent the model was surest, wrong intents before wrong names."""
    wrong = [
        (question, reading)
        for question, reading in zip(questions, readings, strict=True)
        if question.intent.label != reading.label or gold_chunks(question) != found_chunks(reading)
    ]
    wrong.sort(key=lambda pair: (pair[0].intent.label == pair[1].label, -pair[1].probability))
    return [_mistake(question, reading) for question, reading in wrong[:limit]]


def write_report(folder: Path, result: Evaluation, questions: Sequence[Question], readings: Sequence[Reading]) -> None:
    """Write the report for programs, for a terminal and for a browser, and what monitoring compares with later."""
    write_json(folder / REPORT_JSON, report_json(result))
    (folder / "report.md").write_text(report_markdown(result), encoding="utf-8")
    (folder / "report.html").write_text(report_page(result), encoding="utf-8")
    picture = standalone(confusion_picture(result.confusion), style())
    (folder / "confusion.svg").write_text(picture, encoding="utf-8")
    write_jsonl(
        folder / "baseline.jsonl",
        (
            {"text": q.text, "label": q.intent.label, "prediction": r.label, "probability": r.probability}
            for q, r in zip(questions, readings, strict=True)
        ),
    )


def _questions(settings: EvaluateSettings, held: ModelFolder) -> list[Question]:
    """Read the split, and refuse what the model cannot know.

    Raises:
        InputError: it is empty, has labels that the model lacks, or a question longer than the model's window.
    """
    check_questions(settings.questions)
    labels = read_labels(settings.questions)
    missing = labels.missing_from(held.labels)
    if missing:
        raise InputError(
            f"{settings.questions}: {len(missing)} of its labels are none of the model's ({', '.join(missing[:3])}); "
            "train on these questions, or take questions with the labels that the model was trained on"
        )
    questions = read_split(settings.questions, settings.split, labels)
    path = settings.questions / f"{settings.split}.jsonl"
    if not questions:
        raise InputError(f"{path}: no question to score the model on")
    for question in questions:
        if len(question.text) > held.config.window:
            raise InputError(
                f"{path}: question {question.id} is longer than the model's {held.config.window} characters"
            )
    return questions


def _read(predictor: Predictor, questions: Sequence[Question]) -> list[Reading]:
    found: list[Reading] = []
    with Progress(len(questions), "questions", "evaluate") as progress:
        for start in range(0, len(questions), CHUNK_QUESTIONS):
            found += predictor.predict([question.text for question in questions[start : start + CHUNK_QUESTIONS]])
            progress.advance(len(found) - start)
    return found


def _learning(model: Path) -> list[dict[str, float]]:
    """Read the figures of each epoch, which the training wrote.

    Raises:
        InputError: there are none, or an epoch lacks one of those that every training writes.
    """
    path = model / METRICS_JSONL
    epochs = [
        {name: float(value) for name, value in line.items() if isinstance(value, int | float)}
        for _, line in read_jsonl(path)
    ]
    if not epochs or not all(epoch.keys() >= EPOCH_FIGURES for epoch in epochs):
        raise InputError(f"{path}: a line for each epoch is expected, with {', '.join(sorted(EPOCH_FIGURES))}")
    return epochs


def _mistake(question: Question, reading: Reading) -> Mistake:
    def told(chunks: set[Chunk]) -> list[str]:
        return [f"{role} '{question.text[start:end]}'" for role, start, end in sorted(chunks, key=lambda c: c[1])]

    return Mistake(
        question.id, question.text, question.shape, question.intent.label, reading.label, reading.probability,
        told(gold_chunks(question)), told(found_chunks(reading)),
    )  # fmt: skip
