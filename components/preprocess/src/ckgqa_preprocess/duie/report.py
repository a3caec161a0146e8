"""The counts of a run of `duie`: sentences, predicates, and every dropped or repaired record with its reason."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ckgqa.runtime.artefacts import REPORT_JSON, REPORT_MD, SPLITS, Split
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import JsonObject, write_json
from ckgqa_preprocess.duie.records import SentenceRecord
from ckgqa_preprocess.findings import MAX_EXAMPLES, Findings

MAX_LISTED = 5  # predicates that a refusal names


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

    def reject_useless_splits(self, train_file: str, dev_file: str) -> None:
        """Raise InputError if a split has nothing to learn from or to be tested with: no model could pass a gate.

        Args:
            train_file: the file of the splits train and validation.
            dev_file: the file of the split test.
        """
        trained = (self.splits["train"], self.splits["validation"])
        for split, counts in zip(("train", "validation"), trained, strict=True):
            if not counts.sentences:
                raise InputError(
                    f"{train_file}: none of its {self.records[train_file]} records falls into {split}; "
                    "expected more records, or a --validation-fraction nearer to 0.5"
                )
        self._reject_unlabelled(train_file, sum(counts.triples for counts in trained), "train and validate with")
        self._reject_unlabelled(dev_file, self.splits["test"].triples, "test with")
        for split, counts in zip(("train", "validation"), trained, strict=True):
            if not counts.triples:
                raise InputError(
                    f"{train_file}: none of the {counts.sentences} sentences that fall into {split} has a triple; "
                    "expected more labelled records, another --seed, or a --validation-fraction nearer to 0.5"
                )
        self._reject_unknown("validation", train_file, "more records of each predicate, or another --seed")
        self._reject_unknown("test", dev_file, f"records of the predicates in {train_file}")

    def _reject_unlabelled(self, name: str, triples: int, purpose: str) -> None:
        if not triples:
            raise InputError(
                f"{name}: none of its {self.records[name]} records has a triple in its spo_list; "
                f"expected labelled records to {purpose}"
            )

    def _reject_unknown(self, split: Split, name: str, expected: str) -> None:
        """Raise InputError if training has no triple of any predicate of another split."""
        predicates, known = (self.splits[each].predicates for each in (split, "train"))
        if not predicates.keys() & known.keys():
            raise InputError(
                f"{name}: the split {split} has triples of {_listed(predicates)} alone, and the split train has none "
                f"of these but of {_listed(known)}; expected {expected}"
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


def _listed(predicates: Counter[str]) -> str:
    """Return the most frequent predicates, for a refusal."""
    names = [predicate for predicate, _ in predicates.most_common(MAX_LISTED)]
    return ", ".join(names) + (" and others" if len(predicates) > MAX_LISTED else "")


def _findings_markdown(findings: Findings) -> list[str]:
    """List every reason with its count and its examples."""
    lines: list[str] = []
    for reason, count in findings.counts.most_common():
        lines += ["", f"### {reason}: {count}", ""]
        lines += [f"- {example}" for example in findings.examples[reason]]
        if count > MAX_EXAMPLES:
            lines.append(f"- and {count - MAX_EXAMPLES} more")
    return lines
