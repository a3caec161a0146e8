"""The result of an evaluation, and its report for programs (JSON) and for a terminal or a forge (Markdown)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ckgqa.runtime.artefacts import REPORT_JSON
from ckgqa.runtime.jsonlines import write_json
from ckgqa_answer.judging import Judged
from ckgqa_answer.report_page import report_page
from ckgqa_answer.scores import SURE, Scores, Share

RULE = (
    "An answer counts as right when it is exactly the set of names, the number, or the yes or no that brute force over "
    "the labelled triples gives; a question that they say nothing about is right when it is not answered. The baseline "
    "takes the predicate whose name stands in the question and the longest name of the graph, without a model."
)


@dataclass(frozen=True)
class Evaluation:
    """Everything that a report says."""

    split: str
    model: Scores
    baseline: Scores
    wrong: Mapping[str, Sequence[Judged]]
    """Wrong answers by shape, the surest first."""
    fitted_on: str
    """What the confidence was fitted on."""


def write_report(folder: Path, result: Evaluation) -> None:
    """Write the report for programs, for a terminal and for a browser."""
    write_json(folder / REPORT_JSON, report_json(result))
    (folder / "report.md").write_text(report_markdown(result), encoding="utf-8")
    page = report_page(result.split, result.model, result.baseline, result.wrong, f"{RULE} {_fitted(result)}")
    (folder / "report.html").write_text(page, encoding="utf-8")


def report_json(result: Evaluation) -> dict[str, object]:
    """Give report.json."""
    scores = result.model
    return {
        "split": result.split,
        "accuracy": scores.all.share,
        "questions": scores.all.questions,
        "by_shape": {shape: _figures(share) for shape, share in scores.by_shape.items()},
        "one_hop": _figures(scores.one_hop),
        "known": _figures(scores.known),
        "silent": _figures(scores.silent),
        "sure": {"at": SURE, **_figures(scores.sure)},
        "reliability": [
            {"low": one.low, "high": one.high, "answers": one.answers, "confidence": one.confidence, "right": one.right}
            for one in scores.reliability
        ],
        "calibration_error": scores.calibration_error,
        "fitted_on": result.fitted_on,
        "median_ms": scores.median_ms,
        "p99_ms": scores.p99_ms,
        "baseline": {
            "accuracy": result.baseline.all.share,
            "by_shape": {shape: _figures(share) for shape, share in result.baseline.by_shape.items()},
            "known": _figures(result.baseline.known),
            "silent": _figures(result.baseline.silent),
        },
        "wrong": {shape: [_example(one) for one in found] for shape, found in result.wrong.items()},
    }


def report_markdown(result: Evaluation) -> str:
    """Give report.md: the figures as tables."""
    scores, baseline = result.model, result.baseline
    lines = [
        "# Evaluation of the answers",
        f"{scores.all.questions} questions of the split `{result.split}`. {RULE}",
        "",
        "| questions | number | exactly right | answered | baseline right |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, share, other in rows(scores, baseline):
        lines.append(
            f"| {name} | {share.questions} | {share.share:.1%} | {share.answered_share:.1%} | {other.share:.1%} |"
        )
    sure = f"Of {scores.sure.questions} answers at {SURE:g} and above {scores.sure.share:.1%} are right"
    lines += ["", "## Confidence", f"{_fitted(result)} {sure}; confidence and truth differ by"]
    lines[-1] += f" {scores.calibration_error:.3f} in the mean."
    lines += ["", "| confidence | answers | mean confidence | right |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {one.low:.1f} to {one.high:.1f} | {one.answers} | {one.confidence:.3f} | {one.right:.3f} |"
        for one in scores.reliability
    ]
    took = f"A reply took {scores.median_ms:.1f} ms in the median and {scores.p99_ms:.1f} ms in the 99th percentile"
    lines += ["", f"{took}, the model included. Wrong answers are in `report.html`."]
    return "\n".join(lines) + "\n"


def rows(scores: Scores, baseline: Scores) -> list[tuple[str, Share, Share]]:
    """Give the rows of the table: a name, the model's share and the baseline's."""
    by_shape = [(shape, share, baseline.by_shape[shape]) for shape, share in scores.by_shape.items()]
    return [
        *by_shape,
        ("clean, one hop", scores.one_hop, baseline.one_hop),
        ("answer known", scores.known, baseline.known),
        ("no answer known", scores.silent, baseline.silent),
        ("**all**", scores.all, baseline.all),
    ]


def _fitted(result: Evaluation) -> str:
    return (
        f"The confidence was fitted on {result.fitted_on}."
        if result.fitted_on != "by hand"
        else ("The confidence was not fitted: its weights are set by hand.")
    )


def _figures(share: Share) -> dict[str, float]:
    return {
        "questions": share.questions,
        "right": share.right,
        "share": share.share,
        "answered": share.answered,
        "answered_share": share.answered_share,
    }


def _example(one: Judged) -> dict[str, object]:
    return {
        "id": one.question.id,
        "text": one.question.text,
        "intent": one.question.intent.label,
        "given": dict(one.question.given),
        "expected": sorted(one.expected)[:20],
        "status": one.reply.status,
        "values": list(one.reply.values[:20]),
        "understood": one.reply.understood.intent,
        "names": {mention.role: mention.name for mention in one.reply.understood.mentions},
        "confidence": one.reply.confidence,
    }
