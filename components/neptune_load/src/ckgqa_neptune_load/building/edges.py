"""Makes the edges, merges duplicates, and records every sentence that states an edge.

Every triple states one edge, subject to `@value`; a triple with more slots also states a fact vertex and its edges.

| table | a row for each | columns |
| --- | --- | --- |
| `facts` | triple with more slots | id, subject, predicate, slots, sentence, labelled, score |
| `statements` | edge and sentence that states it | id, source_id, target_id, label, sentence, labelled, score |
| `edges` | edge | id, source_id, target_id, label, labelled, score, sentences (their number), first, second, third |
"""

from pathlib import Path

import duckdb

from ckgqa.runtime.artefacts import SUBJECT
from ckgqa_neptune_load.database import sql_literal
from ckgqa_neptune_load.graph_csv.csv_format import EDGE_HEADER, EDGE_SENTENCE_HEADER, EXTRACTED, LABELLED

FACTS_TABLE = """
CREATE TABLE facts AS
SELECT digest(concat_ws(chr(31), subject, predicate, array_to_string(list_sort(
           list_transform(map_entries(slots), lambda entry: entry.key || '=' || entry.value)), chr(31)))) AS id,
       subject, predicate, slots, sentence, labelled, score
FROM triples WHERE cardinality(slots) > 1
"""
# A sentence states an edge once, and as a labelled one if any of its triples is labelled.
STATEMENTS_TABLE = f"""
CREATE TABLE statements AS
SELECT id, source_id, target_id, label, sentence, bool_or(labelled) AS labelled, max(score) AS score
FROM (
    SELECT digest(concat_ws(chr(31), subject, predicate, slots['@value'])) AS id, digest(subject) AS source_id,
           digest(slots['@value']) AS target_id, predicate AS label, sentence, labelled, score
    FROM triples
    UNION ALL
    SELECT digest(hex(id) || chr(31) || slot.key), id, digest(slot.value), slot.key, sentence, labelled, score
    FROM (SELECT *, unnest(map_entries(slots)) AS slot FROM facts)
    UNION ALL
    SELECT digest(hex(id) || chr(31) || '{SUBJECT}'), id, digest(subject), '{SUBJECT}', sentence, labelled, score
    FROM facts
)
GROUP BY ALL
"""  # noqa: S608 -- no text from outside: the part is a constant
# The best three sentences are the edge's evidence.
EDGES_TABLE = """
CREATE TABLE edges AS
SELECT id, source_id, target_id, label, labelled, score,
       count(*) OVER (best ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS sentences,
       sentence AS first, lead(sentence, 1) OVER best AS second, lead(sentence, 2) OVER best AS third
FROM statements
WINDOW best AS (PARTITION BY id ORDER BY labelled DESC, score DESC, sentence)
QUALIFY row_number() OVER best = 1
"""
SOURCE = f"CASE WHEN labelled THEN '{LABELLED}' ELSE '{EXTRACTED}' END"
EDGE_ROWS = f"""
SELECT hex(id), hex(source_id), hex(target_id), label, {SOURCE}, score, sentences, concat_ws(' ', first, second, third)
FROM edges ORDER BY id
"""  # noqa: S608 -- the part is a constant
EDGE_SENTENCE_ROWS = f"""
SELECT hex(id), sentence, {SOURCE}, score
FROM statements ORDER BY id, labelled DESC, score DESC, sentence
"""  # noqa: S608


def make_edges(database: duckdb.DuckDBPyConnection) -> None:
    """Make the tables `facts`, `statements` and `edges` from `triples`."""
    database.execute(FACTS_TABLE)
    database.execute(STATEMENTS_TABLE)
    database.execute(EDGES_TABLE)


def write_edges(database: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write `edges` in Neptune's format, sorted by id."""
    _write_csv(database, EDGE_ROWS, EDGE_HEADER, path)


def write_edge_sentences(database: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write every sentence of every edge, sorted by edge and then the best first, and drop `statements`."""
    _write_csv(database, EDGE_SENTENCE_ROWS, EDGE_SENTENCE_HEADER, path)
    database.execute("DROP TABLE statements")


def _write_csv(database: duckdb.DuckDBPyConnection, rows: str, header: tuple[str, ...], path: Path) -> None:
    columns = ", ".join(f'"{name}"' for name in header)
    database.execute(
        f"COPY (SELECT * FROM ({rows}) AS rows({columns})) TO {sql_literal(path)} (FORMAT CSV, HEADER, DELIMITER ',')"  # noqa: S608
    )
