"""`ckgqa serve`: serve the page and the API, with the newest graph and the newest approved model."""

import secrets
import sys
import time
import webbrowser
from contextlib import ExitStack
from pathlib import Path

import click

from ckgqa.cli import subprocess_services as services
from ckgqa.cli.ask import endpoint_option
from ckgqa.cli.options import graph_option, graph_url_option, model_option, registry_option, runs_dir_option
from ckgqa.execution.records.graph_lookup import find_graph
from ckgqa.execution.signals import signals_as_interrupt

INDEX_S = 1800.0
"""Longest time until the page answers: the names of a new graph are indexed first, minutes for millions of names."""
WATCH_S = 0.5
"""Interval of the checks that both programs still run."""


@click.command()
@graph_option
@graph_url_option
@model_option("understands questions")
@endpoint_option
@click.option(
    "--host",
    metavar="ADDRESS",
    default=services.LOOPBACK,
    show_default=True,
    help="Address to listen on; 0.0.0.0 listens on all addresses.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 chooses any free port.",
)
@click.option(
    "--calibration",
    metavar="FILE",
    default="",
    help="File calibration.json, as `answer evaluate` writes it.",
)
@click.option(
    "--log-dir",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("logs"),
    show_default=True,
    help="Folder for the logs of the programs, the questions without an answer, and the ratings.",
)
@click.option("--browser/--no-browser", default=True, help="Open the page in a browser, on interactive terminals.")
@registry_option
@runs_dir_option
def serve(  # noqa: PLR0917 -- the flags of a command
    graph: str,
    graph_url: str,
    model: str,
    endpoint: str,
    host: str,
    port: int,
    calibration: str,
    log_dir: Path,
    browser: bool,
    registry: Path,
    runs_dir: Path,
) -> None:
    """Answer questions on a page and over HTTP until Ctrl-C."""
    words = ["serve", "--graph", str(find_graph(runs_dir, graph)), "--graph-url", graph_url, "--host", host]
    words += ["--port", str(port), "--calibration", calibration, "--log-dir", str(log_dir.absolute())]
    with signals_as_interrupt(), ExitStack() as stack:
        running = {}
        if not endpoint:
            endpoint, model_server = stack.enter_context(services.model_server(registry, model, log_dir / "model.log"))
            services.wait_until_up(model_server, "the question model")
            running["the question model"] = model_server
        # This process alone reads the contexts that it signed; the caller sets the key that several processes share.
        key = {"CKGQA_CONTEXT_KEY": secrets.token_hex(32)}
        words += ["--endpoint", endpoint]
        answerer = stack.enter_context(services.started("answer", *words, log=log_dir / "answer.log", **key))
        address = services.wait_until_up(answerer, "the page", INDEX_S).replace("//0.0.0.0:", f"//{services.LOOPBACK}:")
        running["the page"] = answerer
        click.echo(f"{address}  the page; {address}/openapi.json  its API; Ctrl-C ends it")
        if browser and sys.stdout.isatty():
            webbrowser.open(address)
        while True:
            for what, program in running.items():
                services.refuse_ended(program, what)
            time.sleep(WATCH_S)
