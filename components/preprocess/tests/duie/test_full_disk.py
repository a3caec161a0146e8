"""A disk that is really full: what people are told, the exit code, and nothing left half-written."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

# A mount of one's own, which goes with the process; then what the program left there, on standard output.
ALONE = ["unshare", "--map-root-user", "--mount"]
SCRIPT = """
set -e; mount -t tmpfs -o size="$1" tmpfs "$2"; cd "$2"; shift 2
code=0; "$@" || code=$?
find . -mindepth 1; exit $code
"""


@pytest.mark.skipif(
    subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode != 0,
    reason="this machine mounts no disk of one's own for a test",
)
# From hardly anything to most of what is needed.
@pytest.mark.parametrize("size", ["4k", "16k", "52k"])
def test_duie_without_room_leaves_nothing(
    tmp_path: Path, archive_files: Mapping[str, str], pack: Callable[..., Path], size: str
):
    raw = pack(tmp_path / "raw.zip", archive_files)
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["duie", "--raw", str(raw), "--sentences", str(disk / "sentences")]
    program = [sys.executable, "-m", "ckgqa_preprocess", *words]
    ended = subprocess.run(
        [*ALONE, "sh", "-c", SCRIPT, "sh", size, disk, *program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (75, ""), ended.stderr
    assert "the disk is full; free some space and run again" in ended.stderr
    assert "Traceback" not in ended.stderr
