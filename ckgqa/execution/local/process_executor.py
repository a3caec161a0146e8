"""Run a task as a plain process: the image's command, with this interpreter and the stage's sources."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

from ckgqa.execution.compilation import ir
from ckgqa.execution.local.environment import environment_of
from ckgqa.execution.local.executor import GRACE_S, JobSpec, OnLine
from ckgqa.runtime.errors import InputError, ServiceError

PYTHONS = {"python", "python3"}


@dataclass(frozen=True)
class ProcessExecutor:
    """Runs jobs as processes."""

    stages: Path
    """Folder of the stages; each has its sources in `src`."""
    program_hash: Callable[[str], str]
    """Returns the hash of the program of the stage with this name."""
    keep_open: tuple[int, ...] = ()
    """File descriptors that each process inherits, such as the run's lock: a process that outlives us holds it."""
    grace_s: float = GRACE_S

    def program(self, image: str) -> str:
        """Return the hash of the stage's current sources, which run whatever the tag of the image is."""
        self._sources(image)
        return self.program_hash(ir.stage_of(image))

    def run(self, job: JobSpec, on_line: OnLine) -> int:
        """Run the job in its own process group and stop the whole group on any exception."""
        first, *rest = job.command
        command = [sys.executable if first in PYTHONS else first, *rest]
        environment = {**environment_of(self._sources(job.image)), **job.environment}
        try:
            process = subprocess.Popen(
                command,
                cwd=job.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.keep_open,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            raise ServiceError(f"{job.task}: {command[0]} cannot be started ({error})") from error
        assert process.stdout is not None
        reader = _Reader(process.stdout, on_line)
        reader.start()
        try:
            code = process.wait()
        except BaseException:
            self._stop(process)
            raise
        finally:
            # Children that the program has left behind hold the pipe open.
            _signal_group(process.pid, signal.SIGKILL)
            reader.join(self.grace_s)
        if reader.error is not None:
            raise reader.error
        return code

    def clear(self, run_folder: Path) -> None:
        """Do nothing: a process that outlives a run holds its lock, so that no other run of this folder starts."""

    def _sources(self, image: str) -> Path:
        stage = ir.stage_of(image)
        folder = self.stages / stage / "src"
        if not folder.is_dir():
            known = ", ".join(sorted(sources.parent.name for sources in self.stages.glob("*/src")))
            raise InputError(f"the image {image} belongs to no stage here; these run as processes: {known}")
        return folder

    def _stop(self, process: "subprocess.Popen[str]") -> None:
        _signal_group(process.pid, signal.SIGTERM)
        try:
            process.wait(self.grace_s)
        except subprocess.TimeoutExpired:
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()


class _Reader(Thread):
    """Passes the lines of a program on; if that fails, as with a full disk, the output of the program is closed."""

    def __init__(self, output: IO[str], on_line: OnLine) -> None:
        super().__init__(daemon=True)
        self.output, self.on_line = output, on_line
        self.error: Exception | None = None

    def run(self) -> None:
        """Read until the output ends."""
        try:
            with self.output:
                for line in self.output:
                    self.on_line(line.rstrip("\n"))
        except Exception as error:  # noqa: BLE001 -- the thread that waits for us raises it
            self.error = error


def _signal_group(leader: int, number: int) -> None:
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return
