"""Show a run while it runs: a live table on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ckgqa.execution.console import ErrorConsole
from ckgqa.execution.records.record import RunRecord, TaskRecord

SHOWN_METRICS = ("loss", "f1", "intent_accuracy", "slot_f1")
"""Metrics that the view shows beside a task."""
PROGRESS_PERIOD_S = 10.0
"""Seconds between two plain lines about progress."""
STYLES = {
    "running": "bold cyan",
    "retrying": "yellow",
    "done": "green",
    "cached": "green",
    "failed": "bold red",
    "interrupted": "yellow",
}


@contextmanager
def watch(record: RunRecord) -> Iterator[None]:
    """Show the run on standard error for the time of the block."""
    console = ErrorConsole()
    view = _Table(record) if console.is_terminal else _Lines(record, console)
    record.listeners.append(view.hear)
    try:
        if isinstance(view, _Table):
            # The streams are left alone: KFP's output goes into the run's folder.
            with Live(view, console=console, refresh_per_second=4, redirect_stdout=False, redirect_stderr=False):
                yield
        else:
            yield
    finally:
        record.listeners.remove(view.hear)


class _Table:
    """Draws the tasks, their states and their progress; rich calls it again and again."""

    def __init__(self, record: RunRecord) -> None:
        self.record = record
        self.started: dict[str, float] = {}

    def hear(self, task: str) -> None:
        if self.record.tasks[task].state == "running":
            self.started.setdefault(task, time.monotonic())

    def __rich__(self) -> Table:
        table = Table(
            title=f"{self.record.pipeline}, run {self.record.name} ({self.record.target})", title_justify="left"
        )
        for heading in ("stage", "state", "progress", "", "seconds"):
            table.add_column(heading, justify="right" if heading == "seconds" else "left")
        for name, entry in self.record.tasks.items():
            table.add_row(name, Text(entry.state, STYLES.get(entry.state, "dim")), *self._progress(name, entry))
        return table

    def _progress(self, name: str, entry: TaskRecord) -> tuple[ProgressBar | str, Text | str, str]:
        if entry.state != "running":
            # Stage output is not markup.
            return "", Text(entry.error or _metrics(entry)), f"{entry.seconds:.1f}" if entry.seconds else ""
        seconds = f"{time.monotonic() - self.started.get(name, time.monotonic()):.0f}"
        line = self.record.progress.get(name)
        if line is None:
            return "", "", seconds
        bar = ProgressBar(total=line.total, completed=line.done, width=24) if line.total else ""
        total = f"/{line.total:,}" if line.total else ""
        return bar, f"{line.title} {line.done:,}{total} {line.unit} {_metrics(entry)}", seconds


class _Lines:
    """Writes a line when the state of a task changes, and its progress now and then."""

    def __init__(self, record: RunRecord, console: Console) -> None:
        self.record = record
        self.console = console
        self.states: dict[str, str] = {}
        self.reported = 0.0

    def hear(self, task: str) -> None:
        entry = self.record.tasks[task]
        if self.states.get(task) != entry.state:
            self.states[task] = entry.state
            self._write(
                f"{task}: {entry.state}",
                f"{entry.seconds:.1f} s" if entry.seconds else "",
                _metrics(entry),
                entry.error,
            )
            return
        line = self.record.progress.get(task)
        now = time.monotonic()
        if entry.state == "running" and line is not None and now - self.reported >= PROGRESS_PERIOD_S:
            self.reported = now
            total = f" of {line.total:,}" if line.total else ""
            self._write(f"{task}: {line.title} {line.done:,}{total} {line.unit}", _metrics(entry))

    def _write(self, *parts: str) -> None:
        # Stage output is not markup; do not wrap log lines.
        self.console.print("  ".join(filter(None, parts)), markup=False, highlight=False, soft_wrap=True)


def _metrics(entry: TaskRecord) -> str:
    """Return the metrics that measure how good a model is."""
    return " ".join(f"{name}={entry.metrics[name]:.3g}" for name in SHOWN_METRICS if name in entry.metrics)
