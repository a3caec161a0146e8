"""Execute a compiled pipeline on this machine with KFP's local orchestrator, as processes or in containers."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from kfp import components

from ckgqa.execution.compilation import ir, lint
from ckgqa.execution.kfp_compat import orchestrate_with
from ckgqa.execution.local.executor import Executor
from ckgqa.execution.local.task_runner import TaskRunner
from ckgqa.execution.records.record import RunRecord, TaskRecord
from ckgqa.runtime.errors import EXIT_BUG, StageError

NOTIFY_STAGE = "notify"
"""The stage that runs instead of the others if a gate fails."""


class TaskError(StageError):
    """A task failed or was stopped from outside; the run ends with its exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def run_compiled(pipeline: Path, arguments: Mapping[str, object], executor: Executor, record: RunRecord) -> bool:
    """Execute the compiled pipeline in the run's folder and return whether it passed its gate.

    Args:
        pipeline: the compiled YAML, which alone defines what is executed.
        arguments: of the pipeline; the others have its own defaults.
        executor: runs the command of each task.
        record: of the run; its folder receives everything, its tasks are filled in.

    Raises:
        InputError: the YAML has faults, or an argument is not one of the pipeline's.
        TaskError: a task failed, or was stopped from outside.
        KeyboardInterrupt: the run was stopped, and so was its running task.
    """
    spec = lint.check(pipeline)
    ir.refuse_unknown(spec, arguments)
    tasks = ir.tasks(spec)
    record.order = [task.name for task in tasks]
    record.tasks = {task.name: TaskRecord(image=task.image) for task in tasks}
    record.save()
    executor.clear(record.folder)
    runner = TaskRunner(executor, record, {task.key: task.name for task in tasks})
    with _orchestrated(runner, record.folder):
        components.load_component_from_file(str(pipeline))(**arguments)
    return _verdict(tasks, record)


@contextmanager
def _orchestrated(runner: TaskRunner, folder: Path) -> Iterator[None]:
    """Run single tasks by our runner under KFP's orchestrator, and write what KFP prints and logs into a file."""
    log = folder / "logs" / "pipeline.log"
    log.parent.mkdir(exist_ok=True)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with (
        log.open("a", encoding="utf-8") as out,
        redirect_stdout(out),
        orchestrate_with(runner.execute, folder / "tasks"),
    ):
        root.handlers[:] = [logging.StreamHandler(out)]
        root.setLevel(logging.INFO)
        try:
            yield
        finally:
            root.handlers[:] = handlers
            root.setLevel(level)


def _verdict(tasks: list[ir.CompiledTask], record: RunRecord) -> bool:
    """Mark skipped tasks, raise the error of a failed task, and return whether the gate was passed."""
    for name, entry in record.tasks.items():
        if entry.state == "waiting":
            record.change(name, state="skipped")
    for name, entry in record.tasks.items():
        if entry.state in {"failed", "interrupted"}:
            raise TaskError(f"{name}: {entry.error}", EXIT_BUG if entry.exit_code is None else entry.exit_code)
    ended = {name for name, entry in record.tasks.items() if entry.state in {"done", "cached"}}
    conditional = [task for task in tasks if task.branches]
    if conditional and not any(task.name in ended for task in conditional):
        raise StageError(
            f"no branch of the pipeline's conditions ran, not even an else: see {record.folder}/logs/pipeline.log"
        )
    return not any(task.name in ended for task in tasks if ir.stage_of(task.image) == NOTIFY_STAGE)
