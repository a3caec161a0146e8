"""The report on the questions, counted from the records, independently of the generators."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from ckgqa.runtime.artefacts import REPORT_JSON, REPORT_MD, SPLITS, Split
from ckgqa.runtime.intents import Intent
from ckgqa.runtime.jsonlines import JsonObject, JsonValue, write_json
from ckgqa_preprocess.questions.artefact import QuestionRecord
from ckgqa_preprocess.questions.generators.generator import SHAPES
from ckgqa_preprocess.questions.templates.annotated_text import AnnotatedMention, AnnotatedText

Extract = Callable[[QuestionRecord], Iterator[str]]
"""Extracts from a record the texts to count or to compare."""


@dataclass
class Summary:
    """The counts of one run."""

    records: Mapping[Split, Sequence[QuestionRecord]]
    wording_key: Callable[[AnnotatedText], str]
    """Computes the key of a wording."""
    steps: Sequence[str]
    """All steps of `labels.json`, asked or not."""
    notes: JsonObject
    """Figures of the sources: duplicates, bad records, predicates without templates."""

    def to_json(self) -> JsonObject:
        """Return the whole report."""
        return {
            "questions": {split: len(self.records[split]) for split in SPLITS},
            "sources": self._table(_source),
            "shapes": self._table(lambda record: iter((record["shape"],)), SHAPES),
            "kinds": self._table(lambda record: iter((Intent.parse(record["intent"]).kind,))),
            "steps": self._table(_steps, self.steps),
            "chains": {split: len(self._distinct(_chain, split)) for split in SPLITS},
            "wordings": {split: len(self._distinct(self._wording, split)) for split in SPLITS},
            "names": {split: len(self._distinct(_names, split)) for split in SPLITS},
            "questions_in_two_splits": self._shared(lambda record: iter((record["text"],))),
            "generated_wordings_in_two_splits": self._shared(self._wording, "generated"),
            "generated_names_in_two_splits": self._shared(_names, "generated"),
            "raw_wordings_in_two_splits": self._shared(self._wording, "raw"),
            "test_questions_that_name_their_predicate": self._naming("test"),
            **self.notes,
        }

    def write(self, folder: Path) -> None:
        """Write `report.json` for programs and `report.md` for people."""
        report = self.to_json()
        write_json(folder / REPORT_JSON, report)
        (folder / REPORT_MD).write_text("\n".join(_markdown(report)) + "\n", encoding="utf-8")

    def _wording(self, record: QuestionRecord) -> Iterator[str]:
        mentions = [AnnotatedMention(**mention) for mention in record["mentions"]]
        yield self.wording_key(AnnotatedText(record["text"], tuple(mentions)))

    def _table(self, extract: Extract, rows: Sequence[str] = ()) -> dict[str, JsonValue]:
        """Count the extracted texts by split; these rows come first, even if their counts are 0."""
        counts = {
            split: Counter(text for record in self.records[split] for text in extract(record)) for split in SPLITS
        }
        others = sorted(set().union(*counts.values()) - set(rows))
        return {row: {split: counts[split][row] for split in SPLITS} for row in (*rows, *others)}

    def _distinct(self, extract: Extract, split: Split, source: str = "") -> set[str]:
        records = (record for record in self.records[split] if record["id"].startswith(source))
        return {text for record in records for text in extract(record)}

    def _shared(self, extract: Extract, source: str = "") -> int:
        """Count the extracted texts that occur in more than one split."""
        distinct = [self._distinct(extract, split, source) for split in SPLITS]
        return len(set().union(*(first & second for first, second in combinations(distinct, 2))))

    def _naming(self, split: Split) -> float:
        """Return the share of questions whose text contains the name of one of their predicates."""
        asked = [record for record in self.records[split] if record["intent"] != "outside"]
        named = sum(
            any(step.predicate in record["text"] for step in Intent.parse(record["intent"]).chain) for record in asked
        )
        return round(named / len(asked), 4) if asked else 0.0


def _source(record: QuestionRecord) -> Iterator[str]:
    yield record["id"].split(":")[0]


def _steps(record: QuestionRecord) -> Iterator[str]:
    yield from (step.label for step in Intent.parse(record["intent"]).chain)


def _chain(record: QuestionRecord) -> Iterator[str]:
    if record["shape"] == "two_hops":
        yield record["intent"]


def _names(record: QuestionRecord) -> Iterator[str]:
    """Yield the names that are meant, and noisy names as typed; pronouns do not count."""
    for mention in record["mentions"]:
        yield mention["name"]
        if record["shape"] == "near_name":
            yield record["text"][mention["start"] : mention["end"]]
    yield from (implied["name"] for implied in record.get("implied", ()))


def _markdown(report: JsonObject) -> Iterator[str]:
    """Yield the lines of the report for people."""
    yield "# Questions"
    for title, value in report.items():
        if not isinstance(value, dict):
            yield f"\n{title.replace('_', ' ')}: {_cell(value)}"
            continue
        yield f"\n## {title.replace('_', ' ')}\n"
        rows = {name: row if isinstance(row, dict) else {"": row} for name, row in value.items()}
        columns = list(dict.fromkeys(column for row in rows.values() for column in row))
        yield f"| | {' | '.join(columns)} |"
        yield "| --- |" + " --- |" * len(columns)
        for name, row in rows.items():
            yield f"| {name} | {' | '.join(_cell(row.get(column, '')) for column in columns)} |"


def _cell(value: JsonValue) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value).replace("|", "\\|")
