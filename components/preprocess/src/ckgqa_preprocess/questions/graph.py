"""What a graph knows, read from its CSV: the names, and the facts that can be asked about."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import SUBJECT, VALUE
from ckgqa.runtime.jsonlines import JsonObject, read_jsonl
from ckgqa.runtime.manifest import read_manifest
from ckgqa_preprocess.schema import Schema

GRAPH_CSV = ("ckgqa/graph-csv", 1)
VERTEX_COLUMNS = ("~id", "~label", "predicate:String(single)")
EDGE_COLUMNS = ("~id", "~from", "~to", "~label", "source:String")
MAX_NAME_CHARS = 40  # nobody types a longer one into a question
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

Given = tuple[tuple[str, str], ...]
"""(role, name) pairs, sorted by role."""


@dataclass(frozen=True)
class Name:
    """One name of the graph."""

    name: str
    types: tuple[str, ...]
    aliases: tuple[str, ...]
    pinyin: str
    """Its syllables without tones, separated by a space."""


@dataclass(frozen=True)
class Fact:
    """A predicate, and a name for each of its roles that is known."""

    predicate: str
    roles: Given

    def names(self, roles: frozenset[str]) -> Given | None:
        """Return what it has for some roles, None where it lacks one."""
        found = tuple(pair for pair in self.roles if pair[0] in roles)
        return found if len(found) == len(roles) else None


@dataclass(frozen=True)
class Graph:
    """The names and facts of a graph."""

    names: dict[str, Name]
    facts: tuple[Fact, ...]
    """Labelled ones, or all where none is: the subject and value of every edge, and the facts with more slots."""
    others: tuple[Fact, ...]
    """Extracted ones beside labelled ones: nothing is asked about them, but they are known."""
    strange: int
    """Facts with a predicate or role that the schema does not have."""

    @cached_property
    def by_predicate(self) -> dict[str, list[Fact]]:
        """Predicate -> the facts to ask about."""
        found: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.facts:
            found[fact.predicate].append(fact)
        return dict(found)

    @cached_property
    def known(self) -> dict[tuple[str, str, str], list[Fact]]:
        """(predicate, role, name) -> all facts in which that name has that role."""
        found: dict[tuple[str, str, str], list[Fact]] = defaultdict(list)
        for fact in (*self.facts, *self.others):
            for role, name in fact.roles:
                found[fact.predicate, role, name].append(fact)
        return dict(found)

    def matching(self, predicate: str, given: Given) -> list[Fact]:
        """Return all facts that have these names in these roles."""
        first, *rest = given
        return [fact for fact in self.known.get((predicate, *first), []) if all(pair in fact.roles for pair in rest)]

    def answers(self, predicate: str, asked: str, given: Given) -> set[str]:
        """Return the names that the asked role has in those facts."""
        return {name for fact in self.matching(predicate, given) for role, name in fact.roles if role == asked}


def read_graph(folder: Path, schema: Schema, schema_hash: str) -> Graph:
    """Read a folder of the graph's CSV.

    Raises:
        InputError: it is another artefact or of another schema, a file is broken, or it has no fact to ask about.
    """
    manifest = read_manifest(folder, *GRAPH_CSV)
    if manifest.schema_hash not in {"", schema_hash}:
        raise InputError(
            f"{folder}: this graph follows another schema ({manifest.schema_hash[:12]}) than the one given "
            f"({schema_hash[:12]}); the schema of the sentences that the graph was made from is expected"
        )
    names = _read_names(folder / "names.jsonl")
    labelled, extracted = _read_facts(folder, {key: name.name for key, name in names.items()})
    facts, others = (labelled, extracted) if labelled else (extracted, [])
    kept, kept_others = _of_schema(facts, schema), _of_schema(others, schema)
    if not kept:
        raise InputError(
            f"{folder}: no edge of the schema's {len(schema.by_predicate)} predicates; a graph is expected"
        )
    strange = len(facts) + len(others) - len(kept) - len(kept_others)
    return Graph({name.name: name for name in names.values()}, tuple(kept), tuple(kept_others), strange)


def usable(name: str) -> bool:
    """Say whether a name can stand in a question: short, on one line, with a letter or digit in it."""
    return (
        len(name) <= MAX_NAME_CHARS
        and name == name.strip()
        and not _CONTROL.search(name)
        and any(letter.isalnum() for letter in name)
    )


def _of_schema(facts: list[Fact], schema: Schema) -> list[Fact]:
    roles = {predicate: schema.types_of_roles(predicate).keys() for predicate in schema.by_predicate}
    return [fact for fact in facts if {role for role, _ in fact.roles} <= roles.get(fact.predicate, set())]


def _read_names(path: Path) -> dict[str, Name]:
    """Read id -> name."""
    found = {}
    for number, record in read_jsonl(path):
        key, name = record.get("id"), record.get("name")
        if not isinstance(key, str) or not isinstance(name, str):
            raise InputError(f"{path} line {number}: id or name is missing; the graph's CSV is to be made again")
        found[key] = Name(name, _texts(record, "types"), _texts(record, "aliases"), str(record.get("pinyin", "")))
    return found


def _texts(record: JsonObject, key: str) -> tuple[str, ...]:
    value = record.get(key, [])
    return tuple(str(text) for text in value) if isinstance(value, list) else ()


def _read_facts(folder: Path, names: dict[str, str]) -> tuple[list[Fact], list[Fact]]:
    """Read the labelled and the extracted facts, each sorted.

    A fact with more slots is a vertex with an edge for each role, and its subject and value are an edge as well.
    """
    predicates = {
        row["~id"]: row["predicate:String(single)"]
        for _, row in _rows(folder / "vertices.csv", VERTEX_COLUMNS)
        if row["~label"] == "fact"
    }
    slots: dict[str, dict[str, str]] = defaultdict(dict)
    sources: dict[str, str] = {}
    found: dict[str, set[Fact]] = {"labelled": set(), "extracted": set()}
    path = folder / "edges.csv"
    for number, row in _rows(path, EDGE_COLUMNS):
        start, end, label, source = row["~from"], row["~to"], row["~label"], row["source:String"]
        if end not in names or not (start in names or start in predicates) or source not in found:
            raise InputError(f"{path} line {number}: an edge without its vertices or source; make the CSV again")
        if start in predicates:
            slots[start][label] = names[end]
            sources[start] = source
        else:
            found[source].add(Fact(label, ((VALUE, names[end]), (SUBJECT, names[start]))))
    for key, roles in slots.items():
        found[sources[key]].add(Fact(predicates[key], tuple(sorted(roles.items()))))
    return _sorted(found["labelled"]), _sorted(found["extracted"] - found["labelled"])


def _sorted(facts: set[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda fact: (fact.predicate, fact.roles))


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Stream (line, row) of a CSV file with at least these columns."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            if missing := set(columns) - set(reader.fieldnames or ()):
                raise InputError(f"{path} line 1: no column {min(missing)!r}; the graph's CSV is to be made again")
            for row in reader:
                if None in row or None in row.values():
                    raise InputError(
                        f"{path} line {reader.line_num}: {len(reader.fieldnames or ())} fields are expected"
                    )
                yield reader.line_num, row
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file; the graph's CSV is not whole, make it again") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not sound CSV in UTF-8 ({error})") from error
