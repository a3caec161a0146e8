"""Evaluates the extracted edges against the labels of the test texts: the quality that a user of the graph sees.

An edge is a distinct (subject, predicate, @value). Only test texts that the model extracted from count, on both sides.
"""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ckgqa.metrics import PrecisionRecall
from ckgqa.runtime.errors import InputError
from ckgqa_neptune_load.building.line_checks import raise_at_bad_line
from ckgqa_neptune_load.building.tidy_names import tidy_gold
from ckgqa_neptune_load.building.triples import READ
from ckgqa_neptune_load.database import query_int

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
PREDICTED_TABLE = """
CREATE TABLE predicted AS
SELECT DISTINCT subject, predicate, slots['@value'] AS value
FROM triples SEMI JOIN test ON sentence = test.id
WHERE NOT labelled
"""
CORRECT = "SELECT count(*) FROM predicted SEMI JOIN gold USING (subject, predicate, value)"


@dataclass(frozen=True)
class EdgeQuality:
    """Counts over the test texts that the model extracted from."""

    texts: int = 0
    edges: PrecisionRecall = field(default_factory=PrecisionRecall)
    """Distinct edges."""

    @property
    def precision(self) -> float | None:
        """The share of the predicted edges that are labelled; None if no edge was predicted."""
        return self.edges.precision if self.edges.predicted else None

    @property
    def recall(self) -> float | None:
        """The share of the labelled edges that were predicted; None if no edge is labelled."""
        return self.edges.recall if self.edges.gold else None


def evaluate_edges(database: duckdb.DuckDBPyConnection, test: Path, facts: Path) -> EdgeQuality:
    """Compare the edges extracted from test texts (table `triples`) with the labels of those texts.

    Raises:
        InputError: a line of `test` breaks the contract.
    """
    try:
        database.execute(TEST_TABLES, [str(test), str(facts)])
    except duckdb.InvalidInputException as error:
        raise_at_bad_line(test, scored=False)
        raise InputError(f"{test}: {error}") from error
    database.execute(GOLD_TABLE)
    tidy_gold(database)
    database.execute(PREDICTED_TABLE)
    return EdgeQuality(
        texts=query_int(database, "SELECT count(*) FROM test"),
        edges=PrecisionRecall(
            correct=query_int(database, CORRECT),
            predicted=query_int(database, "SELECT count(*) FROM predicted"),
            gold=query_int(database, "SELECT count(*) FROM gold"),
        ),
    )
