"""Writes the vertices, and the names with the types, aliases and pinyin that entity linking needs.

DuckDB sorts the properties of all vertices by id; they stream through Python once, because pinyin is made there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import duckdb
import orjson
from pypinyin import lazy_pinyin

from ckgqa.runtime.progress import Progress
from ckgqa_neptune_load.database import query_int
from ckgqa_neptune_load.graph_csv.csv_format import ENTITY, FACT, VERTEX_HEADER, csv_line
from ckgqa_neptune_load.graph_csv.value_sets import join_values

FETCH_ROWS = 4096


class PropertyKind(IntEnum):
    """The kind of a row in the table `properties`."""

    NAME = 1
    TYPE = 2
    ALIAS = 3
    PREDICATE = 4


PROPERTIES_TABLE = f"""
CREATE TABLE properties AS
SELECT DISTINCT digest(subject) AS id, {PropertyKind.NAME:d}::UTINYINT AS property, subject AS value FROM triples
UNION SELECT digest(subject), {PropertyKind.TYPE:d}, subject_type FROM triples
UNION SELECT digest(slot.value), {PropertyKind.NAME:d}, slot.value
      FROM (SELECT unnest(map_entries(slots)) AS slot FROM triples)
UNION SELECT digest(slot.value), {PropertyKind.TYPE:d}, types[slot.key]
      FROM (SELECT types, unnest(map_entries(slots)) AS slot FROM triples)
UNION SELECT digest(subject), {PropertyKind.ALIAS:d}, slots['@value'] FROM triples
      WHERE list_contains(?, predicate) AND subject <> slots['@value']
UNION SELECT id, {PropertyKind.PREDICATE:d}, predicate FROM facts
"""  # noqa: S608 -- no text from outside: the parts are numbers of this file
SORTED_ROWS = "SELECT hex(id), property, value FROM properties ORDER BY id, property, value"
COUNT = f"SELECT count(*) FROM properties WHERE property IN ({PropertyKind.NAME:d}, {PropertyKind.PREDICATE:d})"  # noqa: S608


@dataclass
class VertexRecord:
    """One vertex, gathered from its rows; an entity has a name, a fact has a predicate."""

    id: str
    name: str = ""
    predicate: str = ""
    types: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class VertexCounts:
    """The numbers of vertices that were written."""

    entities: int
    facts: int
    entities_with_aliases: int


def write_vertices(
    database: duckdb.DuckDBPyConnection, vertices_csv: Path, names: Path, alias_predicates: list[str]
) -> VertexCounts:
    """Write all vertices sorted by id, and one line of `names` for each entity.

    Args:
        database: holds `triples` and `facts`.
        vertices_csv: file in Neptune's format to write.
        names: file of JSON lines to write.
        alias_predicates: predicates whose value is another name of the subject.
    """
    database.execute(PROPERTIES_TABLE, [alias_predicates])
    total = query_int(database, COUNT)
    database.execute(SORTED_ROWS)
    entities = facts = with_aliases = 0
    with (
        Progress(total, "vertices", "vertices") as progress,
        vertices_csv.open("w", encoding="utf-8", newline="") as table,
        names.open("wb") as lines,
    ):
        table.write(csv_line(VERTEX_HEADER))
        for vertex in _vertices(_rows(database)):
            table.write(csv_line(vertex_fields(vertex)))
            if vertex.predicate:
                facts += 1
            else:
                entities += 1
                with_aliases += bool(vertex.aliases)
                lines.write(_name_line(vertex))
            progress.advance()
    database.execute("DROP TABLE properties")
    return VertexCounts(entities, facts, with_aliases)


def vertex_fields(vertex: VertexRecord) -> tuple[str, ...]:
    """Return the values of a vertex in the order of the header."""
    label = FACT if vertex.predicate else ENTITY
    return vertex.id, label, vertex.name, join_values(vertex.types), vertex.predicate


def pinyin(name: str) -> str:
    """Return the pinyin of a name in lower case, without tones, one space between syllables: `qing hua da xue`.

    Characters that are not Chinese are not changed.
    """
    return " ".join(" ".join(lazy_pinyin(name)).lower().split())


def _rows(database: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, int, str]]:
    """Stream the sorted rows of the last query."""
    while rows := database.fetchmany(FETCH_ROWS):
        yield from rows


def _vertices(rows: Iterable[tuple[str, int, str]]) -> Iterator[VertexRecord]:
    """Gather the rows of each vertex; types and aliases come sorted."""
    for key, group in groupby(rows, key=itemgetter(0)):
        vertex = VertexRecord(key)
        for _, kind, value in group:
            match kind:
                case PropertyKind.NAME:
                    vertex.name = value
                case PropertyKind.TYPE:
                    vertex.types.append(value)
                case PropertyKind.ALIAS:
                    vertex.aliases.append(value)
                case PropertyKind.PREDICATE:
                    vertex.predicate = value
        yield vertex


def _name_line(vertex: VertexRecord) -> bytes:
    """Write one line of `names.jsonl`."""
    record = {
        "id": vertex.id,
        "name": vertex.name,
        "types": vertex.types,
        "aliases": vertex.aliases,
        "pinyin": pinyin(vertex.name),
    }
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
