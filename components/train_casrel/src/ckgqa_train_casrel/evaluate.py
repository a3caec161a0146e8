"""`evaluate`: the quality of a model's triples, scored as the challenge scores them, with a report for people."""

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from ckgqa.reporting.learning_curve import read_learning_curve
from ckgqa.runtime.artefacts import EVALUATION, REPORT_HTML, REPORT_JSON, REPORT_MD, split_file
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_folder, tree_hash, unpacked, write_value
from ckgqa.runtime.jsonlines import write_json
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.progress import Progress
from ckgqa.runtime.settings import plain_settings
from ckgqa_train_casrel.data.records import LabelledSentence, check_same_schema, read_split
from ckgqa_train_casrel.data.triples import ExtractedTriple
from ckgqa_train_casrel.evaluation.errors import find_errors
from ckgqa_train_casrel.evaluation.report import CurvePoint, TripleEvaluation, report_json, report_markdown
from ckgqa_train_casrel.evaluation.report_page import report_page
from ckgqa_train_casrel.evaluation.scoring import score_micro, score_over_thresholds, score_per_predicate, triple_key
from ckgqa_train_casrel.inference.extractor import Extractor, load_extractor
from ckgqa_train_casrel.model.checkpointing import read_model_manifest
from ckgqa_train_casrel.model.thresholds import Thresholds
from ckgqa_train_casrel.settings import EvaluateSettings

logger = logging.getLogger(__name__)

# Texts that go to the model at once: enough to group them by length.
CHUNK_TEXTS = 2048
# Pointer threshold of the sweep: low, so that triples of nearly every score are there. Still lower, the nearest tail
# after a head is noise more and more often, and displaces the right one.
SWEEP_THRESHOLD = 0.1
MIN_SCORES = tuple(round(step * 0.02, 2) for step in range(51))
# Figures that every line of metrics.jsonl has.
EPOCH_FIGURES = frozenset({"epoch", "loss", "f1"})


def evaluate(settings: EvaluateSettings) -> None:
    """Score a model on labelled sentences and write the report."""
    with unpacked(settings.model) as model, atomic_folder(settings.report) as work:
        schema_hash = read_model_manifest(model).schema_hash
        check_same_schema(settings.sentences, schema_hash)
        sentences = list(read_split(settings.sentences, settings.split))
        if not any(sentence.triples for sentence in sentences):
            path = settings.sentences / split_file(settings.split)
            raise InputError(f"{path}: no sentence to score the model on has a triple; expected labelled sentences")
        learning = read_learning_curve(model, EPOCH_FIGURES)
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
    sentences: Sequence[LabelledSentence],
    learning: Sequence[dict[str, float]],
    settings: EvaluateSettings,
) -> TripleEvaluation:
    """Run the model twice, at its own thresholds for the figures and at low ones for the curve, and score both.

    Args:
        extractor: the model.
        sentences: at least one.
        learning: the model's figures of each epoch.
        settings: the name of the split, and the number of examples of errors.
    """
    texts = [sentence.text for sentence in sentences]
    gold = [sentence.triples for sentence in sentences]
    started = time.monotonic()
    predicted = _extract(extractor, texts, extractor.thresholds, "evaluate")
    seconds = time.monotonic() - started
    low = Thresholds(
        min(SWEEP_THRESHOLD, extractor.thresholds.subject), min(SWEEP_THRESHOLD, extractor.thresholds.object)
    )
    return TripleEvaluation(
        split=settings.split,
        sentences=len(sentences),
        seconds=seconds,
        thresholds=extractor.thresholds,
        sweep_thresholds=low,
        scores=score_micro(gold, predicted),
        per_predicate=score_per_predicate(gold, predicted),
        curve=sweep(sentences, _extract(extractor, texts, low, "sweep")),
        learning=learning,
        errors=find_errors(sentences, predicted, settings.examples),
    )


def sweep(sentences: Sequence[LabelledSentence], predicted: Sequence[Sequence[ExtractedTriple]]) -> list[CurvePoint]:
    """Score the triples that reach a minimum score, for minimum scores from 0 to 1.

    A triple that was extracted twice from a sentence, at different spans, counts once, with its higher score.
    """
    right: list[float] = []
    wrong: list[float] = []
    labelled = 0
    for sentence, triples in zip(sentences, predicted, strict=True):
        gold = {triple_key(triple) for triple in sentence.triples}
        labelled += len(gold)
        best = {triple_key(triple): triple.score for triple in sorted(triples, key=lambda triple: triple.score)}
        for key, score in best.items():
            (right if key in gold else wrong).append(score)
    scores = score_over_thresholds(right, wrong, labelled, MIN_SCORES)
    return [CurvePoint(min_score, score) for min_score, score in zip(MIN_SCORES, scores, strict=True)]


def write_report(folder: Path, result: TripleEvaluation) -> None:
    """Write the report for programs, for a terminal and for a browser."""
    write_json(folder / REPORT_JSON, report_json(result))
    (folder / REPORT_MD).write_text(report_markdown(result), encoding="utf-8")
    (folder / REPORT_HTML).write_text(report_page(result), encoding="utf-8")


def _extract(
    extractor: Extractor, texts: Sequence[str], thresholds: Thresholds, title: str
) -> list[list[ExtractedTriple]]:
    triples: list[list[ExtractedTriple]] = []
    with Progress(len(texts), "sentences", title) as progress:
        for start in range(0, len(texts), CHUNK_TEXTS):
            triples += extractor.extract(texts[start : start + CHUNK_TEXTS], thresholds)
            progress.advance(len(triples) - start)
    return triples
