"""`ckgqa graph show NAME`: the facts about a name, with evidence; `ckgqa graph schema`: what can be asked."""

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import click
from gremlin_python.process.anonymous_traversal import traversal
from gremlin_python.process.graph_traversal import GraphTraversalSource, __
from gremlin_python.process.traversal import P, T
from rich.table import Table

from ckgqa.cli.graph_schema import PredicateSummary, Types, summarize_graph
from ckgqa.cli.near_names import NamedVertex, near_names
from ckgqa.cli.options import graph_option, graph_url_option, json_option, limit_option, runs_dir_option
from ckgqa.cli.text_arguments import TextCommand
from ckgqa.execution.console import OutputConsole
from ckgqa.execution.records.graph_lookup import address_elsewhere, find_graph
from ckgqa.graph.connection import connect
from ckgqa.graph.ids import entity_id
from ckgqa.runtime.artefacts import GRAPH_DB, NAMES_JSONL, SUBJECT, TEXTS_JSONL, VALUE
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import JsonObject, read_jsonl
from ckgqa.runtime.names import tidy_name
from ckgqa.runtime.words import whole_text


@dataclass(frozen=True)
class FactRow:
    """One edge of the graph, as it is shown."""

    subject: str
    predicate: str
    object: str
    source: Literal["labelled", "extracted"]
    score: float
    evidence: tuple[str, ...]
    """Ids of sentences."""


@click.group("graph")
def graph_commands() -> None:
    """Look into a graph."""


@graph_commands.command("show", cls=TextCommand)
@click.argument("name")
@graph_option
@limit_option
@graph_url_option
@runs_dir_option
def show_name(name: str, graph: str, limit: int, graph_url: str, runs_dir: Path) -> None:
    """Show the facts about NAME.

    Facts with NAME as the subject come first, then those with NAME as the object, then those with NAME in another slot.
    White space and title marks around NAME do not count.
    """
    name = whole_text("NAME", name)
    folder = find_graph(runs_dir, graph)
    with closing(connect(graph_url or graph_address(folder), read_only=True)) as connection:
        g = traversal().with_remote(connection)
        facts = find_facts(g, name, limit) or find_facts(g, tidy_name(name), limit)
    if not facts:
        raise InputError(f"{name}: the graph has no fact about this name{_near(folder, name)}")
    texts = _texts(folder, {one for fact in facts for one in fact.evidence[:1]})
    table = Table("subject", "predicate", "object", "source", "score", "evidence", show_edge=False, pad_edge=False)
    for fact in facts:
        evidence = texts.get(fact.evidence[0], fact.evidence[0]) if fact.evidence else ""
        table.add_row(fact.subject, fact.predicate, fact.object, fact.source, f"{fact.score:.2f}", evidence)
    OutputConsole().print(table)


@graph_commands.command("schema")
@json_option
@graph_option
@graph_url_option
@runs_dir_option
def show_schema(as_json: bool, graph: str, graph_url: str, runs_dir: Path) -> None:
    """Show what can be asked of the graph.

    For each predicate: the number of its facts, the types of subjects, values and further slots, and a question that
    the graph answers.
    """
    folder = find_graph(runs_dir, graph)
    address = graph_url or graph_address(folder)
    with closing(connect(address, read_only=True)) as connection:
        predicates = summarize_graph(traversal().with_remote(connection))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in predicates], ensure_ascii=False, indent=2))
    elif predicates:
        OutputConsole().print(_schema_table(predicates))
    else:
        click.echo(
            f"{folder}: the graph has no facts, so nothing can be asked; `ckgqa add notes.txt` adds those of texts"
        )


def _schema_table(predicates: Iterable[PredicateSummary]) -> Table:
    table = Table("predicate", "facts", "subject", "value", "further slots", show_edge=False, pad_edge=False)
    # A question in Chinese is one word to rich, which would cut it.
    table.add_column("such as", overflow="fold")
    for one in predicates:
        slots = ", ".join(f"{role}: {_joined(types)}" for role, types in one.slots.items())
        types = _joined(one.subject_types), _joined(one.value_types)
        table.add_row(one.predicate, f"{one.facts:,}", *types, slots, one.example.question)
    return table


def _joined(types: Types) -> str:
    return ", ".join(types)


def graph_address(folder: Path) -> str:
    """Return the address of the graph: the embedded file in its folder, or the server that was loaded."""
    return address_elsewhere(folder) or str(folder / GRAPH_DB)


def find_facts(g: GraphTraversalSource, name: str, limit: int) -> list[FactRow]:
    """Query the facts about a name, those of which it is the subject first, at most `limit` in all."""
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
    """Query what is shown of each edge; `other` walks to the name at its other end."""
    described = edges.project("predicate", "other", "source", "score", "evidence")
    described = described.by(T.label).by(other).by("source").by("score").by("evidence")
    yield from described.to_list()


def _with_slot(edges: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Query the shown fields of the facts with a name in another slot, from the edges of that slot."""
    described = edges.project("slot", "subject", "value", "predicate", "source", "score", "evidence").by(T.label)
    for role in (SUBJECT, VALUE):
        described = described.by(__.out_v().out(role).values("name"))
    yield from described.by(__.out_v().values("predicate")).by("source").by("score").by("evidence").to_list()


def _slot_fact(row: dict[str, Any], name: str) -> FactRow:
    return _fact({**row, "other": row["subject"]}, object=f"{row['value']} ({row['slot']}: {name})")


def _fact(row: dict[str, Any], **known: str) -> FactRow:
    """Make a fact of an answer; `known` is the end that the query started from."""
    ends = {"subject": row["other"], "object": row["other"], **known}
    evidence = tuple(row["evidence"].split())
    return FactRow(ends["subject"], row["predicate"], ends["object"], row["source"], float(row["score"]), evidence)


def _texts(folder: Path, ids: Iterable[str]) -> dict[str, str]:
    """Read the sentences with these ids."""
    wanted = set(ids)
    lines = read_jsonl(folder / TEXTS_JSONL)
    return {str(line["id"]): str(line["text"]) for _, line in lines if line["id"] in wanted}


def _near(folder: Path, name: str) -> str:
    """Name a few vertices whose names are near the name."""
    vertices = (_named_vertex(line) for _, line in read_jsonl(folder / NAMES_JSONL))
    near = near_names(vertices, name)
    return f"; did you mean {', '.join(near)}?" if near else ""


def _named_vertex(line: JsonObject) -> NamedVertex:
    aliases = line.get("aliases")
    return NamedVertex(str(line["name"]), tuple(map(str, aliases)) if isinstance(aliases, list) else ())
