"""Which predicates have one value a subject: measured on the facts of the graph that answers.

That a country has another capital answers whether a city is its capital; that a singer has other songs does not answer
whether he sang this one. The measured share of subjects with two or more values tells the two apart. Few facts are
weak evidence: the share starts from what DuIE's labelled triples say about a predicate of that name
(`value_counts.tsv`), and from one half for a predicate that they do not have.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from gremlin_python.process.graph_traversal import __

from ckgqa_answer.retrieval.facts import LABELLED
from ckgqa_answer.retrieval.graph_client import GraphClient
from ckgqa_answer.retrieval.queries import ENTITY

ONE_VALUE_SHARE = 0.05
"""Share of subjects with two or more values below which a predicate has one value a subject; 25 of DuIE's 48 have."""
USUALLY_ONE_SHARE = 0.1
"""The same for predicates that usually have one value: 妻子 (wife) has 0.06."""
PRIOR_SUBJECTS = 20
"""Subjects that the typical share counts as: with fewer in the graph, what DuIE says outweighs what is measured."""
UNKNOWN_SHARE = 0.5
"""The share of a predicate before anything is known of it."""
SAMPLED_EDGES = 2000
"""Facts whose subjects are counted; a subject is counted with all its values."""
SURE_SCORE = 0.8
"""Score from which on an extracted fact is counted: 80 % and more of these are right, see the README."""
MAX_AGE_S = 600.0
"""Seconds after which a share is measured again, since the graph grows."""


class ValueCounts:
    """Measures how many values the subjects of a predicate have. Threads may share it.

    Args:
        graph: the graph.
    """

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph
        self._lock = threading.Lock()
        self._shares: dict[str, tuple[float, float]] = {}
        """The share, and when it was measured, by predicate."""

    def has_one_value(self, predicate: str) -> bool:
        """Return whether a subject has one value of a predicate.

        Raises:
            GraphError: the graph is down, late or busy.
        """
        return self._share(predicate) < ONE_VALUE_SHARE

    def has_usually_one_value(self, predicate: str) -> bool:
        """Return whether nearly every subject has one value of a predicate.

        Raises:
            GraphError: the graph is down, late or busy.
        """
        return self._share(predicate) < USUALLY_ONE_SHARE

    def _share(self, predicate: str) -> float:
        now = time.monotonic()
        with self._lock:
            share, measured = self._shares.get(predicate, (0.0, -MAX_AGE_S))
        if now - measured >= MAX_AGE_S:
            share = self._measured(predicate)
            with self._lock:
                self._shares[predicate] = share, now
        return share

    def _measured(self, predicate: str) -> float:
        """Measure the share on labelled facts if there are any, otherwise on extracted ones of a high score."""
        rows = self._graph.run(
            lambda g: (
                g.E().has_label(predicate).limit(SAMPLED_EDGES).out_v().has_label(ENTITY).dedup()
                .out_e(predicate).project("subject", "value", "source", "score")
                .by(__.out_v().id_()).by(__.in_v().id_())
                .by(__.coalesce(__.values("source"), __.constant("")))
                .by(__.coalesce(__.values("score"), __.constant(0.0))).to_list()
            )
        )  # fmt: skip
        labelled = [row for row in rows if row["source"] == LABELLED]
        sure = labelled or [row for row in rows if row["score"] >= SURE_SCORE]
        return share_with_several(predicate, _values_by_subject(sure))


def share_with_several(predicate: str, values: Mapping[Any, Iterable[Any]]) -> float:
    """Return the share of subjects with two or more values of a predicate.

    Args:
        predicate: its name.
        values: the distinct values by subject.
    """
    several = sum(1 for of_one in values.values() if len(set(of_one)) > 1)
    prior = _typical_shares().get(predicate, UNKNOWN_SHARE)
    return (several + PRIOR_SUBJECTS * prior) / (len(values) + PRIOR_SUBJECTS)


def _values_by_subject(rows: Iterable[Mapping[str, Any]]) -> Mapping[Any, set[Any]]:
    values: defaultdict[Any, set[Any]] = defaultdict(set)
    for row in rows:
        values[row["subject"]].add(row["value"])
    return values


@cache
def _typical_shares() -> Mapping[str, float]:
    text = files(__package__).joinpath("value_counts.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {predicate: float(share) for predicate, share, _ in rows}
