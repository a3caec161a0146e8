"""What the runner makes of a stage's lines and of what it ends with."""

import io

import pytest

from ckgqa.execution.local.log_parser import LogParser, as_exit_code
from ckgqa.execution.records.record import RunRecord, TaskRecord


@pytest.fixture
def record(tmp_path) -> RunRecord:
    return RunRecord(tmp_path, "toy", "process", {}, tasks={"build": TaskRecord()})


@pytest.mark.parametrize(
    ("code", "meant", "error"),
    [
        (0, 0, ""),
        (2, 2, ""),
        (75, 75, ""),
        (-9, 75, "lack of memory"),  # a process, and below a container
        (137, 75, "lack of memory"),
        (-15, 143, "stopped from outside"),
        (143, 143, "stopped from outside"),
        (-2, 130, "stopped from outside"),
        (130, 130, "stopped from outside"),
        (3, 1, "ended with 3"),
    ],
)
def test_every_end_has_an_exit_code_of_ours(code, meant, error):
    task = TaskRecord()
    assert as_exit_code(code, task) == meant
    assert error in task.error
    assert bool(task.error) == bool(error)


@pytest.mark.parametrize("password", ["secret", "se@cret", "s%40ecret"])
def test_a_line_keeps_its_address_and_loses_its_password_in_the_log_and_in_the_error(record, password):
    log = io.StringIO()
    LogParser(record, "build", log)(f"10:00 ERROR ckgqa.x: error: wss://me:{password}@host:8182/g refuses")
    assert record.tasks["build"].error == "wss://***@host:8182/g refuses"
    assert log.getvalue() == "10:00 ERROR ckgqa.x: error: wss://***@host:8182/g refuses\n"


@pytest.mark.parametrize(
    ("words", "metrics"),
    [
        ("f1=0.5 loss=1e-05", {"f1": 0.5, "loss": 1e-05}),
        ("loss=nan f1=0.1", {"f1": 0.1}),
        ("gain=-inf", {}),
        ("version=1.2.3", {}),
        ("settings: seed=13 and more", {}),
    ],
)
def test_metrics_are_finite_numbers_and_nothing_else(record, words, metrics):
    LogParser(record, "build", io.StringIO())(f"10:00 INFO ckgqa.x: {words}")
    assert record.tasks["build"].metrics == metrics
