"""`evaluate`: asks labelled questions, and reports how many got exactly the right answer, beside a baseline."""

import logging
from collections.abc import Sequence
from pathlib import Path

from ckgqa.runtime.artefacts import ANSWER_EVALUATION, CALIBRATION_JSON, QUESTIONS, SENTENCES
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_folder, tree_hash, write_value
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, read_manifest, write_manifest
from ckgqa.runtime.settings import plain_settings
from ckgqa_answer.application import Application
from ckgqa_answer.baseline import Baseline
from ckgqa_answer.confidence import Calibration, read_calibration
from ckgqa_answer.evaluate_settings import EvaluateSettings
from ckgqa_answer.fitting import fit
from ckgqa_answer.gold import Gold, read_triples
from ckgqa_answer.judging import Judged, asker, judge
from ckgqa_answer.opening import open_application, open_model, read_graph_manifest
from ckgqa_answer.questions import read_questions
from ckgqa_answer.report import Evaluation, write_report
from ckgqa_answer.scores import score
from ckgqa_answer.settings import AnswerSettings

logger = logging.getLogger(__name__)


def evaluate(settings: EvaluateSettings) -> None:
    """Ask labelled questions and report how many got exactly the right answer, beside a baseline."""
    schema_hash = _same_schema(settings)
    gold = Gold(read_triples(settings.sentences))
    questions = read_questions(settings.questions, settings.split)
    with atomic_folder(settings.report) as work:
        calibration = _calibration(settings, gold)
        application = _application(settings, calibration)
        judged = judge(questions, gold, asker(application), "answers")
        baseline = _baseline(application, gold)
        by_hand = judge(questions, gold, lambda question, _: (baseline.ask(question), None), "baseline")
        result = Evaluation(
            settings.split, score(judged), score(by_hand), _wrong(judged, settings.examples), calibration.fitted_on
        )
        write_report(work, result)
        calibration.write(work / CALIBRATION_JSON)
        inputs = {name: tree_hash(getattr(settings, name)) for name in ("questions", "sentences", "graph")}
        write_manifest(
            work, Manifest(*ANSWER_EVALUATION, schema_hash, "answer evaluate", _shaping_settings(settings), inputs)
        )
    write_value(settings.accuracy, result.model.all.share)
    log_metrics(
        logger,
        accuracy=result.model.all.share,
        one_hop=result.model.one_hop.share,
        silent_answered=result.model.silent.answered_share,
        sure_right=result.model.sure.share,
        baseline=result.baseline.all.share,
        median_ms=result.model.median_ms,
        p99_ms=result.model.p99_ms,
    )


def _same_schema(settings: EvaluateSettings) -> str:
    """Refuse questions, sentences and a graph that do not go together; return their schema's hash.

    Raises:
        InputError: one is of another format or version, or of another schema.
    """
    hashes = {
        settings.questions: read_manifest(settings.questions, QUESTIONS).schema_hash,
        settings.sentences: read_manifest(settings.sentences, SENTENCES).schema_hash,
        settings.graph: read_graph_manifest(settings.graph).schema_hash,
    }
    if len(set(hashes.values())) > 1:
        told = "; ".join(f"{path}: {schema_hash or 'none'}" for path, schema_hash in hashes.items())
        raise InputError(f"questions, sentences and graph follow different schemas ({told}); make them from one")
    return hashes[settings.questions]


def _calibration(settings: EvaluateSettings, gold: Gold) -> Calibration:
    """Fit on the validation questions, or read what is given."""
    if not settings.fit:
        return read_calibration(Path(settings.calibration)) if settings.calibration else Calibration()
    questions = read_questions(settings.questions, "validation")
    judged = judge(questions, gold, asker(_application(settings, Calibration())), "calibration")
    examples = [(one.signs, one.right) for one in judged if one.answered and one.signs is not None]
    return fit(examples, f"{len(examples)} answers to the validation questions")


def _application(settings: EvaluateSettings, calibration: Calibration) -> Application:
    return open_application(
        settings.graph,
        open_model(settings.endpoint, settings.timeout_s),
        url=settings.graph_url,
        settings=AnswerSettings(max_rows=settings.max_rows),
        calibration=calibration,
    )


def _baseline(application: Application, gold: Gold) -> Baseline:
    return Baseline(application.graph, application.names, application.sentences, gold.predicates, application.settings)


def _wrong(judged: Sequence[Judged], most: int) -> dict[str, list[Judged]]:
    """Give the first wrong answers of each shape, the surest first."""
    found: dict[str, list[Judged]] = {}
    for one in sorted(judged, key=lambda one: (-one.reply.confidence, one.question.id)):
        if not one.right and len(found.setdefault(one.question.shape, [])) < most:
            found[one.question.shape].append(one)
    return dict(sorted(found.items()))


def _shaping_settings(settings: EvaluateSettings) -> dict[str, object]:
    """Give the settings for the manifest; addresses are not the same everywhere."""
    named = plain_settings(settings)
    return {name: value for name, value in named.items() if name not in {"endpoint", "graph_url", "calibration"}}
