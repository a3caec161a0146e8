"""Reads the sample's data files: tables of facts, the rules of their triples, and their templates.

`facts/NAME.tsv` holds one table; a row has one or a few facts about one thing, and 、 joins several values of a field.
`rules.tsv` defines which triple two fields of a table make; `templates.tsv` has the wordings of a row, and whether a
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
    """One signature of a predicate, as in DuIE 2.0's `schema.json`."""

    object_type: dict[str, str]
    predicate: str
    subject_type: str


@dataclass(frozen=True)
class Rule:
    """Defines a triple by two fields of a table's row."""

    predicate: str
    subject: str
    """Field of the subject."""
    slots: Mapping[str, str]
    """Slot -> field; `@value` is required, the others count if the sentence mentions them."""


@dataclass(frozen=True)
class Template:
    """One wording of a row."""

    text: str
    """The wording, with `{field}` for a field's value."""
    states_facts: bool
    """False if the sentence contains the names but states no fact about them."""

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
    """Return the schema's signatures, each with an object of slots, as in DuIE 2.0."""
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
