"""A disk that is really full: what people are told, the exit code, and nothing left half-written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# A mount of one's own, which goes with the process; then what the program left there, on standard output.
ALONE = ["unshare", "--map-root-user", "--mount"]
SCRIPT = """
set -e; mount -t tmpfs -o size=4k tmpfs "$1"; cd "$1"; shift
code=0; "$@" || code=$?
find . -mindepth 1; exit $code
"""


@pytest.mark.skipif(
    subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode != 0,
    reason="this machine mounts no disk of one's own for a test",
)
def test_notify_without_room_leaves_nothing(tmp_path: Path):
    words = ["notify", "--title", "t", "--message", "长" * 10_000, "--notification", str(tmp_path / "n")]
    program = [sys.executable, "-m", "ckgqa_notify", *words]
    ended = subprocess.run(
        [*ALONE, "sh", "-c", SCRIPT, "sh", tmp_path, *program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (75, ""), ended.stderr
    assert "the disk is full; free some space and run again" in ended.stderr
    assert "Traceback" not in ended.stderr
