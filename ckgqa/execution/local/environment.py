"""The environment of a stage's program as a plain process; this module imports nothing heavy."""

import os
from pathlib import Path

QUIET_THREADS = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Defaults that the caller's environment may override: waiting OpenMP threads sleep. OpenMP's own default is to spin,
and beside other programs on the same processors a training then takes ten times as long."""


def environment_of(sources: Path) -> dict[str, str]:
    """Return the environment of a stage's program with its sources in this folder."""
    paths = [str(sources), *filter(None, [os.environ.get("PYTHONPATH")])]
    ours = {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}
    return {**QUIET_THREADS, **os.environ, **ours}
