"""The sample's data files: facts in tables, what they mean, and the templates that put them into words.

`facts/NAME.tsv` holds one table, a row a fact or a few about one thing; several values of one field are joined by 、.
`rules.tsv` says which triple two fields of a table make, `templates.tsv` how a row may be worded, and whether that
wording states the facts (`yes`) or only mentions the names (`no`); `schema.tsv` is the schema in DuIE's form.
"""

import csv
import io
import string
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import TypedDict

SEPARATOR = "、"
SLOTS = ("@value", "inWork", "inArea", "onDate", "period")

Row = Mapping[str, str]


class SchemaLine(TypedDict):
    """One reading of a predicate, as DuIE 2.0's `schema.json` has it."""

    object_type: dict[str, str]
    predicate: str
    subject_type: str


@dataclass(frozen=True)
class Rule:
    """Says that two fields of a table's row make a triple."""

    predicate: str
    subject: str
    """Field of the subject."""
    slots: Mapping[str, str]
    """Slot -> field; `@value` is always there, the others count where a sentence mentions them."""


@dataclass(frozen=True)
class Template:
    """One way to word a row."""

    text: str
    """With `{field}` where a field's value goes."""
    states_facts: bool
    """False where the names stand in the sentence and no fact about them does."""

    @property
    def fields(self) -> list[str]:
        """The fields in the order of the text."""
        return [name for _, name, _, _ in string.Formatter().parse(self.text) if name]


@dataclass(frozen=True)
class Table:
    """The facts of one kind."""

    name: str
    rows: list[Row]
    rules: list[Rule]
    templates: list[Template]


def read_tables() -> list[Table]:
    """Read every table with its rules and templates, sorted by name."""
    rules, templates = _read("rules.tsv"), _read("templates.tsv")
    return [
        Table(
            name,
            _read(f"facts/{name}.tsv"),
            [_rule(row) for row in rules if row["table"] == name],
            [Template(row["template"], row["says"] == "yes") for row in templates if row["table"] == name],
        )
        for name in sorted({row["table"] for row in rules})
    ]


def read_schema() -> list[SchemaLine]:
    """Return the schema's readings, an object of slots each, as DuIE 2.0 writes them."""
    return [
        {
            "object_type": {slot: row[slot] for slot in SLOTS if row[slot]},
            "predicate": row["predicate"],
            "subject_type": row["subject_type"],
        }
        for row in _read("schema.tsv")
    ]


def _rule(row: Row) -> Rule:
    return Rule(row["predicate"], row["subject"], {slot: row[slot] for slot in SLOTS if row[slot]})


def _read(name: str) -> list[Row]:
    text = (files("ckgqa.sample") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
