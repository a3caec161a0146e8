"""`ckgqa compile PIPELINE -o FILE`: the YAML that every target executes, its images pinned."""

from pathlib import Path

import click

from ckgqa.bundle.pipelines.compile import PIPELINES, TARGETS, compile_pipeline
from ckgqa.images.plan import pinned


@click.command("compile")
@click.argument("pipeline", metavar="PIPELINE")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Where it is written."
)
@click.option("--target", default="local", show_default=True, help=f"Where it is to run: {', '.join(TARGETS)}.")
def compile_command(pipeline: str, output: Path, target: str) -> None:
    """Compile PIPELINE to YAML, with each image pinned by the hash of its content, and check the result.

    `ckgqa run PIPELINE --pipeline FILE` executes it, edited or not.
    """
    compile_pipeline(pipeline, output, pinned, target)
    click.echo(f"{output}: {pipeline} for {target}; pipelines: {', '.join(PIPELINES)}")
