"""`evaluate`: asks labelled questions, and reports how many got exactly the right answer, beside a baseline."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ckgqa.runtime.artefacts import ANSWER_EVALUATION, CALIBRATION_JSON, QUESTIONS, SENTENCES
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_folder, tree_hash, write_value
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, read_manifest, write_manifest
from ckgqa.runtime.settings import plain_settings
from ckgqa_answer.application import Application
from ckgqa_answer.commands.settings import EvaluateSettings
from ckgqa_answer.confidence.calibration import Calibration, read_calibration
from ckgqa_answer.confidence.fit import fit, unsure_threshold
from ckgqa_answer.evaluation.baseline import Baseline
from ckgqa_answer.evaluation.dataset import read_questions
from ckgqa_answer.evaluation.gold import Gold, read_triples
from ckgqa_answer.evaluation.metrics import score
from ckgqa_answer.evaluation.report import AnswerEvaluation, write_report
from ckgqa_answer.evaluation.run import EvaluatedQuestion, answerer_of, evaluate_questions
from ckgqa_answer.factory import open_application, open_model, read_graph_manifest
from ckgqa_answer.settings import AnswerSettings

logger = logging.getLogger(__name__)

NOT_IN_MANIFEST = frozenset({"endpoint", "graph_url", "calibration"})
"""Addresses, which differ between machines."""


def evaluate(settings: EvaluateSettings) -> None:
    """Ask labelled questions, and report how many got exactly the right answer, beside a baseline."""
    schema_hash = _common_schema(settings)
    gold = Gold(read_triples(settings.sentences))
    questions = read_questions(settings.questions, settings.split)
    with atomic_folder(settings.report) as work:
        calibration = _calibration(settings, gold)
        application = _application(settings, calibration)
        evaluated = evaluate_questions(questions, gold, answerer_of(application), "answers")
        baseline = _baseline(application, gold)
        by_keyword = evaluate_questions(questions, gold, lambda question, _: (baseline.ask(question), None), "baseline")
        result = AnswerEvaluation(
            settings.split,
            score(evaluated),
            score(by_keyword),
            _wrong(evaluated, settings.examples),
            calibration.fitted_on,
        )
        write_report(work, result)
        calibration.write(work / CALIBRATION_JSON)
        inputs = {name: tree_hash(getattr(settings, name)) for name in ("questions", "sentences", "graph")}
        write_manifest(
            work, Manifest(*ANSWER_EVALUATION, schema_hash, "answer evaluate", _manifest_settings(settings), inputs)
        )
    write_value(settings.accuracy, result.model.all.accuracy)
    log_metrics(
        logger,
        accuracy=result.model.all.accuracy,
        one_hop=result.model.one_hop.accuracy,
        unanswerable_answered=result.model.unanswerable.answered_share,
        high_confidence_accuracy=result.model.high_confidence.accuracy,
        baseline=result.baseline.all.accuracy,
        median_ms=result.model.median_ms,
        p99_ms=result.model.p99_ms,
    )


def _common_schema(settings: EvaluateSettings) -> str:
    """Return the hash of the schema that questions, sentences and graph have in common.

    Raises:
        InputError: one is of another format or version, or of another schema.
    """
    hashes = {
        settings.questions: read_manifest(settings.questions, QUESTIONS).schema_hash,
        settings.sentences: read_manifest(settings.sentences, SENTENCES).schema_hash,
        settings.graph: read_graph_manifest(settings.graph).schema_hash,
    }
    if len(set(hashes.values())) > 1:
        listed = "; ".join(f"{path}: {schema_hash or 'none'}" for path, schema_hash in hashes.items())
        raise InputError(f"questions, sentences and graph follow different schemas ({listed}); make them from one")
    return hashes[settings.questions]


def _calibration(settings: EvaluateSettings, gold: Gold) -> Calibration:
    """Fit a calibration on the validation questions, or read the one of the settings."""
    if not settings.fit:
        return read_calibration(Path(settings.calibration)) if settings.calibration else Calibration()
    questions = read_questions(settings.questions, "validation")
    application = _application(settings, Calibration())
    evaluated = evaluate_questions(questions, gold, answerer_of(application), "calibration")
    answers = [(each, each.features) for each in evaluated if each.answered and each.features is not None]
    fitted = fit(
        [(features, each.correct) for each, features in answers], f"{len(answers)} answers to the validation questions"
    )
    confidences = [(fitted.confidence(features), each.correct, each.unanswerable) for each, features in answers]
    return replace(fitted, unsure_below=unsure_threshold(confidences, len(questions)))


def _application(settings: EvaluateSettings, calibration: Calibration) -> Application:
    return open_application(
        settings.graph,
        open_model(settings.endpoint, settings.timeout_s),
        url=settings.graph_url,
        settings=AnswerSettings(max_rows=settings.max_rows),
        calibration=calibration,
    )


def _baseline(application: Application, gold: Gold) -> Baseline:
    return Baseline(
        application.graph, application.lexicon, application.sentences, gold.predicates, application.settings
    )


def _wrong(evaluated: Sequence[EvaluatedQuestion], most: int) -> dict[str, list[EvaluatedQuestion]]:
    """Return the first wrong answers of each shape, the most confident first."""
    wrong: dict[str, list[EvaluatedQuestion]] = {}
    for each in sorted(evaluated, key=lambda each: (-each.reply.confidence, each.question.id)):
        if not each.correct and len(wrong.setdefault(each.question.shape, [])) < most:
            wrong[each.question.shape].append(each)
    return dict(sorted(wrong.items()))


def _manifest_settings(settings: EvaluateSettings) -> dict[str, object]:
    return {name: value for name, value in plain_settings(settings).items() if name not in NOT_IN_MANIFEST}
