"""Checks the whole CSV before anything is loaded, so that a broken file changes no graph.

DuckDB does it in bounded memory: every line has all fields and valid numbers, every edge has both its vertices, and
every sentence of an edge has its text.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from ckgqa.runtime.artefacts import EDGE_SENTENCES_CSV, EDGES_CSV, TEXTS_JSONL, VERTICES_CSV
from ckgqa.runtime.errors import InputError
from ckgqa_neptune_load.database import query_int
from ckgqa_neptune_load.graph_csv.csv_format import EDGE_HEADER, EDGE_SENTENCE_HEADER, VERTEX_HEADER
from ckgqa_neptune_load.graph_csv.reader import check_header

SQL_TYPES = {"score:Double": "DOUBLE", "count:Int": "INTEGER", "score": "DOUBLE"}
FIRST_REJECT = """
SELECT line, coalesce(column_name, ''), error_message FROM reject_errors ORDER BY line, column_idx LIMIT 1
"""
EDGE_WITHOUT_VERTEX = """
SELECT edges.id, missing FROM (
    SELECT id, unnest([source_id, target_id]) AS missing FROM edges
) AS edges ANTI JOIN vertices ON missing = vertices.id
ORDER BY edges.id, missing LIMIT 1
"""
SENTENCE_WITHOUT_EDGE = """
SELECT edge FROM edge_sentences ANTI JOIN edges ON edge = edges.id ORDER BY edge LIMIT 1
"""
SENTENCE_WITHOUT_TEXT = """
SELECT edge, sentence
FROM edge_sentences
ANTI JOIN read_json(?, format = 'newline_delimited', columns = {id: 'VARCHAR'}) AS texts ON sentence = texts.id
ORDER BY edge, sentence LIMIT 1
"""
EMPTY = {
    "vertices": "SELECT count(*) FROM vertices WHERE id IS NULL",
    "edges": "SELECT count(*) FROM edges WHERE id IS NULL OR score IS NULL OR sentences IS NULL",
    "edge_sentences": "SELECT count(*) FROM edge_sentences WHERE edge IS NULL OR sentence IS NULL OR score IS NULL",
}


@dataclass(frozen=True)
class RowCounts:
    """The number of rows to load."""

    vertices: int
    edges: int


def check_csv(database: duckdb.DuckDBPyConnection, folder: Path) -> RowCounts:
    """Check the three tables of a graph-csv folder, and count its vertices and edges.

    Args:
        database: an empty temporary database.
        folder: a graph-csv folder.

    Raises:
        InputError: a file is missing, a line is broken (the message names it), an edge lacks a vertex, or a sentence
            of an edge lacks its edge or its text.
    """
    _read_table(database, folder / VERTICES_CSV, VERTEX_HEADER, "vertices", '"~id" AS id')
    columns = '"~id" AS id, "~from" AS source_id, "~to" AS target_id, "score:Double" AS score, "count:Int" AS sentences'
    _read_table(database, folder / EDGES_CSV, EDGE_HEADER, "edges", columns)
    lost = database.execute(EDGE_WITHOUT_VERTEX).fetchone()
    if lost:
        raise InputError(
            f"{folder / EDGES_CSV}: edge {lost[0]} names vertex {lost[1]}, which is not in {VERTICES_CSV}; "
            "each folder must hold the vertices of its edges"
        )
    check_edge_sentences(database, folder)
    lost = database.execute(SENTENCE_WITHOUT_EDGE).fetchone()
    if lost:
        raise InputError(f"{folder / EDGE_SENTENCES_CSV}: edge {lost[0]} is not in {EDGES_CSV}; make the CSV again")
    counts = (query_int(database, f"SELECT count(*) FROM {table}") for table in ("vertices", "edges"))  # noqa: S608
    return RowCounts(*counts)


def check_edge_sentences(database: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Read the sentences of the edges into the table `edge_sentences`.

    Args:
        database: a temporary database without that table.
        folder: a folder with edge_sentences.csv and texts.jsonl.

    Raises:
        InputError: a file is missing, a line is broken, or a sentence has no text.
    """
    path = folder / EDGE_SENTENCES_CSV
    _read_table(database, path, EDGE_SENTENCE_HEADER, "edge_sentences", "edge, sentence, score")
    try:
        lost = database.execute(SENTENCE_WITHOUT_TEXT, [str(folder / TEXTS_JSONL)]).fetchone()
    except duckdb.InvalidInputException as error:
        raise InputError(f"{folder / TEXTS_JSONL}: id and text are expected on each line ({error})") from error
    if lost:
        raise InputError(f"{path}: the sentence {lost[1]!r} of edge {lost[0]} is not in {TEXTS_JSONL}; make it again")


def _read_table(
    database: duckdb.DuckDBPyConnection, path: Path, header: tuple[str, ...], table: str, columns: str
) -> None:
    """Read one file into a table, or raise at its first broken line."""
    check_header(path, header)
    # DuckDB does not parse a column that no query reads: the hash reads all of them.
    whole = ", ".join(f'"{name}"' for name in header)
    types = {name: SQL_TYPES.get(name, "VARCHAR") for name in header}
    query = f"""
        CREATE TABLE {table} AS SELECT {columns}, hash({whole}) AS row_hash
        FROM read_csv(?, header = true, auto_detect = false, columns = {types}, delim = ',', quote = '"', escape = '"',
                      store_rejects = true)
    """  # noqa: S608 -- no text from outside: the columns are constants
    try:
        database.execute(query, [str(path)])
        reject = database.execute(FIRST_REJECT).fetchone()
    except duckdb.InvalidInputException as error:
        raise InputError(f"{path}: invalid CSV or UTF-8 ({error})") from error
    if reject:
        line, column, message = reject
        raise InputError(f"{path} line {line}: {column + ': ' if column else ''}{message}")
    empty = query_int(database, EMPTY[table])
    if empty:
        raise InputError(f"{path}: {empty} rows have an empty id, score or count")
