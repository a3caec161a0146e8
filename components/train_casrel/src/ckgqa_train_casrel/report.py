"""The result of an evaluation, and its report for programs (JSON) and for a terminal or a forge (Markdown)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from ckgqa_train_casrel.report_errors import KINDS, Errors, Example
from ckgqa_train_casrel.scoring import Scores
from ckgqa_train_casrel.thresholds import Thresholds

RULE = (
    "A triple counts as right when its subject, its predicate and the value of every slot are right, compared to the "
    "letter. The challenge's own scorer also ignores case and the book title marks 《》, and accepts synonyms of an "
    "alias dictionary that was never published; these figures are, if anything, below its."
)


@dataclass(frozen=True)
class CurvePoint:
    """What is left when only triples with at least this score are kept."""

    least_score: float
    scores: Scores


@dataclass(frozen=True)
class Evaluation:
    """Everything that a report says."""

    split: str
    sentences: int
    seconds: float
    """Wall-clock time of the extraction at the model's own thresholds, without loading the model."""
    thresholds: Thresholds
    sweep_thresholds: Thresholds
    """What the pointers had to reach in the extraction that `curve` is made from."""
    scores: Scores
    per_predicate: Mapping[str, Scores]
    curve: Sequence[CurvePoint]
    learning: Sequence[Mapping[str, float]]
    """The lines of the model's metrics.jsonl."""
    errors: Mapping[str, Errors]

    @property
    def sentences_per_second(self) -> float:
        """How fast the texts went through the model."""
        return self.sentences / self.seconds

    @property
    def best(self) -> CurvePoint:
        """Give the point of the curve with the highest F1, the lowest score among equals."""
        return max(self.curve, key=lambda point: (point.scores.f1, -point.least_score))

    @property
    def by_support(self) -> list[tuple[str, Scores]]:
        """List the predicates, the one with most labelled triples first."""
        return sorted(self.per_predicate.items(), key=lambda item: (-item[1].gold, item[0]))

    def error_kinds(self) -> dict[str, tuple[int, int]]:
        """Count the missed and the spurious triples of every kind, over all predicates."""
        missed: Counter[str] = sum((errors.missed for errors in self.errors.values()), Counter())
        spurious: Counter[str] = sum((errors.spurious for errors in self.errors.values()), Counter())
        return {kind: (missed[kind], spurious[kind]) for kind in KINDS}


def report_json(result: Evaluation) -> dict[str, object]:
    """Give report.json."""
    return {
        **_figures(result.scores),
        "split": result.split,
        "sentences": result.sentences,
        "sentences_per_second": round(result.sentences_per_second, 1),
        "thresholds": asdict(result.thresholds),
        "per_predicate": {name: _figures(scores) for name, scores in result.per_predicate.items()},
        "curve": [{"least_score": point.least_score, **_figures(point.scores)} for point in result.curve],
        "learning": [dict(epoch) for epoch in result.learning],
        "error_kinds": {k: {"missed": m, "spurious": s} for k, (m, s) in result.error_kinds().items()},
        "errors": {name: _errors_json(errors) for name, errors in result.errors.items()},
    }


def report_markdown(result: Evaluation) -> str:
    """Give report.md: the figures as tables."""
    scores = result.scores
    speed = f"{result.sentences_per_second:.0f} sentences a second in extraction"
    counts = f"{scores.correct} | {scores.predicted} | {scores.gold}"
    lines = [
        "# Evaluation of the triples",
        f"{result.sentences} sentences of the split `{result.split}`, {speed}. {RULE}",
        "",
        "| F1 | precision | recall | right | predicted | labelled |",
        "| --- | --- | --- | --- | --- | --- |",
        f"| {scores.f1:.4f} | {scores.precision:.4f} | {scores.recall:.4f} | {counts} |",
        "",
        "## Per predicate",
        "| predicate | F1 | precision | recall | predicted | labelled |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {_cell(name)} | {s.f1:.3f} | {s.precision:.3f} | {s.recall:.3f} | {s.predicted} | {s.gold} |"
        for name, s in result.by_support
    ]
    lines += ["", "## Errors", "| kind | missed | spurious | meaning |", "| --- | --- | --- | --- |"]
    lines += [f"| {kind} | {m} | {s} | {KINDS[kind]} |" for kind, (m, s) in result.error_kinds().items()]
    lines += ["", "Examples and pictures are in `report.html`."]
    return "\n".join(lines) + "\n"


def _figures(scores: Scores) -> dict[str, float]:
    return {
        "f1": scores.f1,
        "precision": scores.precision,
        "recall": scores.recall,
        "correct": scores.correct,
        "predicted": scores.predicted,
        "support": scores.gold,
    }


def _errors_json(errors: Errors) -> dict[str, object]:
    def examples(found: Sequence[Example]) -> list[dict[str, object]]:
        return [asdict(example) for example in found]

    return {
        "missed": dict(errors.missed),
        "spurious": dict(errors.spurious),
        "missed_examples": examples(errors.missed_examples),
        "spurious_examples": examples(errors.spurious_examples),
    }


def _cell(words: str) -> str:
    """Write words into a cell of a Markdown table."""
    return words.replace("|", "\\|")
