"""Merges the files beside a graph with those of a batch that is added, in bounded memory, sorted by id."""

from pathlib import Path

import duckdb

from ckgqa.runtime.artefacts import ADDED_JSONL, EDGE_SENTENCES_CSV, EDGES_CSV, NAMES_JSONL, TEXTS_JSONL
from ckgqa.runtime.errors import InputError
from ckgqa_neptune_load.building.edges import SOURCE
from ckgqa_neptune_load.database import query_int, sql_literal
from ckgqa_neptune_load.graph_csv.csv_format import EDGE_HEADER, EDGE_SENTENCE_HEADER, LABELLED
from ckgqa_neptune_load.targets.existing_edges import EXISTING_EDGES_HEADER

NAMES_OF = """
read_json(?, format = 'newline_delimited', columns = {
    id: 'VARCHAR', name: 'VARCHAR', types: 'VARCHAR[]', aliases: 'VARCHAR[]', pinyin: 'VARCHAR'})
"""
TEXTS_OF = "read_json(?, format = 'newline_delimited', columns = {id: 'VARCHAR', text: 'VARCHAR'})"
CSV_OF = "read_csv(?, header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', columns = {})"
EDGE_SENTENCES_OF = CSV_OF.format(dict.fromkeys(EDGE_SENTENCE_HEADER, "VARCHAR") | {"score": "DOUBLE"})

# One name is one vertex, so it stands once in each file.
NAMES_TABLE = f"""
CREATE TABLE names AS
SELECT id, coalesce(base.name, new.name) AS name,
       list_sort(list_distinct(list_concat(coalesce(base.types, []), coalesce(new.types, [])))) AS types,
       list_sort(list_distinct(list_concat(coalesce(base.aliases, []), coalesce(new.aliases, [])))) AS aliases,
       coalesce(base.pinyin, new.pinyin) AS pinyin
FROM {NAMES_OF} AS base FULL JOIN {NAMES_OF} AS new USING (id)
"""  # noqa: S608 -- no text from outside: the parts are constants
ID_CLASH = f"""
SELECT id FROM {TEXTS_OF} AS base JOIN {TEXTS_OF} AS new USING (id)
WHERE base.text <> new.text ORDER BY id LIMIT 1
"""  # noqa: S608
TEXTS_TABLE = f"CREATE TABLE texts AS SELECT new.id, new.text FROM {TEXTS_OF} AS new ANTI JOIN {TEXTS_OF} USING (id)"  # noqa: S608
# A sentence states an edge once: as a labelled one if either file says so.
EDGE_SENTENCES_ROWS = f"""
SELECT edge, sentence, {SOURCE} AS source, score
FROM (
    SELECT edge, sentence, bool_or(source = '{LABELLED}') AS labelled, max(score) AS score
    FROM edge_sentences GROUP BY edge, sentence
)
ORDER BY edge, labelled DESC, score DESC, sentence
"""  # noqa: S608
# The evidence that the graph holds once the CSV is loaded: an edge that existed before keeps its own.
EVIDENCE_TABLE = f"""
CREATE TABLE evidence AS
SELECT new."~id" AS id, old.id IS NULL AS is_new,
       unnest(string_split(coalesce(old.evidence, new."evidence:String"), ' ')) AS sentence
FROM {CSV_OF.format(dict.fromkeys(EDGE_HEADER, "VARCHAR"))} AS new
LEFT JOIN {CSV_OF.format(dict.fromkeys(EXISTING_EDGES_HEADER, "VARCHAR"))} AS old ON old.id = new."~id"
"""  # noqa: S608
# A run that broke off may have loaded edges into a server whose texts only this run writes: they count as added.
ADDED_TABLE = """
CREATE TABLE added AS
SELECT id FROM evidence WHERE is_new
UNION SELECT evidence.id FROM evidence SEMI JOIN texts ON evidence.sentence = texts.id
"""


def check_text_ids(database: duckdb.DuckDBPyConnection, base: Path, new: Path) -> None:
    """Reject new texts of which one has the id of another text of the graph.

    Args:
        database: a temporary database.
        base: texts.jsonl of the graph.
        new: texts.jsonl of the batch.

    Raises:
        InputError: there is such a text, or a line is broken.
    """
    try:
        clash = database.execute(ID_CLASH, [str(base), str(new)]).fetchone()
    except duckdb.InvalidInputException as error:
        raise InputError(f"{base} or {new}: id and text are expected on each line ({error})") from error
    if clash:
        raise InputError(
            f"{new}: the id {clash[0]!r} is that of another text in {base}; extract with --unique-ids true"
        )


def merge_names(database: duckdb.DuckDBPyConnection, base: Path, new: Path, output: Path) -> None:
    """Write all names of two folders, and unite the types and aliases of each.

    Args:
        database: a temporary database.
        base: folder of the graph.
        new: folder of the batch.
        output: folder to write to.
    """
    database.execute(NAMES_TABLE, [str(base / NAMES_JSONL), str(new / NAMES_JSONL)])
    _write_jsonl(database, "names", output / NAMES_JSONL)


def merge_edge_sentences(database: duckdb.DuckDBPyConnection, base: Path, new: Path, output: Path) -> None:
    """Write the sentences of each edge from two folders, each sentence once for an edge.

    Args:
        database: a temporary database.
        base: folder of the graph.
        new: folder of the batch.
        output: folder to write to.
    """
    union = f"SELECT * FROM {EDGE_SENTENCES_OF} UNION ALL SELECT * FROM {EDGE_SENTENCES_OF}"  # noqa: S608
    files = [str(folder / EDGE_SENTENCES_CSV) for folder in (base, new)]
    database.execute(f"CREATE TABLE edge_sentences AS {union}", files)
    target = sql_literal(output / EDGE_SENTENCES_CSV)
    database.execute(f"COPY ({EDGE_SENTENCES_ROWS}) TO {target} (FORMAT CSV, HEADER, DELIMITER ',')")
    database.execute("DROP TABLE edge_sentences")


def merge_texts(
    database: duckdb.DuckDBPyConnection, base: Path, new: Path, existing_edges: Path, output: Path
) -> tuple[int, int]:
    """Write the texts of two folders, and the ids of the edges that were added.

    Args:
        database: a temporary database.
        base: folder of the graph.
        new: folder of the batch.
        existing_edges: the edges of the batch that the graph had before, as `snapshot_existing_edges` writes them.
        output: folder to write to.

    Returns:
        How many edges and texts are new.
    """
    base_texts = str(base / TEXTS_JSONL)
    database.execute(TEXTS_TABLE, [str(new / TEXTS_JSONL), base_texts])
    database.execute(EVIDENCE_TABLE, [str(new / EDGES_CSV), str(existing_edges)])
    database.execute(ADDED_TABLE)
    counts = [query_int(database, f"SELECT count(*) FROM {table}") for table in ("added", "texts")]  # noqa: S608
    database.execute(f"INSERT INTO texts SELECT id, text FROM {TEXTS_OF}", [base_texts])  # noqa: S608
    _write_jsonl(database, "texts", output / TEXTS_JSONL)
    _write_jsonl(database, "added", output / ADDED_JSONL)
    return counts[0], counts[1]


def _write_jsonl(database: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """Write a table as JSON lines, sorted by id."""
    database.execute(f"COPY (SELECT * FROM {table} ORDER BY id) TO {sql_literal(path)} (FORMAT JSON)")  # noqa: S608
