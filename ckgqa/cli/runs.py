"""`ckgqa runs list|show|clean`: the runs on this machine."""

import shutil
from pathlib import Path

import click
from rich.table import Table

from ckgqa.cli.options import runs_dir_option
from ckgqa.execution.console import OutputConsole
from ckgqa.execution.records.graph_lookup import graph_of
from ckgqa.execution.records.record import RunRecord, find_run, read_record
from ckgqa.execution.records.report import REPORT, f1_of, write_report
from ckgqa.execution.run import is_running
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.settings import refusal


@click.group()
def runs() -> None:
    """List, show and clean the runs of this machine."""


@runs.command("list")
@runs_dir_option
def list_runs(runs_dir: Path) -> None:
    """List the runs, the newest last."""
    table = Table("run", "pipeline", "state", "started (UTC)", "F1", "size", show_edge=False, pad_edge=False)
    for record in _records(runs_dir):
        f1 = f1_of(record)
        started = record.started.replace("+00:00", "").replace("T", " ")
        table.add_row(
            record.name,
            record.pipeline,
            _state(record),
            started,
            "" if f1 is None else f"{f1:.4f}",
            _size(record.folder),
        )
    if table.row_count:
        OutputConsole().print(table)
    else:
        click.echo(f"no runs in {runs_dir}")


@runs.command("show")
@click.argument("run", default="last")
@runs_dir_option
def show_run(run: str, runs_dir: Path) -> None:
    """Print the report of RUN, by default of the last run."""
    record = read_record(find_run(runs_dir, run))
    if not (record.folder / REPORT).is_file():
        if is_running(record.folder):
            raise ServiceError(f"{record.folder}: this run is still going on; it has no report yet")
        write_report(record)  # of a run that was killed
    click.echo((record.folder / REPORT).read_text(encoding="utf-8"), nl=False)


@runs.command("clean")
@click.option(
    "--keep", type=click.IntRange(min=0), default=5, show_default=True, help="Number of the newest runs to keep."
)
@click.option("--yes", is_flag=True, help="Delete without asking.")
@runs_dir_option
def clean_runs(keep: int, yes: bool, runs_dir: Path) -> None:
    """Delete old runs with all their files.

    Runs that are still going on are kept. So is the newest run that has a graph, except with --keep 0.
    """
    records = [record for record in _records(runs_dir) if not is_running(record.folder)]
    newest = next((record for record in reversed(records) if graph_of(record) is not None), None) if keep else None
    old = [record for record in records[: max(len(records) - keep, 0)] if record is not newest]
    if not old:
        click.echo("nothing to delete")
        return
    for record in old:
        click.echo(f"{record.folder}  {_size(record.folder)}")
    if not yes and not click.confirm(f"delete these {len(old)} runs?"):
        click.echo("nothing was deleted")
        return
    for record in old:
        shutil.rmtree(record.folder)
    click.echo(f"deleted {len(old)}, kept {len(records) - len(old)}")


def _records(runs_dir: Path) -> list[RunRecord]:
    """Read all runs, the oldest first; skip other folders, and name the records that cannot be read.

    Raises:
        InputError: there is no such folder.
    """
    if not runs_dir.is_dir():
        raise InputError(refusal("--runs-dir", runs_dir, "an existing folder; the first `ckgqa run` makes it"))
    records: list[RunRecord] = []
    for manifest in sorted(runs_dir.glob("*/manifest.json")):
        try:
            records.append(read_record(manifest.parent.absolute()))
        except InputError as error:
            click.echo(f"skipped: {error}", err=True)
    return records


def _state(record: RunRecord) -> str:
    """Return the run's state; one that was killed never wrote how it ended."""
    return "killed" if record.state == "running" and not is_running(record.folder) else record.state


def _size(folder: Path) -> str:
    size = float(sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file()))
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
