"""`evaluate`: how good a model's triples are, counted as the challenge counts them, in a report for people too."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ckgqa.runtime.artefacts import EVALUATION, METRICS_JSONL, REPORT_JSON
from ckgqa.runtime.errors import InputError, require
from ckgqa.runtime.files import atomic_folder, tree_hash, unpacked, write_value
from ckgqa.runtime.jsonlines import read_jsonl, write_json
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.program import InputPath, OutputPath, OutputValue
from ckgqa.runtime.progress import Progress
from ckgqa.runtime.settings import plain_settings
from ckgqa_train_casrel.artefacts import check_same_schema, model_schema_hash
from ckgqa_train_casrel.extractor import Extractor, load_extractor
from ckgqa_train_casrel.records import Sentence, Split, read_split
from ckgqa_train_casrel.report import CurvePoint, Evaluation, report_json, report_markdown
from ckgqa_train_casrel.report_errors import find_errors
from ckgqa_train_casrel.report_page import report_page
from ckgqa_train_casrel.scoring import key, micro_f1, per_predicate, scores_over_thresholds
from ckgqa_train_casrel.thresholds import Thresholds
from ckgqa_train_casrel.triples import Triple

logger = logging.getLogger(__name__)

# Texts that go to the model at once: enough to group them by length.
CHUNK_TEXTS = 2048
# The sweep's own thresholds: low, so that triples of nearly every score are there to be swept over. Lower still, the
# nearest tail behind a head is noise more and more often, and pushes the right one aside.
SWEEP_THRESHOLD = 0.1
LEAST_SCORES = tuple(round(step * 0.02, 2) for step in range(51))
# What every line of metrics.jsonl has.
EPOCH_FIGURES = {"epoch", "loss", "f1"}


@dataclass(frozen=True)
class EvaluateSettings:
    """Settings of `evaluate`."""

    model: InputPath
    """Model folder, as `train` writes it, or its model.tar.gz."""
    sentences: InputPath
    """Folder of `preprocess duie`, of the schema that the model was trained on."""
    report: OutputPath
    """Folder that receives report.json, report.md and report.html."""
    f1: OutputValue
    """File that receives micro-F1, 0 to 1, which the pipeline's gate reads."""
    split: Split = "test"
    """Sentences that are scored; test are the ones that nothing was chosen on."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the model runs; auto takes a GPU where there is one."""
    examples: int = 5
    """Missed and spurious triples shown for each predicate."""

    def __post_init__(self) -> None:
        require(self.examples >= 0, f"--examples {self.examples}: at least 0 is expected")


def evaluate(settings: EvaluateSettings) -> None:
    """Score a model on labelled sentences and write the report."""
    with unpacked(settings.model) as model, atomic_folder(settings.report) as work:
        schema_hash = model_schema_hash(model)
        check_same_schema(settings.sentences, schema_hash)
        sentences = list(read_split(settings.sentences, settings.split))
        if not sentences:
            raise InputError(f"{settings.sentences / settings.split}.jsonl: no sentence to score the model on")
        learning = _learning(model)
        result = score_model(load_extractor(model, settings.device), sentences, learning, settings)
        write_report(work, result)
        inputs = {"model": tree_hash(model), "sentences": tree_hash(settings.sentences)}
        made_by = "train_casrel evaluate"
        write_manifest(work, Manifest(*EVALUATION, schema_hash, made_by, plain_settings(settings), inputs))
    write_value(settings.f1, result.scores.f1)
    log_metrics(
        logger,
        f1=result.scores.f1,
        precision=result.scores.precision,
        recall=result.scores.recall,
        sentences_per_second=result.sentences_per_second,
    )


def score_model(
    extractor: Extractor,
    sentences: Sequence[Sentence],
    learning: Sequence[dict[str, float]],
    settings: EvaluateSettings,
) -> Evaluation:
    """Run the model twice, at its own thresholds for the figures and at low ones for the curve, and count.

    Args:
        extractor: the model.
        sentences: at least one.
        learning: the model's figures of each epoch.
        settings: which split this is, and how many examples of errors to keep.
    """
    texts = [sentence.text for sentence in sentences]
    gold = [sentence.triples for sentence in sentences]
    started = time.monotonic()
    predicted = _extract(extractor, texts, extractor.thresholds, "evaluate")
    seconds = time.monotonic() - started
    low = Thresholds(
        min(SWEEP_THRESHOLD, extractor.thresholds.subject), min(SWEEP_THRESHOLD, extractor.thresholds.object)
    )
    return Evaluation(
        split=settings.split,
        sentences=len(sentences),
        seconds=seconds,
        thresholds=extractor.thresholds,
        sweep_thresholds=low,
        scores=micro_f1(gold, predicted),
        per_predicate=per_predicate(gold, predicted),
        curve=sweep(sentences, _extract(extractor, texts, low, "sweep")),
        learning=learning,
        errors=find_errors(sentences, predicted, settings.examples),
    )


def sweep(sentences: Sequence[Sentence], predicted: Sequence[Sequence[Triple]]) -> list[CurvePoint]:
    """Score the triples that have at least a given score, for scores from 0 to 1.

    A triple that was found twice in a sentence, at different places, counts once, with its higher score.
    """
    right: list[float] = []
    wrong: list[float] = []
    labelled = 0
    for sentence, triples in zip(sentences, predicted, strict=True):
        gold = {key(triple) for triple in sentence.triples}
        labelled += len(gold)
        best = {key(triple): triple.score for triple in sorted(triples, key=lambda triple: triple.score)}
        for found, score in best.items():
            (right if found in gold else wrong).append(score)
    scores = scores_over_thresholds(right, wrong, labelled, LEAST_SCORES)
    return [CurvePoint(least, kept) for least, kept in zip(LEAST_SCORES, scores, strict=True)]


def write_report(folder: Path, result: Evaluation) -> None:
    """Write the report for programs, for a terminal and for a browser."""
    write_json(folder / REPORT_JSON, report_json(result))
    (folder / "report.md").write_text(report_markdown(result), encoding="utf-8")
    (folder / "report.html").write_text(report_page(result), encoding="utf-8")


def _extract(extractor: Extractor, texts: Sequence[str], thresholds: Thresholds, title: str) -> list[list[Triple]]:
    found: list[list[Triple]] = []
    with Progress(len(texts), "sentences", title) as progress:
        for start in range(0, len(texts), CHUNK_TEXTS):
            found += extractor.extract(texts[start : start + CHUNK_TEXTS], thresholds)
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
