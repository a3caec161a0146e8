"""`ckgqa add notes.txt`: add the facts of your own texts to a graph, and show each with its sentence."""

import shlex
from collections.abc import Iterable
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ckgqa.cli.add_report import AddedFact, Addition, Listed, read_added
from ckgqa.cli.options import (
    RUNS,
    InputPath,
    graph_option,
    graph_url_option,
    limit_option,
    model_option,
    registry_option,
    runs_dir_option,
    target_option,
)
from ckgqa.cli.run import with_known_graph
from ckgqa.cli.text_arguments import TextCommand
from ckgqa.execution.console import OutputConsole
from ckgqa.execution.local.executor import ExecutorName
from ckgqa.execution.progress_view import watch
from ckgqa.execution.records.graph_lookup import address_elsewhere, find_graph, graph_of
from ckgqa.execution.records.record import RunRecord
from ckgqa.execution.request import Request
from ckgqa.execution.run import locked, run_pipeline
from ckgqa.registry.layout import registry_words
from ckgqa.registry.model_groups import EXTRACTION_MODEL
from ckgqa.registry.selection import choose_model
from ckgqa.runtime.artefacts import REPORT_JSON
from ckgqa.runtime.errors import EXIT_BUG, EXIT_INPUT, InputError
from ckgqa.runtime.jsonlines import read_json

PIPELINE = "add-texts"
BUSY = "another `ckgqa add` is running here; add these texts afterwards, so that neither addition is lost"
AFTER_BAD_INPUT = "Correct what the message names, then run the command again"
MAX_BAD_FRACTION = 0.5
"""The user sees every unreadable line; a file of which more than half is unreadable is of another kind."""


@click.command(cls=TextCommand)
@click.argument("files", nargs=-1, required=True, type=InputPath())
@graph_option
@graph_url_option
@model_option("extracts")
@registry_option
@click.option(
    "--max-bad-fraction",
    type=click.FloatRange(0, 1),
    default=MAX_BAD_FRACTION,
    show_default=True,
    help="Largest share of lines that may be unreadable.",
)
@limit_option
@target_option
@runs_dir_option
def add(
    *,
    files: tuple[Path, ...],
    graph: str,
    graph_url: str,
    model: str,
    registry: Path,
    max_bad_fraction: float,
    limit: int,
    target: ExecutorName | None,
    runs_dir: Path,
) -> None:
    """Add the facts in FILES to a graph.

    FILES are .txt files with one text per line, .jsonl or .json files with one object per line and the text under
    "text", or folders or zips of such files. The result is stored as a new run; the original graph is not modified.
    """
    find_graph(runs_dir, graph)  # before anything is made
    model_folder = choose_model(registry, EXTRACTION_MODEL, model)
    runs_dir.mkdir(parents=True, exist_ok=True)
    with locked(runs_dir, BUSY):
        base = find_graph(runs_dir, graph)
        settings = with_known_graph({"max_bad_fraction": max_bad_fraction, "graph_url": graph_url}, [base])
        inputs = {"graph": (base,), "model": (model_folder,), "texts": files}
        request = Request(PIPELINE, runs_dir, inputs, settings, target=target)
        try:
            record, code = run_pipeline(request, watch, lambda text: click.echo(text, err=True))
        except InputError as error:  # before the first task
            message = str(error).removeprefix("--texts ")  # here the texts are arguments, not a flag's value
            raise InputError(f"{message}\n{_state_of(base)}. {AFTER_BAD_INPUT}") from error
    if code == 0:
        show(record, limit, runs_dir, registry)
    else:
        _explain_failure(record, code, base, runs_dir)
    click.get_current_context().exit(code)


def show(record: RunRecord, limit: int, runs: Path, models: Path) -> None:
    """Print the new facts, the known ones, and what was not added and why."""
    facts, graph = record.output("extract", "facts"), graph_of(record)
    assert facts is not None
    assert graph is not None
    addition = read_added(facts, graph, limit)
    console = OutputConsole()
    _print(console, _sentence(addition))
    for title, listed in (("", addition.new), ("already known, unchanged:", addition.known)):
        if listed.count:
            _print(console, title)
            console.print(_table(listed.first))
            _print_rest(console, listed)
    for title, lines in (
        ("no fact was found in:", addition.without_facts),
        ("could not be read:", addition.unreadable),
    ):
        if lines.count:
            _print(console, title)
            _print(console, *lines.first)
            _print_rest(console, lines)
    report = read_json(graph / REPORT_JSON)
    _print(console, f"the graph now: {report['vertices']:,} vertices, {report['edges']:,} edges in {graph}")
    _print(console, *_next_commands(addition, runs, models))


def _explain_failure(record: RunRecord, code: int, graph: Path, runs: Path) -> None:
    """Print why the run failed, in what state the graph is, and what the user can do."""
    logs = runs / record.name / "logs"
    remedy = {EXIT_INPUT: f" {AFTER_BAD_INPUT}", EXIT_BUG: ""}.get(code, " Run the same command again")
    click.echo(f"error: {record.reason}\n{_state_of(graph)}; the logs are in {logs}.{remedy}", err=True)


def _state_of(graph: Path) -> str:
    """Describe the state of the graph after a run that failed."""
    address = address_elsewhere(graph)
    return f"facts that were added to {address} remain there" if address else f"the graph in {graph} is unchanged"


def _sentence(addition: Addition) -> str:
    if not addition.new.count and not addition.known.count:
        return "no fact was found, so nothing was added"
    return f"new facts: {addition.new.count:,}; already known: {addition.known.count:,}"


def _table(facts: Iterable[AddedFact]) -> Table:
    table = Table("subject", "predicate", "object", "score", "sentence", show_edge=False, pad_edge=False)
    for fact in facts:
        slots = ", ".join(f"{slot}: {name}" for slot, name in sorted(fact.slots.items()))
        value = f"{fact.value} ({slots})" if slots else fact.value
        # Texts of users are not markup.
        table.add_row(*map(Text, (fact.subject, fact.predicate, value, f"{fact.score:.2f}", fact.sentence)))
    return table


def _next_commands(addition: Addition, runs: Path, models: Path) -> list[str]:
    """Return commands that query a fact that was added."""
    if not addition.new.first:
        return []
    fact = addition.new.first[0]
    where = "" if str(runs) == str(RUNS) else f" --runs-dir {shlex.quote(str(runs))}"
    registry = registry_words(models)
    question = shlex.quote(f"{fact.subject}的{fact.predicate}是什么？")
    commands = (f"ask {question}{registry}", f"graph show {shlex.quote(fact.subject)}")
    return [f"try: ckgqa {command}{where}" for command in commands]


def _print_rest(console: Console, listed: Listed[AddedFact] | Listed[str]) -> None:
    if listed.count > len(listed.first):
        _print(console, f"... and {listed.count - len(listed.first):,} more; --limit shows more")


def _print(console: Console, *lines: str) -> None:
    for line in filter(None, lines):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
