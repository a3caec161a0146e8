"""Run a pipeline on this machine from its inputs to its report, or go on with an earlier run."""

import fcntl
import logging
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from ckgqa.bundle import ROOT
from ckgqa.bundle.checkout import commit
from ckgqa.bundle.pipelines import inputs, ir
from ckgqa.bundle.pipelines.compile import compile_pipeline
from ckgqa.bundle.pipelines.record import MANIFEST, InputRecord, RunRecord, now, read_record
from ckgqa.bundle.pipelines.report import write_report
from ckgqa.bundle.pipelines.targets.docker import DockerWay
from ckgqa.bundle.pipelines.targets.jobs import Job, Way
from ckgqa.bundle.pipelines.targets.local import run_compiled
from ckgqa.bundle.pipelines.targets.process import ProcessWay
from ckgqa.images.build import Options, build_images, select
from ckgqa.images.engine import connect, is_there
from ckgqa.images.plan import pinned, plan_images, program_hash
from ckgqa.runtime.errors import EXIT_BUG, InputError, ServiceError, stage_error
from ckgqa.runtime.program import EXIT_INTERRUPTED, EXIT_TERMINATED

logger = logging.getLogger(__name__)

EXIT_GATE = 3
"""The pipeline ended well, but the model did not pass the gate: nothing was extracted or loaded."""
PIPELINE = "pipeline.yaml"
GIVEN_BY_RUN = {"raw_uri", "texts_uri"}
"""Parameters that are where the run's own copies of the inputs are."""

WayName = Literal["process", "docker"]


@dataclass(frozen=True)
class Request:
    """What is asked for on the command line; what is None stays as it was in a run that is gone on with."""

    pipeline: str
    runs: Path
    """The folder that holds the runs."""
    raw: Path | None = None
    texts: tuple[Path, ...] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the pipeline."""
    way: WayName | None = None
    """None: in containers where a Docker engine answers, else as processes."""
    resume: str | None = None
    """Name or folder of an earlier run, or `last`."""
    edited_pipeline: Path | None = None
    """A compiled pipeline to execute in place of a fresh one."""


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived: stop as for a Ctrl-C."""


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
    record = _begin(request, way_name)
    with _locked(record.folder) as lock:
        try:
            with open_way(way_name, lock) as way, _sigterm_as_interrupt():
                _prepare(record, request)
                started = time.monotonic()
                code = _execute(record, way, watch, say)
        except BaseException:
            if not (record.folder / MANIFEST).exists():  # a new run that cannot begin leaves nothing
                shutil.rmtree(record.folder)
            raise
        record.seconds = round(time.monotonic() - started, 2)
        record.finished = now()
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


def find_run(runs: Path, name: str) -> Path:
    """Return the folder of a run given by its name, its folder, or as `last`, the one begun last.

    Raises:
        InputError: there is no such run.
    """
    if name == "last":
        found = sorted(manifest.parent for manifest in runs.glob("*/manifest.json"))
        if not found:
            raise InputError(f"{runs}: no run there yet")
        return found[-1].absolute()
    folder = runs / name if (runs / name).is_dir() else Path(name)
    if not folder.is_dir():
        raise InputError(f"there is no run {name!r} in {runs}; `ckgqa runs list` names those there are")
    return folder.absolute()


def is_running(folder: Path) -> bool:
    """Tell whether a process holds the run's lock."""
    try:
        with _locked(folder):
            return False
    except ServiceError:
        return True


def _begin(request: Request, way: WayName) -> RunRecord:
    """Read the run to go on with, or make the record of a new one."""
    if request.resume is not None:
        record = read_record(find_run(request.runs, request.resume))
        if record.pipeline != request.pipeline:
            raise InputError(f"{record.folder}: this is a run of {record.pipeline}, not of {request.pipeline}")
        record.given = {**record.given, **request.settings}
        record.target = way
        return record
    if request.raw is None:
        raise InputError("--raw is missing: give the archive, or --resume with the name of a run")
    if not request.raw.exists():
        raise InputError(f"{request.raw}: there is no such archive; give a zip or a folder with --raw")
    return RunRecord(_new_folder(request.runs), request.pipeline, way, dict(request.settings))


def _new_folder(runs: Path) -> Path:
    """Make a folder named by the time, which sorts by age."""
    name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    for suffix in ("", *(f"-{number}" for number in range(2, 100))):
        folder = runs.absolute() / f"{name}{suffix}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise ServiceError(f"{runs}: a hundred runs have begun in this second")


def _prepare(record: RunRecord, request: Request) -> None:
    """Copy the inputs and put the pipeline into the run's folder."""
    record.commit, record.version = commit(), version("ckgqa")
    record.state, record.started, record.finished, record.reason = "running", now(), "", ""
    shutil.rmtree(record.folder / "notification", ignore_errors=True)
    raw, record.inputs["raw"] = _raw(record, request.raw)
    texts, record.inputs["texts"] = _texts(record, request.texts)
    if request.edited_pipeline is not None:
        record.edited_pipeline = str(request.edited_pipeline.absolute())
        ir.load_ir(request.edited_pipeline)
        shutil.copyfile(request.edited_pipeline, record.folder / PIPELINE)
    elif not record.edited_pipeline:
        compile_pipeline(record.pipeline, record.folder / PIPELINE, pinned)
    spec = ir.load_ir(record.folder / PIPELINE)
    places = {"raw_uri": str(raw), "texts_uri": str(texts)}
    own = {name: place for name, place in places.items() if name in spec.root.input_definitions.parameters}
    record.settings = {**ir.defaults(spec), **record.given, **own}
    record.save()


def _raw(record: RunRecord, given: Path | None) -> tuple[Path, InputRecord]:
    """Copy the archive that is given, or look whether the one given before has changed."""
    folder = record.folder / "inputs" / "raw"
    if given is None:
        before = record.inputs["raw"]
        given = Path(before.sources[0])
        if not given.exists():
            logger.warning("%s is gone; the run's own copy is used", given)
            return next(folder.iterdir()), before
    return inputs.stage_raw(given, folder)


def _texts(record: RunRecord, given: tuple[Path, ...] | None) -> tuple[Path, InputRecord]:
    """Copy the texts that are given, or look whether those given before have changed."""
    folder = record.folder / "inputs" / "texts"
    before = record.inputs.get("texts")
    if given is None and before is not None:
        given = tuple(Path(source) for source in before.sources)
        gone = [source for source in given if not source.exists()]
        if gone:
            logger.warning("%s is gone; the run's own copy of the texts is used", gone[0])
            return folder, before
    return inputs.stage_texts(given or (), folder)


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
        record.state, record.reason = "interrupted", "stopped from outside"
        return EXIT_TERMINATED if isinstance(error, Terminated) else EXIT_INTERRUPTED
    except Exception as error:
        if (named := stage_error(error)) is not None:
            record.state, record.reason = "failed", str(named)
            return named.exit_code
        record.state, record.reason = "failed", f"{type(error).__name__}: {error}"
        logger.exception("this is a bug in ckgqa")
        return EXIT_BUG
    record.state = "done" if passed else "gate-failed"
    record.reason = "" if passed else "the model did not pass the gate; nothing was extracted or loaded"
    return 0 if passed else EXIT_GATE


def _build_missing(way: DockerWay, pipeline: Path, say: Callable[[str], None]) -> None:
    """Build the images of this checkout that the pipeline needs and the engine does not hold."""
    planned = plan_images()
    wanted = {task.image for task in ir.tasks(ir.load_ir(pipeline))}
    missing = [image.name for image in planned.values() if image.tag in wanted and not is_there(way.client, image.tag)]
    if not missing:
        return
    say(f"building the images of {', '.join(missing)}: once, minutes where torch is among them")
    options = Options(tests=False)
    for built in build_images(way.client, select(missing, planned), planned, options, lambda *_: None):
        say(f"  {built.image.tag}  {built.state}, {built.seconds:.0f} s")


def _notify(record: RunRecord, lock: int) -> None:
    """See that a notification stands in the folder of a run that broke or did not pass its gate."""
    place = record.folder / "notification"
    if record.state == "gate-failed":
        made = record.output("notify", "notification")
        if made is not None:
            shutil.copytree(made, place)
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
def _locked(folder: Path) -> Iterator[int]:
    """Hold the run's lock for the block and give its file descriptor.

    Raises:
        ServiceError: another process holds it.
    """
    handle = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ServiceError(f"{folder}: this run is still going on; wait for it, or stop it first") from error
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 -- a signal handler's shape
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
