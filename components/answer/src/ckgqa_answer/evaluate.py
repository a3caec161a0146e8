"""`evaluate`: asks labelled questions, and reports how many got exactly the right answer, beside a baseline."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ckgqa.runtime.errors import InputError, require
from ckgqa.runtime.files import tree_hash, whole_folder, write_value
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, read_manifest, write_manifest
from ckgqa.runtime.program import InputPath, OutputPath, OutputValue
from ckgqa.runtime.settings import plain_settings
from ckgqa_answer.application import Application
from ckgqa_answer.baseline import Baseline
from ckgqa_answer.confidence import FILE, Calibration, read_calibration
from ckgqa_answer.fitting import fit
from ckgqa_answer.gold import Gold, read_triples
from ckgqa_answer.judging import Judged, asker, judge
from ckgqa_answer.opening import open_application, open_model, read_graph_manifest
from ckgqa_answer.questions import QUESTIONS, read_questions
from ckgqa_answer.report import Evaluation, write_report
from ckgqa_answer.scores import score
from ckgqa_answer.settings import AnswerSettings

logger = logging.getLogger(__name__)

EVALUATION = ("ckgqa/answer-evaluation", 1)
SENTENCES = ("ckgqa/sentences", 1)


@dataclass(frozen=True)
class EvaluateSettings:
    """Settings of `evaluate`."""

    questions: InputPath
    """Folder of labelled questions (ckgqa/questions)."""
    sentences: InputPath
    """Folder of labelled sentences (ckgqa/sentences): the gold is what its training and validation triples say."""
    graph: InputPath
    """Folder of the graph that is asked (ckgqa/graph)."""
    report: OutputPath
    """Folder that receives report.json, report.md, report.html and calibration.json."""
    accuracy: OutputValue
    """File that receives the share of questions with exactly the right answer, 0 to 1."""
    endpoint: str
    """The question model: http://HOST:PORT of a server, or the name of a SageMaker endpoint."""
    graph_url: str = ""
    """Address of the graph where it is not the folder's own; one with credentials, say."""
    split: Literal["train", "validation", "test"] = "test"
    """Questions that are asked and reported; test are those that nothing was chosen on."""
    fit: bool = True
    """Whether the confidence is fitted on the validation questions first; else `calibration` is taken as it is."""
    calibration: str = ""
    """A calibration.json for the confidence; empty for weights set by hand. Not read where it is fitted."""
    timeout_s: float = 10.0
    """Seconds that one attempt to ask the model may take."""
    max_rows: int = 10000
    """Most facts that one question brings from the graph, so that long answers are compared whole."""
    examples: int = 20
    """Wrong answers shown for each shape of question."""

    def __post_init__(self) -> None:
        require(self.timeout_s > 0, f"--timeout-s {self.timeout_s}: more than 0 is expected")
        require(self.max_rows >= 1, f"--max-rows {self.max_rows}: at least 1 is expected")
        require(self.examples >= 0, f"--examples {self.examples}: at least 0 is expected")


def evaluate(settings: EvaluateSettings) -> None:
    """Ask labelled questions and report how many got exactly the right answer, beside a baseline."""
    schema_hash = _same_schema(settings)
    gold = Gold(read_triples(settings.sentences))
    questions = read_questions(settings.questions, settings.split)
    with whole_folder(settings.report) as work:
        calibration = _calibration(settings, gold)
        application = _application(settings, calibration)
        judged = judge(questions, gold, asker(application), "answers")
        baseline = _baseline(application, gold)
        by_hand = judge(questions, gold, lambda question, _: (baseline.ask(question), None), "baseline")
        result = Evaluation(
            settings.split, score(judged), score(by_hand), _wrong(judged, settings.examples), calibration.fitted_on
        )
        write_report(work, result)
        calibration.write(work / FILE)
        inputs = {name: tree_hash(getattr(settings, name)) for name in ("questions", "sentences", "graph")}
        write_manifest(work, Manifest(*EVALUATION, schema_hash, "answer evaluate", _shaping_settings(settings), inputs))
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
        settings.questions: read_manifest(settings.questions, *QUESTIONS).schema_hash,
        settings.sentences: read_manifest(settings.sentences, *SENTENCES).schema_hash,
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
