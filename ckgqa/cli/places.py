"""Where the command line keeps what it makes, unless told otherwise."""

from pathlib import Path

import click

RUNS = Path("runs")

runs_dir_option = click.option(
    "--runs-dir",
    type=click.Path(path_type=Path),
    default=RUNS,
    show_default=True,
    help="The folder that holds the runs.",
)
