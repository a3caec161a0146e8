"""`ckgqa graph show NAME`: what a graph says of a name, with the sentences that say it."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from gremlin_python.process.anonymous_traversal import traversal
from gremlin_python.process.graph_traversal import GraphTraversalSource, __
from gremlin_python.process.traversal import P, T
from rich.console import Console
from rich.table import Table

from ckgqa.bundle.pipelines.graphs import LAST, address_elsewhere, find_graph
from ckgqa.cli.places import runs_dir_option
from ckgqa.graph.connection import connect
from ckgqa.graph.ids import entity_id
from ckgqa.runtime.artefacts import GRAPH_DB, NAMES_JSONL, SENTENCES_JSONL, SUBJECT, VALUE
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_jsonl

MAX_NEAR_NAMES = 5


@dataclass(frozen=True)
class Fact:
    """One edge of the graph, as it is shown."""

    subject: str
    predicate: str
    object: str
    source: str
    score: float
    evidence: tuple[str, ...]
    """Ids of sentences."""


@click.group()
def graph() -> None:
    """Ask the graph that a run has built."""


@graph.command("show")
@click.argument("name")
@click.option(
    "--run",
    "graph_name",
    metavar="RUN|FOLDER",
    default=LAST,
    show_default=True,
    help="Whose graph is asked: a run, a graph's own folder, or the newest run that has a graph.",
)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="The most facts to show.")
@click.option("--graph-url", default="", help="The graph's address, where it needs a password: a run keeps none.")
@runs_dir_option
def show_name(name: str, graph_name: str, limit: int, graph_url: str, runs_dir: Path) -> None:
    """Show the facts about NAME: what it is the subject of, what has it for an object, then for another slot."""
    folder = find_graph(runs_dir, graph_name)
    with closing(connect(graph_url or graph_address(folder), read_only=True)) as connection:
        facts = find_facts(traversal().with_remote(connection), name, limit)
    if not facts:
        raise InputError(f"the graph has nothing on {name!r}{_near(folder, name)}")
    texts = _texts(folder, {one for fact in facts for one in fact.evidence[:1]})
    table = Table("subject", "predicate", "object", "source", "score", "evidence", show_edge=False, pad_edge=False)
    for fact in facts:
        evidence = texts.get(fact.evidence[0], fact.evidence[0]) if fact.evidence else ""
        table.add_row(fact.subject, fact.predicate, fact.object, fact.source, f"{fact.score:.2f}", evidence)
    Console().print(table)


def graph_address(folder: Path) -> str:
    """Return where the graph is: the embedded file in its folder, or the address that was loaded."""
    return address_elsewhere(folder) or str(folder / GRAPH_DB)


def find_facts(g: GraphTraversalSource, name: str, limit: int) -> list[Fact]:
    """Ask for the facts about a name, those of which it is the subject first, at most `limit` in all."""
    vertex = entity_id(name)
    edges = g.V(vertex).out_e().limit(limit)
    found = [_fact(row, subject=name) for row in _described(edges, __.in_v().values("name"))]
    if len(found) < limit:
        edges = g.V(vertex).in_e().where(__.out_v().has_label("entity")).limit(limit - len(found))
        found += [_fact(row, object=name) for row in _described(edges, __.out_v().values("name"))]
    if len(found) < limit:
        edges = g.V(vertex).in_e().has_label(P.without(SUBJECT, VALUE)).where(__.out_v().has_label("fact"))
        found += [_slot_fact(row, name) for row in _with_slot(edges.limit(limit - len(found)))]
    return found


def _described(edges: Any, other: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 -- gremlinpython is not typed
    """Ask for what is shown of each edge; `other` walks to the name at its other end."""
    described = edges.project("predicate", "other", "source", "score", "evidence")
    described = described.by(T.label).by(other).by("source").by("score").by("evidence")
    yield from described.to_list()


def _with_slot(edges: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Ask for what is shown of the facts that have a name in another slot, by the edges that say so."""
    described = edges.project("slot", "subject", "value", "predicate", "source", "score", "evidence").by(T.label)
    for role in (SUBJECT, VALUE):
        described = described.by(__.out_v().out(role).values("name"))
    yield from described.by(__.out_v().values("predicate")).by("source").by("score").by("evidence").to_list()


def _slot_fact(row: dict[str, Any], name: str) -> Fact:
    return _fact({**row, "other": row["subject"]}, object=f"{row['value']} ({row['slot']}: {name})")


def _fact(row: dict[str, Any], **known: str) -> Fact:
    """Make a fact of an answer; `known` is the end that was asked for."""
    ends = {"subject": row["other"], "object": row["other"], **known}
    evidence = tuple(row["evidence"].split())
    return Fact(ends["subject"], row["predicate"], ends["object"], row["source"], float(row["score"]), evidence)


def _texts(folder: Path, ids: Iterable[str]) -> dict[str, str]:
    """Read the sentences with these ids."""
    wanted = set(ids)
    lines = read_jsonl(folder / SENTENCES_JSONL)
    return {str(line["id"]): str(line["text"]) for _, line in lines if line["id"] in wanted}


def _near(folder: Path, name: str) -> str:
    """Name a few vertices that have the name in theirs."""
    lines = read_jsonl(folder / NAMES_JSONL)
    near = [str(line["name"]) for _, line in lines if name in str(line["name"])][:MAX_NEAR_NAMES]
    return f"; it knows: {', '.join(near)}" if near else ""
