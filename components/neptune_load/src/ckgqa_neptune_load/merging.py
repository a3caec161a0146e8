"""Merges names and texts beside a graph with new ones, in bounded memory, sorted by id; tells which edges are new."""

from pathlib import Path

import duckdb

from ckgqa.runtime.artefacts import ADDED_JSONL, EDGES_CSV, SENTENCES_JSONL
from ckgqa.runtime.errors import InputError
from ckgqa_neptune_load.database import as_sql, one_number
from ckgqa_neptune_load.formats import EDGE_HEADER
from ckgqa_neptune_load.standing import STANDING_HEADER

NAMES_OF = """
read_json(?, format = 'newline_delimited', columns = {
    id: 'VARCHAR', name: 'VARCHAR', types: 'VARCHAR[]', aliases: 'VARCHAR[]', pinyin: 'VARCHAR'})
"""
TEXTS_OF = "read_json(?, format = 'newline_delimited', columns = {id: 'VARCHAR', text: 'VARCHAR'})"
CSV_OF = "read_csv(?, header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', columns = {})"

# One name is one vertex, so it stands once in each file.
NAMES_TABLE = f"""
CREATE TABLE names AS
SELECT id, coalesce(base.name, new.name) AS name,
       list_sort(list_distinct(list_concat(coalesce(base.types, []), coalesce(new.types, [])))) AS types,
       list_sort(list_distinct(list_concat(coalesce(base.aliases, []), coalesce(new.aliases, [])))) AS aliases,
       coalesce(base.pinyin, new.pinyin) AS pinyin
FROM {NAMES_OF} AS base FULL JOIN {NAMES_OF} AS new USING (id)
"""  # noqa: S608 -- no text from outside: the parts are constants
CLASH = f"""
SELECT id FROM {TEXTS_OF} AS base JOIN {TEXTS_OF} AS new USING (id)
WHERE base.text <> new.text ORDER BY id LIMIT 1
"""  # noqa: S608
# What the graph says once the CSV is loaded: an edge that stood there keeps its own evidence.
EDGES_TABLE = f"""
CREATE TABLE said AS
SELECT new."~id" AS id, old.id IS NULL AS is_new,
       unnest(string_split(coalesce(old.evidence, new."evidence:String"), ' ')) AS sentence
FROM {CSV_OF.format(dict.fromkeys(EDGE_HEADER, "VARCHAR"))} AS new
LEFT JOIN {CSV_OF.format(dict.fromkeys(STANDING_HEADER, "VARCHAR"))} AS old ON old.id = new."~id"
"""  # noqa: S608
TEXTS_TABLE = f"""
CREATE TABLE texts AS
SELECT new.id, new.text FROM {TEXTS_OF} AS new
ANTI JOIN {TEXTS_OF} AS base USING (id) SEMI JOIN said ON said.sentence = new.id
"""  # noqa: S608
# Into a server an earlier run that broke off may have brought edges that only this one brings the texts of.
ADDED_TABLE = """
CREATE TABLE added AS
SELECT id FROM said WHERE is_new UNION SELECT said.id FROM said SEMI JOIN texts ON said.sentence = texts.id
"""


def refuse_clash(database: duckdb.DuckDBPyConnection, base: Path, new: Path) -> None:
    """Refuse new texts one of which has the id of another text.

    Args:
        database: a workbench.
        base: sentences.jsonl of the graph.
        new: sentences.jsonl of what is to be added.

    Raises:
        InputError: there is such a text, or a line is broken.
    """
    try:
        clash = database.execute(CLASH, [str(base), str(new)]).fetchone()
    except duckdb.InvalidInputException as error:
        raise InputError(f"{base} or {new}: id and text are expected on each line ({error})") from error
    if clash:
        raise InputError(
            f"{new}: the id {clash[0]!r} is that of another text in {base}; extract with --unique-ids true"
        )


def merge_names(database: duckdb.DuckDBPyConnection, base: Path, new: Path, path: Path) -> None:
    """Write all names of two files, types and aliases united.

    Args:
        database: a workbench.
        base: names.jsonl of the graph.
        new: names.jsonl of what is added.
        path: file to write.
    """
    database.execute(NAMES_TABLE, [str(base), str(new)])
    _write(database, "names", path)


def merge_texts(
    database: duckdb.DuckDBPyConnection, base: Path, graph_csv: Path, standing: Path, folder: Path
) -> tuple[int, int]:
    """Write the texts that edges of the graph refer to, and the ids of the edges that were added.

    Args:
        database: a workbench.
        base: sentences.jsonl of the graph.
        graph_csv: folder of what was added.
        standing: what stood in the graph before, as `note_standing` writes it.
        folder: gets sentences.jsonl and added.jsonl.

    Returns:
        How many edges and texts are new.
    """
    database.execute(EDGES_TABLE, [str(graph_csv / EDGES_CSV), str(standing)])
    database.execute(TEXTS_TABLE, [str(graph_csv / SENTENCES_JSONL), str(base)])
    database.execute(ADDED_TABLE)
    counts = [one_number(database, f"SELECT count(*) FROM {table}") for table in ("added", "texts")]  # noqa: S608
    database.execute(f"INSERT INTO texts SELECT id, text FROM {TEXTS_OF}", [str(base)])  # noqa: S608
    _write(database, "texts", folder / SENTENCES_JSONL)
    _write(database, "added", folder / ADDED_JSONL)
    return counts[0], counts[1]


def _write(database: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """Write a table as JSON lines, sorted by id."""
    database.execute(f"COPY (SELECT * FROM {table} ORDER BY id) TO {as_sql(path)} (FORMAT JSON)")  # noqa: S608
