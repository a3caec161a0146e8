"""`ckgqa ask QUESTION`: answer a question from a graph, with the newest approved model or an endpoint."""

import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import click

from ckgqa.cli import subprocess_services as services
from ckgqa.cli.options import (
    graph_option,
    graph_url_option,
    json_option,
    model_option,
    registry_option,
    runs_dir_option,
)
from ckgqa.cli.text_arguments import TextCommand
from ckgqa.execution.records.graph_lookup import find_graph
from ckgqa.execution.signals import signals_as_interrupt
from ckgqa.runtime.user_cache import user_cache_dir
from ckgqa.runtime.words import whole_text

CONVERSATION = "conversation"
"""File in the user's cache with the context of the last answer."""

endpoint_option = click.option(
    "--endpoint",
    metavar="NAME|URL",
    default="",
    help="Question model that already runs: the name of a SageMaker endpoint, or http://HOST:PORT.",
)


@click.command(cls=TextCommand)
@click.argument("question")
@click.option("--follow-up", is_flag=True, help="Continue the conversation of the last question, as in 他的妻子呢？.")
@json_option
@graph_option
@graph_url_option
@model_option("understands questions")
@endpoint_option
@registry_option
@runs_dir_option
def ask(  # noqa: PLR0917 -- the flags of a command
    question: str,
    follow_up: bool,
    as_json: bool,
    graph: str,
    graph_url: str,
    model: str,
    endpoint: str,
    registry: Path,
    runs_dir: Path,
) -> None:
    """Answer QUESTION, such as 《战狼》是谁导演的.

    The answer comes with the facts and the sentences that support it.
    """
    whole_text("QUESTION", question)  # the answerer gets the bytes that were typed
    words = ["ask", "--graph", str(find_graph(runs_dir, graph)), "--graph-url", graph_url, f"--question={question}"]
    words += ["--conversation", str(_conversation()), "--follow-up", str(follow_up), "--json", str(as_json)]
    with signals_as_interrupt(), ExitStack() as stack:
        server = None
        if not endpoint:
            # Both programs start at once; the answerer waits for the model, which takes longer.
            endpoint, server = stack.enter_context(services.model_server(registry, model))
            words += ["--wait-s", str(services.START_S)]
        _run([*words, "--endpoint", endpoint], server)


def _run(words: list[str], server: services.Subprocess | None) -> None:
    """Run the answerer to its end; its answer goes to the terminal.

    Raises:
        InputError: the question, the graph or the model was rejected.
        ServiceError: the model or the graph is down.
        StageError: a program has a bug.
    """
    with tempfile.TemporaryFile() as errors:
        command, environment = services.command("answer", *words), services.environment("answer")
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=errors)
        answerer = services.Subprocess(process, errors)
        try:
            while process.poll() is None:
                if server is not None:
                    services.refuse_ended(server, "the question model")
                time.sleep(services.POLL_S)
        finally:
            process.kill()
            process.wait()
        if process.returncode:
            raise services.failure(process.returncode, answerer.reason())


def _conversation() -> Path:
    """Return the file that keeps the context of the last answer."""
    return (user_cache_dir() / CONVERSATION).absolute()
