"""The result of an evaluation, and its reports for programs (JSON) and for a terminal or a forge (Markdown)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ckgqa.runtime.artefacts import REPORT_HTML, REPORT_JSON, REPORT_MD, Split
from ckgqa.runtime.jsonlines import write_json
from ckgqa_answer.confidence.fit import HIGH_CONFIDENCE
from ckgqa_answer.evaluation.metrics import Accuracy, AnswerScores
from ckgqa_answer.evaluation.report_html import report_html
from ckgqa_answer.evaluation.run import EvaluatedQuestion

RULE = (
    "An answer counts as right when it is exactly the set of names, the number, or the yes or no that brute force over "
    "the labelled triples gives; a question that they say nothing about is right when it is not answered. The baseline "
    "takes the predicate whose name stands in the question and the longest name of the graph, without a model."
)
SHOWN_VALUES = 20
"""Most values of a wrong answer in report.json."""


@dataclass(frozen=True)
class AnswerEvaluation:
    """The content of a report."""

    split: Split
    model: AnswerScores
    baseline: AnswerScores
    wrong: Mapping[str, Sequence[EvaluatedQuestion]]
    """Wrong answers by shape, the most confident first."""
    fitted_on: str
    """The questions that the confidence was fitted on."""


def write_report(folder: Path, result: AnswerEvaluation) -> None:
    """Write the report for programs, for a terminal and for a browser."""
    write_json(folder / REPORT_JSON, report_json(result))
    (folder / REPORT_MD).write_text(report_markdown(result), encoding="utf-8")
    page = report_html(result.split, result.model, result.baseline, result.wrong, f"{RULE} {_fitted(result)}")
    (folder / REPORT_HTML).write_text(page, encoding="utf-8")


def report_json(result: AnswerEvaluation) -> dict[str, object]:
    """Return report.json."""
    scores, baseline = result.model, result.baseline
    return {
        "split": result.split,
        "accuracy": scores.all.accuracy,
        "questions": scores.all.questions,
        "per_shape": {shape: _figures(accuracy) for shape, accuracy in scores.by_shape.items()},
        "one_hop": _figures(scores.one_hop),
        "answerable": _figures(scores.answerable),
        "unanswerable": _figures(scores.unanswerable),
        "unsure": _figures(scores.unsure),
        "high_confidence": {"at": HIGH_CONFIDENCE, **_figures(scores.high_confidence)},
        "reliability": [asdict(each) for each in scores.reliability],
        "calibration_error": scores.calibration_error,
        "fitted_on": result.fitted_on,
        "median_ms": scores.median_ms,
        "p99_ms": scores.p99_ms,
        "baseline": {
            "accuracy": baseline.all.accuracy,
            "per_shape": {shape: _figures(accuracy) for shape, accuracy in baseline.by_shape.items()},
            "answerable": _figures(baseline.answerable),
            "unanswerable": _figures(baseline.unanswerable),
        },
        "wrong": {shape: [_example(each) for each in examples] for shape, examples in result.wrong.items()},
    }


def report_markdown(result: AnswerEvaluation) -> str:
    """Return report.md: the figures as tables."""
    scores, baseline = result.model, result.baseline
    lines = [
        "# Evaluation of the answers",
        f"{scores.all.questions} questions of the split `{result.split}`. {RULE}",
        "",
        "| questions | number | exactly right | answered | baseline right |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, model, other in rows(scores, baseline):
        lines.append(
            f"| {name} | {model.questions} | {model.accuracy:.1%} | {model.answered_share:.1%} | {other.accuracy:.1%} |"
        )
    confident = scores.high_confidence
    right = f"Of {confident.questions} answers at {HIGH_CONFIDENCE:g} and above {confident.accuracy:.1%} are right"
    lines += ["", "## Confidence", f"{_fitted(result)} {right}; confidence and truth differ by"]
    lines[-1] += f" {scores.calibration_error:.3f} in the mean. {scores.unsure.questions} replies are `unsure`, which"
    lines[-1] += f" counts as silence; for {scores.unsure.correct} of them silence is right."
    lines += ["", "| confidence | answers | mean confidence | right |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {each.low:.1f} to {each.high:.1f} | {each.count} | {each.confidence:.3f} | {each.accuracy:.3f} |"
        for each in scores.reliability
    ]
    took = f"A reply took {scores.median_ms:.1f} ms in the median and {scores.p99_ms:.1f} ms in the 99th percentile"
    lines += ["", f"{took}, the model included. Wrong answers are in `report.html`."]
    return "\n".join(lines) + "\n"


def rows(scores: AnswerScores, baseline: AnswerScores) -> list[tuple[str, Accuracy, Accuracy]]:
    """Return the rows of the table: a name, the model's accuracy and the baseline's."""
    by_shape = [(shape, accuracy, baseline.by_shape[shape]) for shape, accuracy in scores.by_shape.items()]
    return [
        *by_shape,
        ("clean, one hop", scores.one_hop, baseline.one_hop),
        ("answer known", scores.answerable, baseline.answerable),
        ("no answer known", scores.unanswerable, baseline.unanswerable),
        ("**all**", scores.all, baseline.all),
    ]


def _fitted(result: AnswerEvaluation) -> str:
    return (
        f"The confidence was fitted on {result.fitted_on}."
        if result.fitted_on != "by hand"
        else "The confidence was not fitted: its weights are set by hand."
    )


def _figures(counted: Accuracy) -> dict[str, float]:
    return {
        "questions": counted.questions,
        "correct": counted.correct,
        "accuracy": counted.accuracy,
        "answered": counted.answered,
        "answered_share": counted.answered_share,
    }


def _example(evaluated: EvaluatedQuestion) -> dict[str, object]:
    question, reply = evaluated.question, evaluated.reply
    return {
        "id": question.id,
        "text": question.text,
        "intent": question.intent.label,
        "fillers": dict(question.fillers),
        "expected": sorted(evaluated.expected)[:SHOWN_VALUES],
        "status": reply.status,
        "values": list(reply.values[:SHOWN_VALUES]),
        "understood": reply.understood.intent,
        "names": {mention.role: mention.name for mention in reply.understood.mentions},
        "confidence": reply.confidence,
    }
