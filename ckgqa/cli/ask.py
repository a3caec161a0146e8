"""`ckgqa ask QUESTION`: an answer from the newest graph, read by the newest approved model or by an endpoint."""

import os
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import click

from ckgqa.bundle.pipelines.graphs import LAST, find_graph
from ckgqa.bundle.pipelines.stopping import signals_as_interrupt
from ckgqa.cli import services
from ckgqa.cli.models import models_dir_option
from ckgqa.cli.places import runs_dir_option
from ckgqa.runtime.errors import EXIT_INPUT, InputError, ServiceError

CONVERSATION = "conversation"
"""File in the user's cache with the context of the last answer."""

graph_option = click.option(
    "--graph", default=LAST, show_default=True, help="The graph that is asked: `last`, a run, or a graph's folder."
)
graph_url_option = click.option(
    "--graph-url", default="", help="The graph's address, where it needs a password: a run keeps none."
)
model_option = click.option(
    "--model", default="", help="The question model: an id of the registry, or a folder.  [default: newest approved]"
)
endpoint_option = click.option(
    "--endpoint",
    default="",
    help="Ask this model instead of one of this machine: the name of a SageMaker endpoint, or http://HOST:PORT.",
)


@click.command()
@click.argument("question")
@click.option("--follow-up", is_flag=True, help="Go on with the conversation of the last question: 他的妻子呢？")
@click.option("--json", "as_json", is_flag=True, help="Write the whole reply as JSON.")
@graph_option
@graph_url_option
@model_option
@endpoint_option
@models_dir_option
@runs_dir_option
def ask(  # noqa: PLR0917 -- the flags of a command
    question: str,
    follow_up: bool,
    as_json: bool,
    graph: str,
    graph_url: str,
    model: str,
    endpoint: str,
    models_dir: Path,
    runs_dir: Path,
) -> None:
    """Answer QUESTION, such as 《战狼》是谁导演的, with the facts and the sentences behind the answer."""
    words = ["ask", "--graph", str(find_graph(runs_dir, graph)), "--graph-url", graph_url, "--question", question]
    words += ["--conversation", str(_conversation()), "--follow-up", str(follow_up), "--json", str(as_json)]
    with signals_as_interrupt(), ExitStack() as stack:
        server = None
        if not endpoint:
            # Both programs start at once, and the answerer waits for the model, which takes longer.
            endpoint, server = stack.enter_context(services.model_server(models_dir, model))
            words += ["--wait-s", str(services.START_S)]
        _run([*words, "--endpoint", endpoint], server)


def _run(words: list[str], server: services.Started | None) -> None:
    """Run the answerer to its end; what it answers goes to the terminal.

    Raises:
        InputError: the question, the graph or the model is wrong.
        ServiceError: the model or the graph is down.
    """
    with tempfile.TemporaryFile() as said:
        command, environment = services.command("answer", *words), services.environment("answer")
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=said)
        answerer = services.Started(process, said)
        try:
            while process.poll() is None:
                if server is not None:
                    services.refuse_ended(server, "the question model")
                time.sleep(services.POLL_S)
        finally:
            process.kill()
            process.wait()
        if process.returncode:
            error = InputError if process.returncode == EXIT_INPUT else ServiceError
            raise error(answerer.reason())


def _conversation() -> Path:
    """Return the file that keeps the context of the last answer."""
    cache = os.environ.get("CKGQA_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ckgqa"
    return (Path(cache) / CONVERSATION).absolute()
