"""The command `ckgqa`: one table of commands, each loaded when it is asked for.

Exit codes: 0 well; 1 a bug of ours; 2 what was given is wrong; 3 a model did not pass its gate; 75 a service or the
machine refused; 130 and 143 stopped by Ctrl-C or SIGTERM.
"""

import importlib
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from ckgqa.runtime.errors import EXIT_INPUT, StageError, stage_error
from ckgqa.runtime.log import set_up_logging, without_credentials
from ckgqa.runtime.program import EXIT_INTERRUPTED

# name -> (where it is, what it does); kfp and Docker take seconds to import, and `--help` needs neither.
COMMANDS = {
    "run": ("ckgqa.cli.run:run", "Run a pipeline on this machine, or go on with an earlier run."),
    "runs": ("ckgqa.cli.runs:runs", "List, show and clean the runs of this machine."),
    "models": ("ckgqa.cli.models:models", "See the registered models, and let one go live."),
    "ask": ("ckgqa.cli.ask:ask", "Answer a question from the graph."),
    "serve": ("ckgqa.cli.serve:serve", "Show the page and the API that answer questions."),
    "add": ("ckgqa.cli.add:add", "Add what your own texts say to a graph."),
    "graph": ("ckgqa.cli.graph:graph", "Ask the graph that a run has built."),
    "compile": ("ckgqa.cli.compile:compile_command", "Compile a pipeline to YAML."),
    "images": ("ckgqa.cli.images:images", "Build the images of the stages."),
    "doctor": ("ckgqa.cli.doctor:doctor", "Say what is there on this machine, and what each missing thing costs."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's
        """Import the command; None where there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's
        """Write the table from its own words, so that help imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ckgqa")
def cli() -> None:
    """Chinese sentences become a knowledge graph.

    `ckgqa run knowledge-graph --raw DuIE_2_0.zip` goes from a raw archive to a loaded graph; `ckgqa doctor` says
    whether this machine has all that it takes.
    """


def main(argv: Sequence[str]) -> int:
    """Run one command line and return the exit code; what is wrong is said in one line on standard error."""
    set_up_logging(logging.WARNING)
    try:
        code = cli.main(list(argv), prog_name="ckgqa", standalone_mode=False)
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more can be said, at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (StageError, OSError, MemoryError) as error:
        named = stage_error(error)
        if named is None:
            raise
        click.echo(f"error: {without_credentials(str(named))}", err=True)
        return named.exit_code
    except click.UsageError as error:
        error.show()
        return EXIT_INPUT
    except click.ClickException as error:
        click.echo(f"error: {error.format_message()}", err=True)
        return EXIT_INPUT
    except (click.Abort, KeyboardInterrupt) as error:
        click.echo("interrupted", err=True)
        # Click turns an interrupt into its own Abort; the one that SIGTERM makes has an exit code of its own.
        return int(getattr(error.__cause__ or error, "exit_code", EXIT_INTERRUPTED))
    return code if isinstance(code, int) else 0


def entry() -> NoReturn:
    """Run the process's own command line."""
    sys.exit(main(sys.argv[1:]))
