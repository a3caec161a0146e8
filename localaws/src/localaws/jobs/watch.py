"""Watch the containers of a job until they end, or until something ends them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from localaws.containers.group import ContainerGroup
from localaws.jobs.supervisor import Control

POLL_S = 0.25
SIZE_INTERVAL_S = 5.0
"""Interval of the checks of the disk: the engine adds up the sizes of all files."""
GRACE_S = 120.0
"""Time between SIGTERM and SIGKILL. Source: the reference of StopTrainingJob."""


UNLIMITED = 2**63


def volume_bytes(size_gb: int) -> int:
    """Return how much a job may write; without a size, as for instances with disks of their own, it has no limit."""
    return size_gb * 2**30 or UNLIMITED


class End(Enum):
    """Why the containers of a job ended."""

    EXITED = "exited"
    """By themselves."""
    STOPPED = "stopped"
    """By the API."""
    RUNTIME = "runtime"
    """They ran longer than `MaxRuntimeInSeconds`."""
    WAIT = "wait"
    """A spot training took longer than `MaxWaitTimeInSeconds`."""
    SPOT = "spot"
    """A spot interruption."""
    DISK = "disk"
    """They wrote more than `VolumeSizeInGB`."""
    SHUTDOWN = "shutdown"
    """Localaws ends."""


@dataclass(frozen=True)
class Limits:
    """When the containers are ended; times are those of `time.monotonic`."""

    runtime_at: float
    disk_bytes: int
    grace_s: float
    spot_at: float = float("inf")
    wait_at: float = float("inf")

    def reached(self, control: Control) -> End | None:
        """Return what ends the containers now, if anything does."""
        now = time.monotonic()
        if control.shutdown.is_set():
            return End.SHUTDOWN
        if control.stop.is_set():
            return End.STOPPED
        due = [(self.wait_at, End.WAIT), (self.runtime_at, End.RUNTIME), (self.spot_at, End.SPOT)]
        return next((end for at, end in due if now >= at), None)


@dataclass(frozen=True)
class Outcome:
    """How the containers of a job ended."""

    end: End
    exit_codes: list[int | None]
    out_of_memory: bool = False

    @property
    def failed_with(self) -> int:
        """The exit code of the first container that failed by itself, or 0."""
        return next((code for code in self.exit_codes if code), 0)


def watch(group: ContainerGroup, control: Control, limits: Limits, on_tick: Callable[[], None]) -> Outcome:
    """Watch running containers to their end; one that fails ends the others.

    Args:
        group: started containers.
        control: what the job is told meanwhile.
        limits: what ends them.
        on_tick: called several times a second.
    """
    size_at = time.monotonic() + SIZE_INTERVAL_S
    while True:
        codes = group.exit_codes()
        if None not in codes or any(codes):
            memory = group.out_of_memory()
            if None in codes:
                group.terminate(limits.grace_s)
            return Outcome(End.EXITED, codes, memory)
        end = limits.reached(control)
        if end is None and time.monotonic() >= size_at:
            size_at = time.monotonic() + SIZE_INTERVAL_S
            end = End.DISK if group.written_bytes() > limits.disk_bytes else None
        if end is not None:
            group.terminate(0.0 if end in {End.SHUTDOWN, End.DISK} else limits.grace_s)
            return Outcome(end, codes)
        on_tick()
        control.changed.wait(POLL_S)
