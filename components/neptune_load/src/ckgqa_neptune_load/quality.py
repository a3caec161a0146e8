"""Judges the extracted edges by the labels of the test texts: what a user of the graph gets.

An edge is a distinct (subject, predicate, @value). Only test texts that were extracted from count, on both sides.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from ckgqa.runtime.errors import InputError
from ckgqa_neptune_load.database import one_number
from ckgqa_neptune_load.records import refuse_bad_lines
from ckgqa_neptune_load.triples import READ

TEST_TABLES = f"""
CREATE TABLE test AS
SELECT test.id, test.triples FROM ({READ}) AS test
SEMI JOIN read_json(?, format = 'newline_delimited', columns = {{id: 'VARCHAR'}}) AS extracted ON test.id = extracted.id
"""  # noqa: S608 -- no text from outside: the part is a constant
GOLD_TABLE = """
CREATE TABLE gold AS
SELECT DISTINCT t.subject AS subject, t.predicate AS predicate, t."object"['@value'] AS value
FROM (SELECT unnest(triples) AS t FROM test)
"""
FOUND_TABLE = """
CREATE TABLE found AS
SELECT DISTINCT subject, predicate, slots['@value'] AS value
FROM triples SEMI JOIN test ON sentence = test.id
WHERE NOT labelled
"""


@dataclass(frozen=True)
class EdgeQuality:
    """Counts of distinct edges over the test texts, and what follows from them."""

    texts: int
    gold: int
    found: int
    right: int

    @property
    def precision(self) -> float | None:
        """The share of the found edges that are right; None where none was found."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """The share of the right edges that were found; None where there is none."""
        return self.right / self.gold if self.gold else None


def judge(database: duckdb.DuckDBPyConnection, test: Path, facts: Path) -> EdgeQuality:
    """Compare the edges extracted from test texts (table `triples`) with the labels of those texts.

    Raises:
        InputError: a line of `test` breaks the contract.
    """
    try:
        database.execute(TEST_TABLES, [str(test), str(facts)])
    except duckdb.InvalidInputException as error:
        refuse_bad_lines(test, scored=False)
        raise InputError(f"{test}: {error}") from error
    database.execute(GOLD_TABLE)
    database.execute(FOUND_TABLE)
    return EdgeQuality(
        texts=one_number(database, "SELECT count(*) FROM test"),
        gold=one_number(database, "SELECT count(*) FROM gold"),
        found=one_number(database, "SELECT count(*) FROM found"),
        right=one_number(database, "SELECT count(*) FROM found SEMI JOIN gold USING (subject, predicate, value)"),
    )
