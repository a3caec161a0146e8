"""A task's command as a plain process: what it is given of the caller's environment."""

from pathlib import Path

import pytest

from ckgqa.execution.local.executor import JobSpec
from ckgqa.execution.local.process_executor import ProcessExecutor

STAGES = Path(__file__).parent / "toy" / "stages"


@pytest.fixture
def environment(tmp_path):
    """Return a function that gives variables as a job sees them."""

    def read(*names: str, **fields) -> list[str]:
        code = f"import os; print(*(os.environ.get(name) for name in {names}))"
        job = JobSpec("job", "ckgqa/toy", ("python", "-c", code), tmp_path, tmp_path, fields)
        lines: list[str] = []
        assert ProcessExecutor(STAGES, lambda stage: stage).run(job, lines.append) == 0
        return lines[0].split()

    return read


def test_threads_that_wait_sleep_unless_the_caller_says_otherwise(environment, monkeypatch):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    assert environment("OMP_WAIT_POLICY") == ["PASSIVE"]
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    assert environment("OMP_WAIT_POLICY") == ["ACTIVE"]


def test_a_limit_of_threads_holds_and_a_pipelines_own_variable_wins(environment, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("OURS", "theirs")
    assert environment("OMP_NUM_THREADS", "OURS", OURS="ours") == ["1", "ours"]


def test_what_goes_wrong_with_a_line_is_raised_and_does_not_leave_the_program_running(tmp_path):
    def full(line: str) -> None:
        raise OSError(28, f"No space left on device, at {line}")

    code = "import time; [print(number, flush=True) or time.sleep(0.05) for number in range(10_000)]"
    job = JobSpec("job", "ckgqa/toy", ("python", "-c", code), tmp_path, tmp_path, {})
    with pytest.raises(OSError, match="No space left on device, at 0"):
        ProcessExecutor(STAGES, lambda stage: stage).run(job, full)
