"""Writes every text that was read, with a fact or without one, once."""

from pathlib import Path

import duckdb

from ckgqa.runtime.errors import InputError
from ckgqa_neptune_load.building.line_checks import raise_at_bad_line
from ckgqa_neptune_load.building.triples import WITH_WHITE_SPACE, SourceFiles
from ckgqa_neptune_load.database import query_int, sql_literal

TEXTS_TABLE = """
CREATE TABLE texts AS
SELECT DISTINCT id, text
FROM read_json(?, format = 'newline_delimited', columns = {id: 'VARCHAR', text: 'VARCHAR'})
"""
FLAWED = f"SELECT count(*) FROM texts WHERE coalesce(id, '') = '' OR {WITH_WHITE_SPACE.format('id')} OR text IS NULL"  # noqa: S608 -- the part is a constant
ID_CLASH = "SELECT id FROM texts GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 1"


def write_texts(database: duckdb.DuckDBPyConnection, sources: SourceFiles, path: Path) -> int:
    """Write id and text of each line of the inputs, sorted by id, and return their number.

    Raises:
        InputError: a line breaks the contract, or two different texts have one id.
    """
    files = ", ".join(map(str, sources.text_files))
    try:
        database.execute(TEXTS_TABLE, [list(map(str, sources.text_files))])
    except duckdb.InvalidInputException as error:
        _raise_at_bad_line(sources)
        raise InputError(f"{files}: {error}") from error
    if query_int(database, FLAWED):
        _raise_at_bad_line(sources)
        raise InputError(f"{files}: a line has no id or no text")
    clash = database.execute(ID_CLASH).fetchone()
    if clash:
        raise InputError(f"two different texts have the id {clash[0]!r} in {files}; ids must be unique")
    database.execute(f"COPY (SELECT id, text FROM texts ORDER BY id) TO {sql_literal(path)} (FORMAT JSON)")  # noqa: S608
    return query_int(database, "SELECT count(*) FROM texts")


def _raise_at_bad_line(sources: SourceFiles) -> None:
    for path in sources.text_files:
        raise_at_bad_line(path, scored=path == sources.extracted)
