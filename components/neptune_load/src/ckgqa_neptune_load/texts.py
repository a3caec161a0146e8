"""Writes the text of every sentence that an edge refers to."""

from pathlib import Path

import duckdb

from ckgqa.runtime.errors import InputError
from ckgqa_neptune_load.database import as_sql, one_number

TEXTS_TABLE = """
CREATE TABLE texts AS
WITH evidence AS (SELECT DISTINCT unnest([first, second, third]) AS sentence FROM edges)
SELECT DISTINCT id, text
FROM read_json(?, format = 'newline_delimited', columns = {id: 'VARCHAR', text: 'VARCHAR'})
SEMI JOIN evidence ON id = sentence
"""
TWICE = "SELECT id FROM texts GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 1"


def write_texts(database: duckdb.DuckDBPyConnection, files: list[str], path: Path) -> int:
    """Write `id` and `text` of each sentence that the table `edges` refers to, sorted by id; return their number.

    Raises:
        InputError: two different texts have one id.
    """
    database.execute(TEXTS_TABLE, [files])
    clash = database.execute(TWICE).fetchone()
    if clash:
        raise InputError(f"two different texts have the id {clash[0]!r} in {', '.join(files)}; ids must be unique")
    database.execute(f"COPY (SELECT id, text FROM texts ORDER BY id) TO {as_sql(path)} (FORMAT JSON)")  # noqa: S608
    return one_number(database, "SELECT count(*) FROM texts")
