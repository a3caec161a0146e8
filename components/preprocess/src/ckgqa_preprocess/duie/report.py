"""The counts of a run of `duie`: sentences, predicates, and every dropped or repaired record with its reason."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ckgqa.runtime.artefacts import REPORT_JSON, REPORT_MD, SPLITS, Split
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import JsonObject, write_json
from ckgqa_preprocess.duie.records import SentenceRecord
from ckgqa_preprocess.findings import MAX_EXAMPLES, Findings


@dataclass
class SplitCounts:
    """The counts of one split."""

    sentences: int = 0
    without_triples: int = 0
    triples: int = 0
    predicates: Counter[str] = field(default_factory=Counter)

    def add(self, sentence: SentenceRecord) -> None:
        """Count one sentence."""
        triples = sentence["triples"]
        self.sentences += 1
        self.triples += len(triples)
        self.without_triples += not triples
        for triple in triples:
            self.predicates[triple["predicate"]] += 1


@dataclass
class SentenceReport:
    """The counts of one run."""

    splits: dict[Split, SplitCounts] = field(default_factory=lambda: {split: SplitCounts() for split in SPLITS})
    records: Counter[str] = field(default_factory=Counter)
    """File name -> number of records, good and bad."""
    bad: dict[str, Findings] = field(default_factory=dict)
    """File name -> its bad records."""
    repaired: Findings = field(default_factory=Findings)

    def reject_empty_split(self, name: str) -> None:
        """Raise InputError if the training file leaves no sentence to train or to validate with."""
        trained: tuple[Split, ...] = ("train", "validation")
        for split in trained:
            if not self.splits[split].sentences:
                raise InputError(
                    f"{name}: none of its {self.records[name]} records falls into {split}; "
                    "expected more records, or a --validation-fraction nearer to 0.5"
                )

    @property
    def dropped(self) -> int:
        """The number of bad records in all files."""
        return sum(findings.counts.total() for findings in self.bad.values())

    def to_json(self, predicates: list[str]) -> JsonObject:
        """Return the whole report; it lists every predicate of the schema, unseen ones with zeros."""
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
        (folder / REPORT_MD).write_text("\n".join(self._markdown(predicates)) + "\n", encoding="utf-8")

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
