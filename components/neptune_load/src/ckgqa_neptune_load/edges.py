"""Makes the edges: duplicates merged, with their count and the best evidence kept.

Every triple says one edge, subject to `@value`; a triple with more slots also says a fact vertex and its edges.
Table `edges`: id, source_id, target_id, label, labelled, score, sentences (their number), first, second, third.
"""

from pathlib import Path

import duckdb

from ckgqa.runtime.artefacts import SUBJECT
from ckgqa_neptune_load.database import as_sql
from ckgqa_neptune_load.formats import EDGE_HEADER

FACTS_TABLE = """
CREATE TABLE facts AS
SELECT digest(concat_ws(chr(31), subject, predicate, array_to_string(list_sort(
           list_transform(map_entries(slots), lambda entry: entry.key || '=' || entry.value)), chr(31)))) AS id,
       subject, predicate, slots, sentence, labelled, score
FROM triples WHERE cardinality(slots) > 1
"""
# One row for each time a sentence says an edge.
SAYINGS_TABLE = f"""
CREATE TABLE sayings AS
SELECT digest(concat_ws(chr(31), subject, predicate, slots['@value'])) AS id, digest(subject) AS source_id,
       digest(slots['@value']) AS target_id, predicate AS label, sentence, labelled, score
FROM triples
UNION ALL
SELECT digest(hex(id) || chr(31) || slot.key), id, digest(slot.value), slot.key, sentence, labelled, score
FROM (SELECT *, unnest(map_entries(slots)) AS slot FROM facts)
UNION ALL
SELECT digest(hex(id) || chr(31) || '{SUBJECT}'), id, digest(subject), '{SUBJECT}', sentence, labelled, score
FROM facts
"""  # noqa: S608 -- no text from outside: the part is a constant
# A sentence counts once, labelled if it is labelled at all; then the best three stand first.
EDGES_TABLE = """
CREATE TABLE edges AS
WITH once AS (
    SELECT id, source_id, target_id, label, sentence, bool_or(labelled) AS labelled, max(score) AS score
    FROM sayings GROUP BY ALL
)
SELECT id, source_id, target_id, label, labelled, score,
       count(*) OVER (best ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS sentences,
       sentence AS first, lead(sentence, 1) OVER best AS second, lead(sentence, 2) OVER best AS third
FROM once
WINDOW best AS (PARTITION BY id ORDER BY labelled DESC, score DESC, sentence)
QUALIFY row_number() OVER best = 1
"""
ROWS = """
SELECT hex(id), hex(source_id), hex(target_id), label, CASE WHEN labelled THEN 'labelled' ELSE 'extracted' END,
       score, sentences, concat_ws(' ', first, second, third)
FROM edges ORDER BY id
"""


def make_edges(database: duckdb.DuckDBPyConnection) -> None:
    """Make the tables `facts` and `edges` from `triples`."""
    database.execute(FACTS_TABLE)
    database.execute(SAYINGS_TABLE)
    database.execute(EDGES_TABLE)
    database.execute("DROP TABLE sayings")


def write_edges(database: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write `edges` in Neptune's format, sorted by id."""
    columns = ", ".join(f'"{name}"' for name in EDGE_HEADER)
    database.execute(
        f"COPY (SELECT * FROM ({ROWS}) AS rows({columns})) TO {as_sql(path)} (FORMAT CSV, HEADER, DELIMITER ',')"  # noqa: S608
    )
