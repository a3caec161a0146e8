"""The option `--set`: settings of single tasks, and parameters of a pipeline."""

from collections.abc import Sequence

import click

from ckgqa.runtime.errors import require
from ckgqa.runtime.settings import refusal

set_option = click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="TASK.NAME=VALUE",
    help="Setting of one task, or NAME=VALUE for a parameter of the pipeline; may be repeated. "
    "`ckgqa run PIPELINE --help-all` lists the settings.",
)


def read_assignments(texts: Sequence[str]) -> dict[str, str]:
    """Read `TASK.NAME=VALUE` and `NAME=VALUE`; the last of several for one name counts.

    Raises:
        InputError: a text has no equals sign or no name.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        require(
            bool(equals and name), refusal("--set", text, "TASK.NAME=VALUE, or NAME=VALUE for a pipeline parameter")
        )
        task, dot, setting = name.rpartition(".")
        found[f"{task}{dot}{setting.replace('-', '_')}"] = value
    return found
