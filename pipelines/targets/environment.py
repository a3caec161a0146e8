"""The environment in which the program of a stage runs as a plain process; it imports nothing that takes time."""

import os
from pathlib import Path

QUIET_THREADS = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Holds unless the caller's environment says otherwise: threads of OpenMP that wait for each other sleep. Its default
is to spin, and where other programs want the same processors a training then takes ten times as long."""


def environment_of(sources: Path) -> dict[str, str]:
    """Give the environment in which a stage's program runs that has its sources in this folder."""
    paths = [str(sources), *filter(None, [os.environ.get("PYTHONPATH")])]
    ours = {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}
    return {**QUIET_THREADS, **os.environ, **ours}
