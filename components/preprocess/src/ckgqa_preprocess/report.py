"""What the stage counted: sentences, predicates, and everything dropped or repaired with its reason."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ckgqa.runtime.artefacts import REPORT_JSON
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import JsonObject, write_json
from ckgqa_preprocess.records import Sentence

SPLITS = ("train", "validation", "test")
MAX_EXAMPLES = 20  # listed for each reason; the counts are always full


@dataclass
class Findings:
    """How often each reason came up, with the first places where it did."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, place: str, detail: str) -> None:
        """Count one finding; `place` is the file and line."""
        self.counts[reason] += 1
        listed = self.examples.setdefault(reason, [])
        if len(listed) < MAX_EXAMPLES:
            listed.append(f"{place}: {detail}")

    def to_json(self) -> JsonObject:
        """Return reason -> count and examples, the most frequent first."""
        return {
            reason: {"count": count, "examples": list(self.examples[reason])}
            for reason, count in sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        }


@dataclass
class SplitCounts:
    """What one split holds."""

    sentences: int = 0
    without_triples: int = 0
    triples: int = 0
    predicates: Counter[str] = field(default_factory=Counter)

    def add(self, sentence: Sentence) -> None:
        """Count one sentence."""
        triples = sentence["triples"]
        self.sentences += 1
        self.triples += len(triples)
        self.without_triples += not triples
        for triple in triples:
            self.predicates[triple["predicate"]] += 1


@dataclass
class Report:
    """The counts of one run."""

    splits: dict[str, SplitCounts] = field(default_factory=lambda: {split: SplitCounts() for split in SPLITS})
    records: Counter[str] = field(default_factory=Counter)
    """File name -> records read, good and bad."""
    bad: dict[str, Findings] = field(default_factory=dict)
    """File name -> the bad records."""
    repaired: Findings = field(default_factory=Findings)

    def refuse_bad_file(self, name: str, max_bad_fraction: float) -> None:
        """Raise InputError when a file has no good record, or more bad ones than allowed."""
        records, bad = self.records[name], self.bad[name]
        if not records:
            raise InputError(f"{name}: it is empty; one JSON object a line is expected")
        dropped = bad.counts.total()
        reasons = ", ".join(f"{reason}: {count}" for reason, count in bad.counts.most_common())
        first = next(iter(bad.examples.values()), [""])[0]
        if dropped == records:
            raise InputError(f"{name}: none of its {records} records is usable ({reasons}); first {first}")
        if dropped > max_bad_fraction * records:
            raise InputError(
                f"{name}: {dropped} of {records} records are bad ({dropped / records:.1%}), "
                f"at most {max_bad_fraction:.1%} may be; {reasons}; first {first}"
            )

    def refuse_empty_split(self, name: str) -> None:
        """Raise InputError when the training file left nothing to train on or to choose by."""
        for split in ("train", "validation"):
            if not self.splits[split].sentences:
                raise InputError(
                    f"{name}: none of its {self.records[name]} records falls into {split}; "
                    "more records, or a validation_fraction nearer to 0.5, are expected"
                )

    @property
    def dropped(self) -> int:
        """How many records were bad, over all files."""
        return sum(found.counts.total() for found in self.bad.values())

    def to_json(self, predicates: list[str]) -> JsonObject:
        """Return the whole report; every predicate of the schema is listed, those never seen with zeros."""
        return {
            "splits": {
                split: {
                    "sentences": counts.sentences,
                    "without_triples": counts.without_triples,
                    "triples": counts.triples,
                }
                for split, counts in self.splits.items()
            },
            "predicates": {
                predicate: {split: counts.predicates[predicate] for split, counts in self.splits.items()}
                for predicate in predicates
            },
            "files": {
                name: {"records": self.records[name], "bad": bad.counts.total()} for name, bad in self.bad.items()
            },
            "dropped": {name: bad.to_json() for name, bad in self.bad.items()},
            "repaired": self.repaired.to_json(),
        }

    def write(self, folder: Path, predicates: list[str]) -> None:
        """Write `report.json` for programs and `report.md` for people."""
        write_json(folder / REPORT_JSON, self.to_json(predicates))
        (folder / "report.md").write_text("\n".join(self._markdown(predicates)) + "\n", encoding="utf-8")

    def _markdown(self, predicates: list[str]) -> list[str]:
        lines = ["# Sentences", "", "| split | sentences | without a triple | triples |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {split} | {counts.sentences} | {counts.without_triples} | {counts.triples} |"
            for split, counts in self.splits.items()
        ]
        lines += ["", "## Triples by predicate", "", f"| predicate | {' | '.join(SPLITS)} |"]
        lines += ["| --- |" + " --- |" * len(SPLITS)]
        for predicate in predicates:
            numbers = " | ".join(str(counts.predicates[predicate]) for counts in self.splits.values())
            lines.append(f"| {predicate} | {numbers} |")
        for name, bad in self.bad.items():
            lines += ["", f"## Dropped from {name}: {bad.counts.total()} of {self.records[name]} records"]
            lines += _findings_markdown(bad)
        return [*lines, "", f"## Repaired: {self.repaired.counts.total()}", *_findings_markdown(self.repaired)]


def _findings_markdown(findings: Findings) -> list[str]:
    """List every reason with its count and its examples."""
    lines: list[str] = []
    for reason, count in findings.counts.most_common():
        lines += ["", f"### {reason}: {count}", ""]
        lines += [f"- {example}" for example in findings.examples[reason]]
        if count > MAX_EXAMPLES:
            lines.append(f"- and {count - MAX_EXAMPLES} more")
    return lines
