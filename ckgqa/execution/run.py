"""Run a pipeline on this machine from its inputs to its report, or resume an earlier run."""

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from ckgqa.bundle import ROOT
from ckgqa.execution.compilation import ir
from ckgqa.execution.inputs import GIVEN_BY_RUN
from ckgqa.execution.local.docker_executor import DockerExecutor
from ckgqa.execution.local.executor import Executor, ExecutorName, JobSpec
from ckgqa.execution.local.orchestrator import run_compiled
from ckgqa.execution.local.process_executor import ProcessExecutor
from ckgqa.execution.records.record import RunRecord
from ckgqa.execution.records.report import write_report
from ckgqa.execution.request import PIPELINE, Request, begin, prepare
from ckgqa.execution.signals import RunTerminated, signals_as_interrupt
from ckgqa.execution.user_words import UserWords
from ckgqa.images.build import BuildOptions, build_images, select_images
from ckgqa.images.engine import connect, is_there
from ckgqa.images.plan import pinned, plan_images, program_hash
from ckgqa.runtime.artefacts import MANIFEST_JSON
from ckgqa.runtime.clock import utc_now
from ckgqa.runtime.errors import EXIT_BUG, ServiceError, stage_error
from ckgqa.runtime.locks import exclusive_lock
from ckgqa.runtime.log import without_credentials
from ckgqa.runtime.program import EXIT_INTERRUPTED, EXIT_TERMINATED

logger = logging.getLogger(__name__)

EXIT_GATE = 3
"""The pipeline ended, but the model did not pass a gate, so that the tasks behind the gate did not run."""


def run_pipeline(
    request: Request, watch: Callable[[RunRecord], AbstractContextManager[None]], say: Callable[[str], None]
) -> tuple[RunRecord, int]:
    """Run a request and return the record of the run and the exit code.

    Args:
        request: the pipeline and its inputs and settings.
        watch: shows the run for the time of the block that it opens.
        say: prints what happens before the run, such as the build of an image.

    Raises:
        StageError: the run cannot start; a new run then leaves no record, and a resumed one keeps its own.
    """
    target = request.target or default_executor()
    record = begin(request, target)
    with locked(record.folder) as lock:
        try:
            with open_executor(target, lock) as executor, signals_as_interrupt():
                prepare(record, request, say)
                started = time.monotonic()
                code = _execute(record, executor, watch, say)
        except BaseException:
            if not (record.folder / MANIFEST_JSON).exists():  # a new run that cannot start leaves nothing
                shutil.rmtree(record.folder)
            raise
        record.seconds = round(time.monotonic() - started, 2)
        record.finished = utc_now()
        record.save()
        _notify(record, lock)
        write_report(record)
    return record, code


def default_executor() -> ExecutorName:
    """Return `docker` if an engine answers, otherwise `process`."""
    try:
        with connect():
            return "docker"
    except ServiceError:
        return "process"


@contextmanager
def open_executor(name: ExecutorName, lock: int) -> Iterator[Executor]:
    """Open the executor of this name for the block; processes inherit the run's lock.

    Raises:
        ServiceError: `docker` was requested, and no engine answers.
    """
    if name == "docker":
        with connect() as client:
            yield DockerExecutor(client, program_hash, pinned)
    else:
        yield ProcessExecutor(ROOT / "components", program_hash, keep_open=(lock,))


def is_running(folder: Path) -> bool:
    """Return whether a process holds the lock of the run."""
    try:
        with locked(folder):
            return False
    except ServiceError:
        return True


def _execute(
    record: RunRecord,
    executor: Executor,
    watch: Callable[[RunRecord], AbstractContextManager[None]],
    say: Callable[[str], None],
) -> int:
    """Execute the pipeline of the run, record how it ended, and return the exit code."""
    own = {name: value for name, value in record.settings.items() if name in GIVEN_BY_RUN}
    pipeline = record.folder / PIPELINE
    try:
        if isinstance(executor, DockerExecutor):
            _build_missing(executor, pipeline, say)
        with watch(record):
            passed = run_compiled(pipeline, {**record.given, **own}, executor, record)
    except KeyboardInterrupt as error:
        terminated = isinstance(error, RunTerminated)
        record.state, record.reason = "interrupted", f"stopped by {'SIGTERM' if terminated else 'Ctrl-C'}"
        return EXIT_TERMINATED if terminated else EXIT_INTERRUPTED
    except Exception as error:
        if (named := stage_error(error)) is not None:
            stopped = named.exit_code in {EXIT_INTERRUPTED, EXIT_TERMINATED}
            record.state = "interrupted" if stopped else "failed"
            record.reason = without_credentials(in_words_of_user(record, str(named)))
            return named.exit_code
        record.state, record.reason = "failed", without_credentials(f"{type(error).__name__}: {error}")
        logger.exception("this is a bug in ckgqa")
        return EXIT_BUG
    record.state = "done" if passed else "gate-failed"
    record.reason = "" if passed else "the model did not pass the gate"
    return 0 if passed else EXIT_GATE


def in_words_of_user(record: RunRecord, message: str) -> str:
    """Return a message with what the user named in place of the run's own copies of its inputs."""
    folder = record.folder / "inputs"
    given = {name: one.sources for name, one in record.inputs.items() if one.sources}
    paths = {folder / name / Path(source).name: source for name, sources in given.items() for source in sources}
    paths |= {folder / name: ", ".join(sources) for name, sources in given.items()}
    return UserWords(paths=paths).translate(message)


def _build_missing(executor: DockerExecutor, pipeline: Path, say: Callable[[str], None]) -> None:
    """Build the images of this checkout that the pipeline needs and the engine does not have."""
    planned = plan_images()
    wanted = {task.image for task in ir.tasks(ir.load_ir(pipeline))}
    missing = [
        image.name for image in planned.values() if image.tag in wanted and not is_there(executor.client, image.tag)
    ]
    if not missing:
        return
    say(f"building the images of {', '.join(missing)}: once, and for minutes if torch is among them")
    options = BuildOptions(tests=False)
    for built in build_images(executor.client, select_images(missing, planned), planned, options, lambda *_: None):
        say(f"  {built.image.tag}  {built.state}, {built.seconds:.0f} s")


def _notify(record: RunRecord, lock: int) -> None:
    """Write a notification into the folder of a run that failed or did not pass its gate."""
    target = record.folder / "notification"
    if record.state == "gate-failed":
        written = (record.output(name, "notification") for name in record.tasks)
        shutil.copytree(next(folder for folder in written if folder is not None), target)
    elif record.state == "failed":
        title = f"{record.pipeline}: the run {record.name} broke"
        words = ["notify", "--title", title, "--message", record.reason, "--notification", str(target)]
        job = JobSpec(
            "notify-broken", "ckgqa/notify", ("python", "-m", "ckgqa_notify", *words), record.folder, record.folder, {}
        )
        with open_executor("process", lock) as executor:
            code = executor.run(job, lambda line: logger.info("%s", line))
        if code != 0:
            logger.error("the notification could not be written (exit code %d)", code)


@contextmanager
def locked(folder: Path, busy: str = "this run is still going on; wait for it, or stop it first") -> Iterator[int]:
    """Hold the lock of a folder for the block and yield its file descriptor.

    Args:
        folder: the folder of a run, or of all runs.
        busy: the message if another process holds the lock.

    Raises:
        ServiceError: another process holds it.
    """
    lock = folder / "lock"
    lock.touch()
    with ExitStack() as stack:
        try:
            handle = stack.enter_context(exclusive_lock(lock))
        except BlockingIOError as error:
            raise ServiceError(f"{folder}: {busy}") from error
        yield handle
