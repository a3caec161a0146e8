"""`evaluate`: labelled questions and a model in, a report out.

python -m ckgqa_train_jointbert evaluate --model build/question-model --questions build/questions \
        --report build/question-report --intent-accuracy build/intent-accuracy --slot-f1 build/slot-f1
"""

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from ckgqa.reporting.page import style
from ckgqa.reporting.pictures import standalone
from ckgqa.runtime.artefacts import (
    BASELINE_JSONL,
    CONFUSION_SVG,
    QUESTION_EVALUATION,
    REPORT_HTML,
    REPORT_JSON,
    REPORT_MD,
    Split,
    split_file,
)
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_folder, tree_hash, unpacked, write_value
from ckgqa.runtime.jsonlines import write_json, write_jsonl
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.progress import Progress
from ckgqa.runtime.settings import plain_settings
from ckgqa_train_jointbert.data.labels import read_labels
from ckgqa_train_jointbert.data.questions import LabelledQuestion, check_questions, read_split
from ckgqa_train_jointbert.evaluation.confusion import confusion_picture
from ckgqa_train_jointbert.evaluation.report import report_json, report_markdown
from ckgqa_train_jointbert.evaluation.report_page import report_page
from ckgqa_train_jointbert.evaluation.result import QuestionModelEvaluation, summarize
from ckgqa_train_jointbert.inference.loading import load_served, load_trained
from ckgqa_train_jointbert.inference.predictions import QuestionPrediction
from ckgqa_train_jointbert.inference.predictor import Predictor
from ckgqa_train_jointbert.model.folder import ModelFolder, read_model_folder
from ckgqa_train_jointbert.settings import EvaluateSettings

logger = logging.getLogger(__name__)

CHUNK_QUESTIONS = 1024  # per call of the predictor: enough to group them by length


def evaluate(settings: EvaluateSettings) -> None:
    """Score a model on labelled questions and write the report."""
    with unpacked(settings.model) as path, atomic_folder(settings.report) as work:
        folder = read_model_folder(path)
        questions = _read_questions(settings.questions, settings.split, folder)
        predictor = load_served(folder) if settings.weights == "served" else load_trained(folder)
        started = time.monotonic()
        predictions = _predict(predictor, questions)
        result = summarize(
            folder, questions, predictions, split=settings.split, weights=settings.weights,
            max_mistakes=settings.examples, seconds=time.monotonic() - started,
        )  # fmt: skip
        write_report(work, result, questions, predictions)
        inputs = {"model": tree_hash(path), "questions": tree_hash(settings.questions)}
        schema_hash, made_by = folder.manifest.schema_hash, "train_jointbert evaluate"
        write_manifest(work, Manifest(*QUESTION_EVALUATION, schema_hash, made_by, plain_settings(settings), inputs))
    write_value(settings.intent_accuracy, result.scores.intent_accuracy)
    write_value(settings.slot_f1, result.scores.slots.f1)
    log_metrics(
        logger,
        intent_accuracy=result.scores.intent_accuracy,
        slot_f1=result.scores.slots.f1,
        exact_match=result.scores.exact_match,
        keyword_intent_accuracy=result.keyword_intent_accuracy,
        calibration_error=result.calibration_error,
        questions_per_second=result.questions_per_second,
    )


def write_report(
    folder: Path,
    result: QuestionModelEvaluation,
    questions: Sequence[LabelledQuestion],
    predictions: Sequence[QuestionPrediction],
) -> None:
    """Write the report for programs, terminals and browsers, and the baseline for later monitoring."""
    write_json(folder / REPORT_JSON, report_json(result))
    (folder / REPORT_MD).write_text(report_markdown(result), encoding="utf-8")
    (folder / REPORT_HTML).write_text(report_page(result), encoding="utf-8")
    picture = standalone(confusion_picture(result.confusion), style())
    (folder / CONFUSION_SVG).write_text(picture, encoding="utf-8")
    write_jsonl(
        folder / BASELINE_JSONL,
        (
            {"text": q.text, "label": q.intent.label, "prediction": p.label, "probability": p.probability}
            for q, p in zip(questions, predictions, strict=True)
        ),
    )


def _read_questions(path: Path, split: Split, folder: ModelFolder) -> list[LabelledQuestion]:
    """Read the split and reject questions that the model cannot predict.

    Raises:
        InputError: the split is empty, has labels that the model lacks, or a question longer than the model's window.
    """
    check_questions(path)
    labels = read_labels(path)
    missing = labels.missing_from(folder.labels)
    if missing:
        raise InputError(
            f"{path}: the model lacks {len(missing)} of its labels ({', '.join(missing[:3])}); train on these "
            "questions, or take questions with the labels that the model was trained on"
        )
    questions = read_split(path, split, labels)
    file = path / split_file(split)
    if not questions:
        raise InputError(f"{file}: no question to score the model on")
    window = folder.config.window
    for question in questions:
        if len(question.text) > window:
            raise InputError(f"{file}: question {question.id} is longer than the model's {window} characters")
    return questions


def _predict(predictor: Predictor, questions: Sequence[LabelledQuestion]) -> list[QuestionPrediction]:
    predictions: list[QuestionPrediction] = []
    with Progress(len(questions), "questions", "evaluate") as progress:
        for start in range(0, len(questions), CHUNK_QUESTIONS):
            chunk = questions[start : start + CHUNK_QUESTIONS]
            predictions += predictor.predict([question.text for question in chunk])
            progress.advance(len(chunk))
    return predictions
