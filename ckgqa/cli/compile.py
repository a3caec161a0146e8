"""`ckgqa compile PIPELINE -o FILE`: compile a pipeline to YAML, its images pinned."""

from pathlib import Path

import click

from ckgqa.cli.assignments import read_assignments, set_option
from ckgqa.execution.compilation.compiler import PIPELINES, compile_pipeline
from ckgqa.images.plan import pinned


@click.command("compile")
@click.argument("pipeline", metavar="PIPELINE")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File to write.",
)
@set_option
def compile_command(pipeline: str, output: Path, assignments: tuple[str, ...]) -> None:
    """Compile PIPELINE to YAML and check the result.

    Each image is pinned by the hash of its content. The file is the same for processes and containers; `ckgqa run
    PIPELINE --pipeline FILE` executes it, edited or not.
    """
    compile_pipeline(pipeline, output, pinned, read_assignments(assignments))
    click.echo(f"{output}: {pipeline}; pipelines: {', '.join(PIPELINES)}")
