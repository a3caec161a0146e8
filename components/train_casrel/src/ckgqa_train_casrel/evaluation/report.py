"""The result of an evaluation, and its report for programs (JSON) and for a terminal or a forge (Markdown)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from ckgqa.metrics import PrecisionRecall
from ckgqa_train_casrel.evaluation.errors import KINDS, ErrorExample, PredicateErrors
from ckgqa_train_casrel.model.thresholds import Thresholds

RULE = (
    "A triple counts as right when its subject, its predicate and the value of every slot are right, compared to the "
    "letter. The challenge's own scorer also ignores case and the book title marks 《》, and accepts synonyms of an "
    "alias dictionary that was never published; these figures are, if anything, below its."
)


@dataclass(frozen=True)
class CurvePoint:
    """The scores of the triples that reach a minimum score."""

    min_score: float
    scores: PrecisionRecall


@dataclass(frozen=True)
class TripleEvaluation:
    """Everything that a report shows."""

    split: str
    sentences: int
    seconds: float
    """Wall-clock time of the extraction at the model's own thresholds, without loading the model."""
    thresholds: Thresholds
    sweep_thresholds: Thresholds
    """The thresholds of the extraction that `curve` is computed from."""
    scores: PrecisionRecall
    per_predicate: Mapping[str, PrecisionRecall]
    curve: Sequence[CurvePoint]
    learning: Sequence[Mapping[str, float]]
    """The lines of the model's metrics.jsonl."""
    errors: Mapping[str, PredicateErrors]

    @property
    def sentences_per_second(self) -> float:
        """The speed of the extraction."""
        return self.sentences / self.seconds

    @property
    def best(self) -> CurvePoint:
        """The point of the curve with the highest F1, the lowest minimum score among equals."""
        return max(self.curve, key=lambda point: (point.scores.f1, -point.min_score))

    @property
    def best_epoch(self) -> Mapping[str, float]:
        """The figures of the epoch with the highest F1 on the validation split, the first among equals."""
        return max(self.learning, key=lambda epoch: epoch["f1"])

    @property
    def by_support(self) -> list[tuple[str, PrecisionRecall]]:
        """The scores of each predicate, the predicate with the most labelled triples first."""
        return sorted(self.per_predicate.items(), key=lambda item: (-item[1].gold, item[0]))

    def error_kinds(self) -> dict[str, tuple[int, int]]:
        """Count the missed and the spurious triples of every kind, over all predicates."""
        missed: Counter[str] = sum((errors.missed for errors in self.errors.values()), Counter())
        spurious: Counter[str] = sum((errors.spurious for errors in self.errors.values()), Counter())
        return {kind: (missed[kind], spurious[kind]) for kind in KINDS}


def report_json(result: TripleEvaluation) -> dict[str, object]:
    """Return the content of report.json."""
    return {
        **_figures(result.scores),
        "split": result.split,
        "sentences": result.sentences,
        "sentences_per_second": round(result.sentences_per_second, 1),
        "thresholds": asdict(result.thresholds),
        "per_predicate": {name: _figures(scores) for name, scores in result.per_predicate.items()},
        "curve": [{"least_score": point.min_score, **_figures(point.scores)} for point in result.curve],
        "learning": [dict(epoch) for epoch in result.learning],
        "error_kinds": {k: {"missed": m, "spurious": s} for k, (m, s) in result.error_kinds().items()},
        "errors": {name: _errors_json(errors) for name, errors in result.errors.items()},
    }


def report_markdown(result: TripleEvaluation) -> str:
    """Return report.md: the figures as tables."""
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


def _figures(scores: PrecisionRecall) -> dict[str, float]:
    return {
        "f1": scores.f1,
        "precision": scores.precision,
        "recall": scores.recall,
        "correct": scores.correct,
        "predicted": scores.predicted,
        "support": scores.gold,
    }


def _errors_json(errors: PredicateErrors) -> dict[str, object]:
    def examples(found: Sequence[ErrorExample]) -> list[dict[str, object]]:
        return [asdict(example) for example in found]

    return {
        "missed": dict(errors.missed),
        "spurious": dict(errors.spurious),
        "missed_examples": examples(errors.missed_examples),
        "spurious_examples": examples(errors.spurious_examples),
    }


def _cell(words: str) -> str:
    """Escape words for a cell of a Markdown table."""
    return words.replace("|", "\\|")
