"""Takes off what does not belong to a name: a folder of an older version, or of another program, may have such names.

Without this, `蓝色海岸 ` and `蓝色海岸` would be two vertices. `ckgqa.runtime.names` has the rule.
"""

import logging

import duckdb

from ckgqa.runtime.names import LOOSE, tidy_name
from ckgqa_neptune_load.database import query_int

logger = logging.getLogger(__name__)

FETCH_ROWS = 4096
NAMES_OF_TRIPLES = "SELECT subject AS name FROM triples UNION ALL SELECT unnest(map_values(slots)) FROM triples"
NAMES_OF_GOLD = "SELECT subject AS name FROM gold UNION ALL SELECT value FROM gold"
# Few names begin or end with such a character, and Python reads no others.
SUSPICIOUS = """
SELECT DISTINCT name FROM ({names}) WHERE contains(?, left(name, 1)) OR contains(?, right(name, 1))
"""
TIDY_SUBJECTS = "UPDATE {table} SET subject = tidied.tidy FROM tidied WHERE subject = tidied.name"
TIDY_VALUES = "UPDATE gold SET value = tidied.tidy FROM tidied WHERE value = tidied.name"
# A slot of which nothing is left is dropped; without a subject or a value there is no fact.
TIDY_SLOTS = """
WITH affected AS (
    SELECT DISTINCT row FROM (SELECT rowid AS row, unnest(map_values(slots)) AS value FROM triples)
    SEMI JOIN tidied ON value = tidied.name
)
UPDATE triples SET slots = new.slots
FROM (
    SELECT row, map_from_entries(list({'key': slot.key, 'value': coalesce(tidy, slot.value)} ORDER BY slot.key)
                                 FILTER (WHERE coalesce(tidy, slot.value) <> '' OR slot.key = '@value')) AS slots
    FROM (SELECT rowid AS row, unnest(map_entries(slots)) AS slot FROM triples
          WHERE rowid IN (SELECT row FROM affected))
    LEFT JOIN tidied ON slot.value = tidied.name
    GROUP BY row
) AS new
WHERE triples.rowid = new.row
"""
DROP_NAMELESS = "DELETE FROM triples WHERE subject = '' OR slots['@value'] = ''"


def tidy_triples(database: duckdb.DuckDBPyConnection) -> None:
    """Take off what does not belong to the names of the table `triples`, and drop the triples without a name."""
    found = _find(database, NAMES_OF_TRIPLES)
    if found:
        database.execute(TIDY_SUBJECTS.format(table="triples"))
        database.execute(TIDY_SLOTS)
        database.execute(DROP_NAMELESS)
        logger.warning("%d names had white space or loose marks at their ends, which were taken off", found)
    database.execute("DROP TABLE tidied")


def tidy_gold(database: duckdb.DuckDBPyConnection) -> None:
    """Do the same with the names of the table `gold`, so that they are compared with those of `triples`."""
    if _find(database, NAMES_OF_GOLD):
        database.execute(TIDY_SUBJECTS.format(table="gold"))
        database.execute(TIDY_VALUES)
        database.execute(
            "CREATE OR REPLACE TABLE gold AS SELECT DISTINCT * FROM gold WHERE subject <> '' AND value <> ''"
        )
    database.execute("DROP TABLE tidied")


def _find(database: duckdb.DuckDBPyConnection, names: str) -> int:
    """Make the table `tidied`, a row for each name that changes; return the number of rows."""
    database.execute("CREATE TABLE tidied (name VARCHAR, tidy VARCHAR)")
    with database.cursor() as reader:
        reader.execute(SUSPICIOUS.format(names=names), [LOOSE] * 2)
        while rows := reader.fetchmany(FETCH_ROWS):
            changed = [(name, tidy) for (name,) in rows if (tidy := tidy_name(name)) != name]
            old, new = [name for name, _ in changed], [tidy for _, tidy in changed]
            database.execute("INSERT INTO tidied SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[])", [old, new])
    return query_int(database, "SELECT count(*) FROM tidied")
