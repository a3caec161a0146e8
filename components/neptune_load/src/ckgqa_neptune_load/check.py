"""Looks at the whole CSV before anything is loaded, so that a broken file changes no graph.

DuckDB does it in bounded memory: every line has all fields and sound numbers, and every edge has both its vertices.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from ckgqa.runtime.artefacts import EDGES_CSV, VERTICES_CSV
from ckgqa.runtime.errors import InputError
from ckgqa_neptune_load.database import one_number
from ckgqa_neptune_load.formats import EDGE_HEADER, VERTEX_HEADER
from ckgqa_neptune_load.reader import check_header

SQL_TYPES = {"Double": "DOUBLE", "Int": "INTEGER"}
FIRST_REJECT = """
SELECT line, coalesce(column_name, ''), error_message FROM reject_errors ORDER BY line, column_idx LIMIT 1
"""
STRAY = """
SELECT edges.id, missing FROM (
    SELECT id, unnest([source_id, target_id]) AS missing FROM edges
) AS edges ANTI JOIN vertices ON missing = vertices.id
ORDER BY edges.id, missing LIMIT 1
"""
EMPTY = {
    "vertices": "SELECT count(*) FROM vertices WHERE id IS NULL",
    "edges": "SELECT count(*) FROM edges WHERE id IS NULL OR score IS NULL OR sentences IS NULL",
}


@dataclass(frozen=True)
class Totals:
    """How much there is to load."""

    vertices: int
    edges: int


def check_csv(database: duckdb.DuckDBPyConnection, folder: Path) -> Totals:
    """Check both files and count their rows.

    Args:
        database: an empty workbench.
        folder: a graph-csv folder.

    Raises:
        InputError: a file is missing, a line is broken (it is named), or an edge names a vertex that is not there.
    """
    _take(database, folder / VERTICES_CSV, VERTEX_HEADER, "vertices", '"~id" AS id')
    columns = '"~id" AS id, "~from" AS source_id, "~to" AS target_id, "score:Double" AS score, "count:Int" AS sentences'
    _take(database, folder / EDGES_CSV, EDGE_HEADER, "edges", columns)
    stray = database.execute(STRAY).fetchone()
    if stray:
        raise InputError(
            f"{folder / EDGES_CSV}: edge {stray[0]} names vertex {stray[1]}, which is not in {VERTICES_CSV}; "
            "each folder must hold the vertices of its edges"
        )
    counts = (one_number(database, f"SELECT count(*) FROM {table}") for table in ("vertices", "edges"))  # noqa: S608
    return Totals(*counts)


def _take(database: duckdb.DuckDBPyConnection, path: Path, header: tuple[str, ...], table: str, columns: str) -> None:
    """Read one file into a table, or name its first broken line."""
    check_header(path, header)
    # DuckDB does not look into a column that nobody asks for: the hash asks for all of them.
    whole = ", ".join(f'"{name}"' for name in header)
    types = {name: SQL_TYPES.get(name.rpartition(":")[2], "VARCHAR") for name in header}
    query = f"""
        CREATE TABLE {table} AS SELECT {columns}, hash({whole}) AS looked_at
        FROM read_csv(?, header = true, auto_detect = false, columns = {types}, delim = ',', quote = '"', escape = '"',
                      store_rejects = true)
    """  # noqa: S608 -- no text from outside: the columns are constants
    try:
        database.execute(query, [str(path)])
        reject = database.execute(FIRST_REJECT).fetchone()
    except duckdb.InvalidInputException as error:
        raise InputError(f"{path}: not sound CSV in UTF-8 ({error})") from error
    if reject:
        line, column, message = reject
        raise InputError(f"{path} line {line}: {column + ': ' if column else ''}{message}")
    empty = one_number(database, EMPTY[table])
    if empty:
        raise InputError(f"{path}: {empty} {table} have no id, or no score or count; none of them may be empty")
