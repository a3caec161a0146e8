"""The command of one task, and the protocol of the executors that run it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

GRACE_S = 20.0
"""Seconds between SIGTERM and a kill: a stage finishes one batch and its files in this time."""

ExecutorName = Literal["process", "docker"]
"""What `--target` chooses."""

OnLine = Callable[[str], None]
"""Receives each line that the stage writes to standard output and standard error, without its newline."""


@dataclass(frozen=True)
class JobSpec:
    """One command of a stage, its placeholders replaced."""

    task: str
    """Name of the task, for logs and labels."""
    image: str
    """The pinned image; its name identifies the stage."""
    command: tuple[str, ...]
    run_folder: Path
    """Everything that the job reads and writes is below it, apart from `reads` and `writes`."""
    folder: Path
    """The task's own folder, where it runs."""
    environment: Mapping[str, str]
    reads: tuple[Path, ...] = ()
    """Files and folders outside of the run that settings name."""
    writes: tuple[Path, ...] = ()
    """Folders outside of the run that the job writes to: of an embedded graph, or of the registry of models."""
    network: bool = False
    """Whether the job needs a network, as for a graph in a server."""


class Executor(Protocol):
    """Runs jobs on this machine."""

    def program(self, image: str) -> str:
        """Return the hash of the program that would run for this image."""

    def run(self, job: JobSpec, on_line: OnLine) -> int:
        """Run the job to its end and return its exit code, negative for the signal that killed it.

        Any exception, such as a Ctrl-C, first stops what runs: SIGTERM, then after `GRACE_S` a kill.
        """

    def clear(self, run_folder: Path) -> None:
        """Stop what an earlier run of this folder has left running."""
