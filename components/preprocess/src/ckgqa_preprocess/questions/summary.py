"""What the questions are: counted anew from the records, whatever the generator says of them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from ckgqa.runtime.artefacts import REPORT_JSON
from ckgqa.runtime.intents import Intent
from ckgqa.runtime.jsonlines import JsonObject, JsonValue, write_json
from ckgqa_preprocess.questions.artefact import QuestionRecord
from ckgqa_preprocess.questions.makers import SHAPES
from ckgqa_preprocess.questions.splits import SPLITS, Split
from ckgqa_preprocess.questions.texts import Mention, Text

Find = Callable[[QuestionRecord], Iterator[str]]
"""Takes from a record what is to be counted or compared."""


@dataclass
class Summary:
    """The counts of one run."""

    records: Mapping[Split, Sequence[QuestionRecord]]
    key: Callable[[Text], str]
    """Gives the key of a wording."""
    steps: Sequence[str]
    """All steps of `labels.json`, also those that nobody asks."""
    notes: JsonObject
    """What only the sources know: duplicates, bad records, predicates without templates."""

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
        (folder / "report.md").write_text("\n".join(_markdown(report)) + "\n", encoding="utf-8")

    def _wording(self, record: QuestionRecord) -> Iterator[str]:
        mentions = [Mention(one["role"], one["start"], one["end"], one["name"]) for one in record["mentions"]]
        yield self.key(Text(record["text"], tuple(mentions)))

    def _table(self, find: Find, rows: Sequence[str] = ()) -> dict[str, JsonValue]:
        """Count what is found, by split; these rows first, also where there is nothing."""
        counts = {split: Counter(one for record in self.records[split] for one in find(record)) for split in SPLITS}
        others = sorted(set().union(*counts.values()) - set(rows))
        return {row: {split: counts[split][row] for split in SPLITS} for row in (*rows, *others)}

    def _distinct(self, find: Find, split: Split, source: str = "") -> set[str]:
        records = (record for record in self.records[split] if record["id"].startswith(source))
        return {one for record in records for one in find(record)}

    def _shared(self, find: Find, source: str = "") -> int:
        """Count what stands in more than one split."""
        found = [self._distinct(find, split, source) for split in SPLITS]
        return len(set().union(*(first & second for first, second in combinations(found, 2))))

    def _naming(self, split: Split) -> float:
        """Return the share of questions with the name of a predicate of theirs in the text."""
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
    """Yield the names meant and the names typed; a pronoun is none."""
    for mention in record["mentions"]:
        yield mention["name"]
        if record["shape"] == "near_name":
            yield record["text"][mention["start"] : mention["end"]]
    yield from (one["name"] for one in record.get("implied", ()))


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
