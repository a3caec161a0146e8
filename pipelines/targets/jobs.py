"""What a target runs: one task's command, and the two ways to run it have one shape."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

GRACE_S = 20.0
"""How long a stage may take to clean up after SIGTERM before it is killed: time to end one batch and its files."""

OnLine = Callable[[str], None]
"""Takes each line that the stage writes to standard output and standard error, without its newline."""


@dataclass(frozen=True)
class Job:
    """One command of a stage, every placeholder replaced."""

    task: str
    """Name of the task, for logs and labels."""
    image: str
    """The pinned image; its name says which stage it is."""
    command: tuple[str, ...]
    run_folder: Path
    """All that the job reads and writes is below it, apart from `reads` and `writes`."""
    folder: Path
    """The task's own folder, where it runs."""
    environment: Mapping[str, str]
    reads: tuple[Path, ...] = ()
    """What settings name elsewhere on this machine, as those of an edited pipeline may."""
    writes: tuple[Path, ...] = ()
    """The folders elsewhere on this machine that the job writes to: of an embedded graph, of the registry of models."""
    network: bool = False
    """Whether the job needs a network, as for a graph on a server."""


class Way(Protocol):
    """A way to run jobs on this machine."""

    def program(self, image: str) -> str:
        """Return the hash of the program that would run for this image."""

    def run(self, job: Job, on_line: OnLine) -> int:
        """Run the job to its end and return its exit code, negative for the signal that killed it.

        Any exception, such as a Ctrl-C, first stops what runs: SIGTERM, then after `GRACE_S` a kill.
        """

    def clear(self, run_folder: Path) -> None:
        """End what an earlier run of this folder has left running."""
