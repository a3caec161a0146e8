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

from ckgqa.bundle.pipelines import ir
from ckgqa.bundle.pipelines.targets.environment import environment_of
from ckgqa.bundle.pipelines.targets.jobs import GRACE_S, Job, OnLine
from ckgqa.runtime.errors import InputError, ServiceError

PYTHONS = {"python", "python3"}


@dataclass(frozen=True)
class ProcessWay:
    """Runs jobs as processes."""

    stages: Path
    """The folder of the stages: each has its sources in `src`."""
    program_hash: Callable[[str], str]
    """Returns the hash of a stage's program, given the stage's name."""
    keep_open: tuple[int, ...] = ()
    """File descriptors that each process inherits, such as the run's lock: what outlives us keeps it."""
    grace_s: float = GRACE_S

    def program(self, image: str) -> str:
        """Return the hash of the stage's sources as they are now: they run, whatever the image's tag says."""
        self._sources(image)
        return self.program_hash(ir.stage_of(image))

    def run(self, job: Job, on_line: OnLine) -> int:
        """Run the job in a process group of its own and stop the whole group when anything goes wrong here."""
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
            # Whatever the program started and left behind holds the pipe open.
            _signal_group(process.pid, signal.SIGKILL)
            reader.join(self.grace_s)
        if reader.error is not None:
            raise reader.error
        return code

    def clear(self, run_folder: Path) -> None:
        """Do nothing: what outlives a run holds its lock, so that no other starts."""

    def _sources(self, image: str) -> Path:
        stage = ir.stage_of(image)
        folder = self.stages / stage / "src"
        if not folder.is_dir():
            known = ", ".join(sorted(one.parent.name for one in self.stages.glob("*/src")))
            raise InputError(f"the image {image} is of no stage here; as processes only these run: {known}")
        return folder

    def _stop(self, process: "subprocess.Popen[str]") -> None:
        _signal_group(process.pid, signal.SIGTERM)
        try:
            process.wait(self.grace_s)
        except subprocess.TimeoutExpired:
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()


class _Reader(Thread):
    """Passes a program's lines on; when that fails, as with a full disk, the program finds its output closed."""

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
        except Exception as error:  # noqa: BLE001 -- whatever it is, the thread that waits for us raises it
            self.error = error


def _signal_group(leader: int, number: int) -> None:
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return
