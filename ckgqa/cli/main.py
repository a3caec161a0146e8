"""The command `ckgqa`: one table of commands, each loaded when it is used.

Exit codes: 0 success; 1 a bug of ours; 2 wrong input; 3 a model did not pass its gate; 75 a service or the machine
failed; 130 and 143 stopped by Ctrl-C or SIGTERM.
"""

import importlib
import logging
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from ckgqa.cli.usage_errors import describe
from ckgqa.runtime.errors import EXIT_INPUT, StageError, stage_error
from ckgqa.runtime.log import set_up_logging, without_credentials
from ckgqa.runtime.program import EXIT_INTERRUPTED
from ckgqa.runtime.streams import output_has_reader

# name -> (module and attribute, help); kfp and Docker take seconds to import, and `--help` needs neither.
COMMANDS = {
    "run": ("ckgqa.cli.run:run", "Run a pipeline on this machine, or resume an earlier run."),
    "runs": ("ckgqa.cli.runs:runs", "List, show and clean the runs of this machine."),
    "models": ("ckgqa.cli.models:models", "List, show, approve and reject registered models."),
    "ask": ("ckgqa.cli.ask:ask", "Answer a question from the graph."),
    "serve": ("ckgqa.cli.serve:serve", "Serve the page and the API that answer questions."),
    "add": ("ckgqa.cli.add:add", "Add the facts of your own texts to a graph."),
    "graph": ("ckgqa.cli.graph:graph_commands", "Look into a graph."),
    "compile": ("ckgqa.cli.compile:compile_command", "Compile a pipeline to YAML."),
    "images": ("ckgqa.cli.images:images", "Build the images of the stages."),
    "localaws": ("ckgqa.cli.localaws:localaws", "Run a local AWS that really runs SageMaker jobs."),
    "doctor": ("ckgqa.cli.doctor:doctor", "Check this machine, and show what each missing part costs."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's
        """Import the command; None if there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's
        """Write the table without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ckgqa")
def cli() -> None:
    """Build a knowledge graph from Chinese text, and answer questions from it.

    `ckgqa run knowledge-graph --raw DuIE_2_0.zip` builds a graph from a raw archive; `ckgqa doctor` checks whether this
    machine has everything that it needs.
    """


def main(argv: Sequence[str]) -> int:
    """Run one command line and return the exit code; an error is printed as one line on standard error."""
    set_up_logging(logging.WARNING)
    try:
        code = _run(argv)
    except BrokenPipeError:  # nobody reads our output any more
        code = 0
    output_has_reader()
    return code


def _run(argv: Sequence[str]) -> int:
    try:
        code = cli.main(list(argv), prog_name="ckgqa", standalone_mode=False)
    except BrokenPipeError:
        raise
    except (StageError, OSError, MemoryError) as error:
        named = stage_error(error)
        if named is None:
            raise
        click.echo(f"error: {without_credentials(str(named))}", err=True)
        return named.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()  # the help of the group
        return EXIT_INPUT
    except click.UsageError as error:
        click.echo(f"error: {describe(error, argv)}", err=True)
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
