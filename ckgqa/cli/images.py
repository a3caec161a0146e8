"""`ckgqa images`: build the stages' images, list them, remove outdated ones."""

import logging
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from ckgqa.execution.console import OutputConsole
from ckgqa.images.build import BuildOptions, BuiltImage, build_images, select_images
from ckgqa.images.engine import connect, is_there, remove_outdated, size
from ckgqa.images.plan import plan_images

MEBIBYTE = 2**20


@click.group()
def images() -> None:
    """Build, list and clean the images of the stages."""


@images.command()
@click.argument("names", nargs=-1)
@click.option(
    "--tests/--no-tests", default=True, show_default=True, help="Run the tests of each stage during its build."
)
@click.option(
    "--torch-wheel",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A wheel of torch's CPU build; pip downloads one by default.",
)
@click.option("--rebuild", is_flag=True, help="Build every image again, without the engine's cache.")
def build(names: tuple[str, ...], tests: bool, torch_wheel: Path | None, rebuild: bool) -> None:
    """Build the images of the stages NAMES, or of all stages.

    An image is built only if its content has changed, after the image that it builds FROM.
    """
    logging.getLogger("ckgqa.images").setLevel(logging.INFO)  # prints the source of torch
    planned = plan_images()
    chosen = select_images(names, planned)
    console = OutputConsole()
    done: list[BuiltImage] = []
    with connect() as client, _progress(console) as progress:
        task = progress.add_task("images", total=None, image="", step="")

        def report(name: str, step: int, steps: int, instruction: str) -> None:
            progress.update(task, image=name, step=f"{step}/{steps} {instruction[:80]}")

        for built in build_images(client, chosen, planned, BuildOptions(tests, torch_wheel, rebuild), report):
            console.print(f"{built.image.tag}  {built.state}, {built.seconds:.1f} s", highlight=False)
            done.append(built)
    console.print(_built_table(done))


@images.command("list")
def list_() -> None:
    """List the images with their tags, sizes and states."""
    table = Table()
    table.add_column("image", no_wrap=True)
    for heading in ("builds from", "MiB", "state"):
        table.add_column(heading)
    with connect() as client:
        for image in plan_images().values():
            there = is_there(client, image.tag)
            mebibytes = f"{size(client, image.tag) / MEBIBYTE:.0f}" if there else ""
            table.add_row(image.tag, image.parent, mebibytes, "built" if there else "not built")
    OutputConsole().print(table)


@images.command()
def clean() -> None:
    """Remove outdated images of this project.

    An image is outdated if this checkout no longer describes it.
    """
    with connect() as client:
        removed = remove_outdated(client, plan_images())
    for name in removed:
        click.echo(f"removed {name}")
    click.echo(f"{len(removed)} images removed")


def _progress(console: Console) -> Progress:
    """Show the current step on a terminal; elsewhere the line of each finished image is enough."""
    columns = [
        SpinnerColumn(),
        TextColumn("{task.fields[image]} {task.fields[step]}", markup=False),
        TimeElapsedColumn(),
    ]
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _built_table(done: Sequence[BuiltImage]) -> Table:
    """Tabulate the built images with their sizes."""
    table = Table()
    table.add_column("image", no_wrap=True)
    table.add_column("state")
    for heading in ("MiB", "own", "seconds"):
        table.add_column(heading, justify="right")
    for built in done:
        sizes = [f"{number / MEBIBYTE:.0f}" for number in (built.size_bytes, built.own_bytes)]
        table.add_row(built.image.tag, built.state, *sizes, f"{built.seconds:.1f}")
    return table
