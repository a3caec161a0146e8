"""Execute a compiled pipeline on this machine with KFP's local orchestrator, as processes or in containers."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from kfp import components, local
from kfp.local import config
from kfp.local.orchestrator import task_executor

from ckgqa.bundle.pipelines import ir, lint
from ckgqa.bundle.pipelines.record import RunRecord, TaskRecord
from ckgqa.bundle.pipelines.targets.jobs import Way
from ckgqa.bundle.pipelines.targets.tasks import TaskRunner
from ckgqa.runtime.errors import EXIT_BUG, StageError

NOTIFY_STAGE = "notify"
"""The stage that runs in place of the others when a gate fails."""


class TaskError(StageError):
    """A task failed or was stopped from outside; the run ends with its exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def run_compiled(pipeline: Path, arguments: Mapping[str, object], way: Way, record: RunRecord) -> bool:
    """Execute the compiled pipeline in the run's folder and return whether it passed its gate.

    Args:
        pipeline: the compiled YAML; it alone says what is executed.
        arguments: of the pipeline; for the others its own defaults hold.
        way: how tasks are run.
        record: of the run; its folder receives everything, its tasks are filled in.

    Raises:
        InputError: the YAML has faults, or an argument is not one of the pipeline's.
        TaskError: a task failed, or somebody else stopped it.
        KeyboardInterrupt: the run was stopped, and so was what ran.
    """
    spec = lint.check(pipeline)
    ir.refuse_unknown(spec, arguments)
    tasks = ir.tasks(spec)
    record.order = [task.name for task in tasks]
    record.tasks = {task.name: TaskRecord(image=task.image) for task in tasks}
    record.save()
    way.clear(record.folder)
    runner = TaskRunner(way, record, {task.key: task.name for task in tasks})
    with _orchestrated(runner, record.folder):
        components.load_component_from_file(str(pipeline))(**arguments)
    return _verdict(tasks, record)


@contextmanager
def _orchestrated(runner: TaskRunner, folder: Path) -> Iterator[None]:
    """Put our runner of single tasks under KFP's orchestrator, and what KFP prints and logs into a file."""
    log = folder / "logs" / "pipeline.log"
    log.parent.mkdir(exist_ok=True)
    original, config_before = task_executor.execute_single_task, config.LocalExecutionConfig.instance
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with log.open("a", encoding="utf-8") as out, redirect_stdout(out):
        # KFP wants one of its own runners; it is never asked, because `execute` runs the tasks.
        local.init(local.SubprocessRunner(use_venv=False), pipeline_root=str(folder / "tasks"), raise_on_error=False)
        task_executor.execute_single_task = runner.execute
        root.handlers[:] = [logging.StreamHandler(out)]
        root.setLevel(logging.INFO)
        try:
            yield
        finally:
            root.handlers[:] = handlers
            root.setLevel(level)
            task_executor.execute_single_task = original
            config.LocalExecutionConfig.instance = config_before


def _verdict(tasks: list[ir.Task], record: RunRecord) -> bool:
    """Mark what was not run, raise for what failed, and tell whether the gate was passed."""
    for name, kept in record.tasks.items():
        if kept.state == "waiting":
            record.change(name, state="skipped")
    for name, kept in record.tasks.items():
        if kept.state in {"failed", "interrupted"}:
            raise TaskError(f"{name}: {kept.error}", EXIT_BUG if kept.exit_code is None else kept.exit_code)
    ended = {name for name, kept in record.tasks.items() if kept.state in {"done", "cached"}}
    conditional = [task for task in tasks if task.branches]
    if conditional and not any(task.name in ended for task in conditional):
        raise StageError(
            f"no branch of the pipeline's conditions ran, not even an else: see {record.folder}/logs/pipeline.log"
        )
    return not any(task.name in ended for task in tasks if ir.stage_of(task.image) == NOTIFY_STAGE)
