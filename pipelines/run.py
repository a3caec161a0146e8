"""Run a pipeline on this machine from its inputs to its report, or go on with an earlier run."""

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from ckgqa.bundle import ROOT
from ckgqa.bundle.pipelines import ir
from ckgqa.bundle.pipelines.prepare import GIVEN_BY_RUN, PIPELINE, Request, WayName, begin, prepare
from ckgqa.bundle.pipelines.record import RunRecord
from ckgqa.bundle.pipelines.report import write_report
from ckgqa.bundle.pipelines.stopping import Terminated, signals_as_interrupt
from ckgqa.bundle.pipelines.targets.docker import DockerWay
from ckgqa.bundle.pipelines.targets.jobs import Job, Way
from ckgqa.bundle.pipelines.targets.local import run_compiled
from ckgqa.bundle.pipelines.targets.process import ProcessWay
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
"""The pipeline ended well, but the model did not pass a gate: what comes behind it was not done."""


def run_pipeline(
    request: Request, watch: Callable[[RunRecord], AbstractContextManager[None]], say: Callable[[str], None]
) -> tuple[RunRecord, int]:
    """Run what is asked for and return the run's record and the exit code.

    Args:
        request: what to run on what.
        watch: shows the run for the time of the block that it opens.
        say: tells people of what is done before, such as building an image.

    Raises:
        StageError: the run cannot begin; there is no record of it then, or that of before.
    """
    way_name = request.way or default_way()
    record = begin(request, way_name)
    with locked(record.folder) as lock:
        try:
            with open_way(way_name, lock) as way, signals_as_interrupt():
                prepare(record, request)
                started = time.monotonic()
                code = _execute(record, way, watch, say)
        except BaseException:
            if not (record.folder / MANIFEST_JSON).exists():  # a new run that cannot begin leaves nothing
                shutil.rmtree(record.folder)
            raise
        record.seconds = round(time.monotonic() - started, 2)
        record.finished = utc_now()
        record.save()
        _notify(record, lock)
        write_report(record)
    return record, code


def default_way() -> WayName:
    """Return `docker` where an engine answers, else `process`."""
    try:
        with connect():
            return "docker"
    except ServiceError:
        return "process"


@contextmanager
def open_way(name: WayName, lock: int) -> Iterator[Way]:
    """Give the way of this name for the block; processes inherit the run's lock.

    Raises:
        ServiceError: Docker is asked for, and no engine answers.
    """
    if name == "docker":
        with connect() as client:
            yield DockerWay(client, program_hash, pinned)
    else:
        yield ProcessWay(ROOT / "components", program_hash, keep_open=(lock,))


def is_running(folder: Path) -> bool:
    """Tell whether a process holds the run's lock."""
    try:
        with locked(folder):
            return False
    except ServiceError:
        return True


def _execute(
    record: RunRecord,
    way: Way,
    watch: Callable[[RunRecord], AbstractContextManager[None]],
    say: Callable[[str], None],
) -> int:
    """Execute the run's pipeline, write down how it ended, and return the exit code."""
    own = {name: value for name, value in record.settings.items() if name in GIVEN_BY_RUN}
    pipeline = record.folder / PIPELINE
    try:
        if isinstance(way, DockerWay):
            _build_missing(way, pipeline, say)
        with watch(record):
            passed = run_compiled(pipeline, {**record.given, **own}, way, record)
    except KeyboardInterrupt as error:
        terminated = isinstance(error, Terminated)
        record.state, record.reason = "interrupted", f"stopped by {'SIGTERM' if terminated else 'Ctrl-C'}"
        return EXIT_TERMINATED if terminated else EXIT_INTERRUPTED
    except Exception as error:
        if (named := stage_error(error)) is not None:
            stopped = named.exit_code in {EXIT_INTERRUPTED, EXIT_TERMINATED}
            record.state, record.reason = "interrupted" if stopped else "failed", without_credentials(str(named))
            return named.exit_code
        record.state, record.reason = "failed", without_credentials(f"{type(error).__name__}: {error}")
        logger.exception("this is a bug in ckgqa")
        return EXIT_BUG
    record.state = "done" if passed else "gate-failed"
    record.reason = "" if passed else "the model did not pass the gate"
    return 0 if passed else EXIT_GATE


def _build_missing(way: DockerWay, pipeline: Path, say: Callable[[str], None]) -> None:
    """Build the images of this checkout that the pipeline needs and the engine does not hold."""
    planned = plan_images()
    wanted = {task.image for task in ir.tasks(ir.load_ir(pipeline))}
    missing = [image.name for image in planned.values() if image.tag in wanted and not is_there(way.client, image.tag)]
    if not missing:
        return
    say(f"building the images of {', '.join(missing)}: once, minutes where torch is among them")
    options = BuildOptions(tests=False)
    for built in build_images(way.client, select_images(missing, planned), planned, options, lambda *_: None):
        say(f"  {built.image.tag}  {built.state}, {built.seconds:.0f} s")


def _notify(record: RunRecord, lock: int) -> None:
    """See that a notification stands in the folder of a run that broke or did not pass its gate."""
    place = record.folder / "notification"
    if record.state == "gate-failed":
        told = (record.output(name, "notification") for name in record.tasks)
        shutil.copytree(next(made for made in told if made is not None), place)
    elif record.state == "failed":
        title = f"{record.pipeline}: the run {record.name} broke"
        words = ["notify", "--title", title, "--message", record.reason, "--notification", str(place)]
        job = Job(
            "notify-broken", "ckgqa/notify", ("python", "-m", "ckgqa_notify", *words), record.folder, record.folder, {}
        )
        with open_way("process", lock) as way:
            code = way.run(job, lambda line: logger.info("%s", line))
        if code != 0:
            logger.error("the notification could not be written (exit code %d)", code)


@contextmanager
def locked(folder: Path, busy: str = "this run is still going on; wait for it, or stop it first") -> Iterator[int]:
    """Hold a folder's lock for the block and give its file descriptor.

    Args:
        folder: of a run, or of all runs.
        busy: what people are told when another process holds it.

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
