"""`ckgqa add notes.txt`: what your own sentences say comes to a graph, and is shown with the sentence that says it."""

import shlex
from collections.abc import Iterable
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ckgqa.bundle.pipelines.graphs import LAST, address_elsewhere, find_graph, graph_of
from ckgqa.bundle.pipelines.live import watch
from ckgqa.bundle.pipelines.prepare import Request, WayName
from ckgqa.bundle.pipelines.record import RunRecord
from ckgqa.bundle.pipelines.run import locked, run_pipeline
from ckgqa.cli.added import Added, AddedFact, Listed, read_added
from ckgqa.cli.models import models_dir_option
from ckgqa.cli.places import RUNS, runs_dir_option
from ckgqa.cli.run import with_known_graph
from ckgqa.registry.choosing import choose_model
from ckgqa.registry.keeping import USUAL
from ckgqa.runtime.artefacts import REPORT_JSON
from ckgqa.runtime.jsonlines import read_json

PIPELINE = "add-texts"
GROUP = "extraction-model"
BUSY = "texts are being added to a graph of these runs; add these afterwards, so that neither is lost"
MAX_BAD_FRACTION = 0.5
"""A person sees each line that could not be read; more than half of them are a file of another kind."""


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--graph",
    "graph_name",
    metavar="RUN|FOLDER",
    default=LAST,
    show_default=True,
    help="The graph: that of a run, that in a folder, or the newest that a run has made.",
)
@click.option("--graph-url", default="", help="The graph's address, where it needs a password: a run keeps none.")
@click.option(
    "--model",
    "model_name",
    metavar="MODEL",
    help="The model that extracts: a folder, or extraction-model/VERSION.  [default: the newest approved one]",
)
@models_dir_option
@click.option(
    "--max-bad-fraction",
    type=click.FloatRange(0, 1),
    default=MAX_BAD_FRACTION,
    show_default=True,
    help="The largest share of lines that may be unreadable.",
)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="The most facts to show.")
@click.option(
    "--target",
    type=click.Choice(["process", "docker"]),
    help="As plain processes or in containers.  [default: docker where an engine answers, else process]",
)
@runs_dir_option
def add(
    *,
    files: tuple[Path, ...],
    graph_name: str,
    graph_url: str,
    model_name: str | None,
    models_dir: Path,
    max_bad_fraction: float,
    limit: int,
    target: WayName | None,
    runs_dir: Path,
) -> None:
    """Add what FILES say to a graph.

    FILES are .txt, a text a line, and .jsonl or .json, an object a line with the text under "text", or folders of such.
    The graph with the new facts is in a run of its own, and that it came from stays as it was.
    """
    find_graph(runs_dir, graph_name)  # before anything is made
    model = choose_model(models_dir, GROUP, model_name or "")
    runs_dir.mkdir(parents=True, exist_ok=True)
    with locked(runs_dir, BUSY):
        graph = find_graph(runs_dir, graph_name)
        settings = with_known_graph({"max_bad_fraction": max_bad_fraction, "graph_url": graph_url}, [graph])
        inputs = {"graph": (graph,), "model": (model,), "texts": files}
        request = Request(PIPELINE, runs_dir, inputs, settings, way=target)
        record, code = run_pipeline(request, watch, lambda text: click.echo(text, err=True))
    if code == 0:
        show(record, limit, runs_dir, models_dir)
    else:
        _say_why(record, graph, runs_dir)
    click.get_current_context().exit(code)


def show(record: RunRecord, limit: int, runs: Path, models: Path) -> None:
    """Print what was added, and what was not and why."""
    facts, graph = record.output("extract", "facts"), graph_of(record)
    assert facts is not None
    assert graph is not None
    found = read_added(facts, graph, limit)
    console = Console()
    _print(console, _sentence(found))
    for title, listed in (("", found.new), ("known already, and as before:", found.known)):
        if listed.count:
            _print(console, title)
            console.print(_table(listed.first))
            _print_rest(console, listed)
    for title, lines in (("no fact was found in:", found.silent), ("could not be read:", found.unreadable)):
        if lines.count:
            _print(console, title)
            _print(console, *lines.first)
            _print_rest(console, lines)
    report = read_json(graph / REPORT_JSON)
    _print(console, f"the graph now: {report['vertices']:,} vertices, {report['edges']:,} edges in {graph}")
    _print(console, *_next_commands(found, runs, models))


def _say_why(record: RunRecord, graph: Path, runs: Path) -> None:
    """Say why nothing was added, and what has become of the graph."""
    place = address_elsewhere(graph)
    left = f"what has come to {place} stays there" if place else f"the graph in {graph} is as it was"
    logs = runs / record.name / "logs"
    click.echo(f"error: {record.reason}\n{left}; the logs are in {logs}. Give the same command again", err=True)


def _sentence(found: Added) -> str:
    if not found.new.count and not found.known.count:
        return "no fact was found, so nothing was added"
    return f"new facts: {found.new.count:,}; known already: {found.known.count:,}"


def _table(facts: Iterable[AddedFact]) -> Table:
    table = Table("subject", "predicate", "object", "score", "sentence", show_edge=False, pad_edge=False)
    for fact in facts:
        slots = ", ".join(f"{slot}: {name}" for slot, name in sorted(fact.slots.items()))
        value = f"{fact.value} ({slots})" if slots else fact.value
        # What stands in a text is no markup.
        table.add_row(*map(Text, (fact.subject, fact.predicate, value, f"{fact.score:.2f}", fact.sentence)))
    return table


def _next_commands(found: Added, runs: Path, models: Path) -> list[str]:
    """Say how to ask for what was added."""
    if not found.new.first:
        return []
    fact = found.new.first[0]
    where = "" if str(runs) == str(RUNS) else f" --runs-dir {shlex.quote(str(runs))}"
    registry = "" if models == USUAL else f" --models-dir {shlex.quote(str(models))}"
    question = shlex.quote(f"{fact.subject}的{fact.predicate}是什么？")
    commands = (f"ask {question}{registry}", f"graph show {shlex.quote(fact.subject)}")
    return [f"try: ckgqa {command}{where}" for command in commands]


def _print_rest(console: Console, listed: Listed[AddedFact] | Listed[str]) -> None:
    if listed.count > len(listed.first):
        _print(console, f"... and {listed.count - len(listed.first):,} more; --limit shows more of them")


def _print(console: Console, *lines: str) -> None:
    for line in filter(None, lines):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
