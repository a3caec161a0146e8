"""End processes in order: SIGTERM, and SIGKILL for those that do not listen."""

import sys
from collections.abc import Sequence
from contextlib import suppress

import psutil

STOP_S = 60.0
"""Longest time until a server ends after SIGTERM: it stops the containers of its jobs first."""


def end_processes(processes: Sequence[psutil.Process], patience_s: float = STOP_S) -> None:
    """End processes by SIGTERM, and after a while by SIGKILL, which a line on standard error reports."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(processes, patience_s)
    for process in alive:
        sys.stderr.write(f"process {process.pid} did not end within {patience_s:.0f} s and was killed\n")
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, patience_s)
