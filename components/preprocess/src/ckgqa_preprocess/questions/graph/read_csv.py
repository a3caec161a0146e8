"""Reads a graph from its CSV files, or a part of a large graph, so that memory stays bounded."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ckgqa.runtime.artefacts import EDGES_CSV, GRAPH_CSV, NAMES_JSONL, SUBJECT, VALUE, VERTICES_CSV
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import JsonObject, read_jsonl
from ckgqa.runtime.manifest import read_manifest
from ckgqa_preprocess.questions.graph.facts import FactGraph, GraphFact, NamedEntity
from ckgqa_preprocess.schema import Schema

VERTEX_COLUMNS = ("~id", "~label", "predicate:String(single)")
EDGE_COLUMNS = ("~id", "~from", "~to", "~label", "source:String")
SOURCES = ("labelled", "extracted")
CHUNK_BYTES = 1024**2
HASH_DIGITS = 8  # of an id, which is a hash itself: enough to sample a share of the subjects

Roles = dict[str, str]
"""Role -> id of the entity."""


@dataclass
class _Edges:
    """The content of edges.csv, by ids."""

    plain: dict[str, set[tuple[str, str, str]]] = field(default_factory=lambda: {source: set() for source in SOURCES})
    """Source -> (predicate, subject, value)."""
    slots: dict[str, Roles] = field(default_factory=lambda: defaultdict(dict))
    """Fact vertex -> its roles."""
    sources: dict[str, str] = field(default_factory=dict)
    """Fact vertex -> its source."""


def read_graph(folder: Path, schema: Schema, max_facts: int) -> FactGraph:
    """Read the folder of a graph's CSV files.

    Args:
        folder: an artefact `ckgqa/graph-csv`: names.jsonl, vertices.csv, edges.csv.
        schema: the schema that the graph must follow; the graph keeps the facts that it covers.
        max_facts: approximate number of edges to read; from a larger graph, all edges of a part of the subjects.

    Raises:
        InputError: the folder holds another artefact, follows another schema, has a broken file, or has no fact to ask
            about.
    """
    manifest = read_manifest(folder, GRAPH_CSV)
    if manifest.schema_hash not in {"", schema.hash}:
        raise InputError(
            f"{folder}: this graph follows another schema ({manifest.schema_hash[:12]}) than --schema "
            f"({schema.hash[:12]}); expected the schema of the sentences that the graph was made from"
        )
    share = min(1.0, max_facts / max(1, _count_lines(folder / EDGES_CSV) - 1))
    predicates = {
        row["~id"]: row["predicate:String(single)"]
        for _, row in _rows(folder / VERTICES_CSV, VERTEX_COLUMNS)
        if row["~label"] == "fact"
    }
    edges = _read_edges(folder / EDGES_CSV, predicates, share)
    entities = _read_entities(folder / NAMES_JSONL, None if share == 1 else _ids(edges))
    labelled, extracted = _facts(folder, edges, predicates, {key: entity.name for key, entity in entities.items()})
    facts, others = (labelled, extracted) if labelled else (extracted, [])
    covered, covered_others = _of_schema(facts, schema), _of_schema(others, schema)
    if not covered:
        known = len(schema.by_predicate)
        raise InputError(f"{folder}: no edge of the schema's {known} predicates; expected a graph with facts")
    return FactGraph(
        entities={entity.name: entity for entity in entities.values()},
        facts=tuple(covered),
        other_facts=tuple(covered_others),
        out_of_schema=len(facts) + len(others) - len(covered) - len(covered_others),
        complete=share == 1,
    )


def _read_edges(path: Path, predicates: dict[str, str], share: float) -> _Edges:
    """Read the edges of a share of the subjects, 0 to 1.

    A fact with more slots is a vertex with an edge for each role; its subject and value are an edge as well.
    """
    edges = _Edges()
    for number, row in _rows(path, EDGE_COLUMNS):
        start, end, label, source = row["~from"], row["~to"], row["~label"], row["source:String"]
        if source not in SOURCES:
            raise InputError(f"{path} line {number}: the source {source!r}; expected {' or '.join(SOURCES)}")
        if start in predicates:
            edges.slots[start][label] = end
            edges.sources[start] = source
        elif _is_sampled(start, share):
            edges.plain[source].add((label, start, end))
    edges.slots = {key: roles for key, roles in edges.slots.items() if _is_sampled(roles.get(SUBJECT, ""), share)}
    return edges


def _is_sampled(key: str, share: float) -> bool:
    if share == 1:
        return True
    try:
        return int(key[:HASH_DIGITS], 16) / float(16**HASH_DIGITS) < share
    except ValueError:  # not an id of ours: the look-up of its name rejects it
        return True


def _ids(edges: _Edges) -> set[str]:
    plain = {key for triples in edges.plain.values() for _, *ends in triples for key in ends}
    return plain | {key for roles in edges.slots.values() for key in roles.values()}


def _facts(
    folder: Path, edges: _Edges, predicates: dict[str, str], names: dict[str, str]
) -> tuple[list[GraphFact], list[GraphFact]]:
    """Replace ids by names; return the labelled and the extracted facts, each sorted."""
    facts: dict[str, set[GraphFact]] = {source: set() for source in SOURCES}
    try:
        for source, plain in edges.plain.items():
            for predicate, subject, value in plain:
                facts[source].add(GraphFact(predicate, ((VALUE, names[value]), (SUBJECT, names[subject]))))
        for key, roles in edges.slots.items():
            named = tuple(sorted((role, names[end]) for role, end in roles.items()))
            facts[edges.sources[key]].add(GraphFact(predicates[key], named))
    except KeyError as error:
        path = folder / EDGES_CSV
        raise InputError(
            f"{path}: an edge of {error.args[0]!r}, which names.jsonl lacks; make the CSV again"
        ) from error
    return _sorted(facts["labelled"]), _sorted(facts["extracted"] - facts["labelled"])


def _sorted(facts: set[GraphFact]) -> list[GraphFact]:
    return sorted(facts, key=lambda fact: (fact.predicate, fact.roles))


def _of_schema(facts: list[GraphFact], schema: Schema) -> list[GraphFact]:
    """Select the facts whose predicate and roles the schema has."""
    roles = {predicate: schema.types_of_roles(predicate).keys() for predicate in schema.by_predicate}
    return [fact for fact in facts if {role for role, _ in fact.roles} <= roles.get(fact.predicate, set())]


def _read_entities(path: Path, wanted: set[str] | None) -> dict[str, NamedEntity]:
    """Read id -> entity, of the wanted ids or of all if None."""
    entities = {}
    for number, record in read_jsonl(path):
        key, name = record.get("id"), record.get("name")
        if not isinstance(key, str) or not isinstance(name, str):
            raise InputError(f"{path} line {number}: id or name is missing; make the graph's CSV again")
        if wanted is None or key in wanted:
            entities[key] = NamedEntity(
                name, _texts(record, "types"), _texts(record, "aliases"), str(record.get("pinyin", ""))
            )
    return entities


def _texts(record: JsonObject, key: str) -> tuple[str, ...]:
    value = record.get(key, [])
    return tuple(str(text) for text in value) if isinstance(value, list) else ()


def _count_lines(path: Path) -> int:
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; the graph's CSV is incomplete, make it again")
    with path.open("rb") as content:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: content.read(CHUNK_BYTES), b""))


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Stream the (line number, row) pairs of a CSV file that has at least these columns."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            header = reader.fieldnames or ()
            if missing := set(columns) - set(header):
                raise InputError(f"{path} line 1: no column {min(missing)!r}; make the graph's CSV again")
            for row in reader:
                if None in row or None in row.values():
                    raise InputError(f"{path} line {reader.line_num}: expected {len(header)} fields")
                yield reader.line_num, row
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file; the graph's CSV is incomplete, make it again") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no valid CSV in UTF-8 ({error})") from error
