"""Show a run while it runs: a live table on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ckgqa.bundle.pipelines.record import RunRecord, TaskRecord

TOLD = ("loss", "f1", "intent_accuracy", "slot_f1")
"""Metrics that are shown beside a task."""
PROGRESS_PERIOD_S = 10.0
"""How often a plain line tells of progress."""
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
    """Show the run for the time of the block, on standard error."""
    console = Console(stderr=True)
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
    """Draws the tasks, their states and how far they are; rich asks for it again and again."""

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
        for name, kept in self.record.tasks.items():
            table.add_row(name, Text(kept.state, STYLES.get(kept.state, "dim")), *self._progress(name, kept))
        return table

    def _progress(self, name: str, kept: TaskRecord) -> tuple[ProgressBar | str, Text | str, str]:
        if kept.state != "running":
            # A stage's words are no markup.
            return "", Text(kept.error or _metrics(kept)), f"{kept.seconds:.1f}" if kept.seconds else ""
        seconds = f"{time.monotonic() - self.started.get(name, time.monotonic()):.0f}"
        line = self.record.progress.get(name)
        if line is None:
            return "", "", seconds
        bar = ProgressBar(total=line.total, completed=line.done, width=24) if line.total else ""
        total = f"/{line.total:,}" if line.total else ""
        return bar, f"{line.title} {line.done:,}{total} {line.unit} {_metrics(kept)}", seconds


class _Lines:
    """Writes a line when a task's state changes, and now and then how far it is."""

    def __init__(self, record: RunRecord, console: Console) -> None:
        self.record = record
        self.console = console
        self.states: dict[str, str] = {}
        self.told = 0.0

    def hear(self, task: str) -> None:
        kept = self.record.tasks[task]
        if self.states.get(task) != kept.state:
            self.states[task] = kept.state
            self._write(
                f"{task}: {kept.state}", f"{kept.seconds:.1f} s" if kept.seconds else "", _metrics(kept), kept.error
            )
            return
        line = self.record.progress.get(task)
        now = time.monotonic()
        if kept.state == "running" and line is not None and now - self.told >= PROGRESS_PERIOD_S:
            self.told = now
            total = f" of {line.total:,}" if line.total else ""
            self._write(f"{task}: {line.title} {line.done:,}{total} {line.unit}", _metrics(kept))

    def _write(self, *parts: str) -> None:
        # Nor are they here, and a log is not wrapped.
        self.console.print("  ".join(filter(None, parts)), markup=False, highlight=False, soft_wrap=True)


def _metrics(kept: TaskRecord) -> str:
    """Return the few metrics that say how good a model is."""
    return " ".join(f"{name}={kept.metrics[name]:.3g}" for name in TOLD if name in kept.metrics)
