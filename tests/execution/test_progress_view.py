"""What is shown of a run while it runs."""

import io

import pytest
from rich.console import Console

from ckgqa.execution import progress_view as live
from ckgqa.execution.records.record import RunRecord, TaskRecord
from ckgqa.runtime.progress import ProgressLine


@pytest.fixture
def record(tmp_path) -> RunRecord:
    record = RunRecord(tmp_path / "20260101-000000", "toy", "process", {}, order=["train", "load"])
    record.tasks = {name: TaskRecord() for name in record.order}
    return record


def drawn(view: object) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(view)
    return console.file.getvalue()


def test_the_table_shows_states_progress_with_totals_and_metrics(record):
    table = live._Table(record)
    record.listeners.append(table.hear)
    assert "waiting" in drawn(table)
    record.tasks["train"].metrics = {"loss": 0.25, "f1": 0.5, "epoch": 3.0}
    record.change("train", state="running")
    record.show_progress("train", ProgressLine("epoch-3", 1500, 3000, "sentences"))
    text = drawn(table)
    assert "epoch-3 1,500/3,000 sentences loss=0.25 f1=0.5" in text
    assert "━" in text  # the bar
    record.change("train", state="done", seconds=12.34)
    record.change("load", state="failed", error="the [bold] server is late")
    text = drawn(table)
    assert "12.3" in text
    assert "the [bold] server is late" in text  # a stage's words are no markup


def test_progress_without_a_total_is_shown_too(record):
    table = live._Table(record)
    record.change("load", state="running")
    record.show_progress("load", ProgressLine("rows", 7, None, "rows"))
    assert "rows 7 rows" in drawn(table)


def test_plain_lines_tell_each_change_once_and_progress_now_and_then(record, capsys, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: now[0])
    with live.watch(record):
        record.change("train", state="running")
        record.change("train", attempts=1)
        for done in (1, 2, 3):
            record.show_progress("train", ProgressLine("epoch-1", done * 1000, 3000, "sentences"))
            now[0] += live.PROGRESS_PERIOD_S / 2
        record.change("train", state="failed", error="[odd] markup")
    assert record.listeners == []
    assert capsys.readouterr().err.splitlines() == [
        "train: running",
        "train: epoch-1 1,000 of 3,000 sentences",
        "train: epoch-1 3,000 of 3,000 sentences",
        "train: failed  [odd] markup",
    ]
