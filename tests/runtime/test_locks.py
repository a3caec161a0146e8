"""A lock is held by one process at a time, and is free once its holder has ended, however it ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ckgqa.runtime.locks import exclusive_lock

HOLDER = """
import sys, time
from pathlib import Path
from ckgqa.runtime.locks import exclusive_lock
with exclusive_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path: Path):
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("timeout_s", [0.0, 0.3])
def test_a_lock_that_is_held_is_not_given_twice(tmp_path: Path, holder, timeout_s):
    with pytest.raises(BlockingIOError), exclusive_lock(tmp_path, timeout_s):
        pass


def test_a_killed_holder_lets_go(tmp_path: Path, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with exclusive_lock(tmp_path, timeout_s=10.0), pytest.raises(BlockingIOError), exclusive_lock(tmp_path):
        pass


def test_what_is_not_there_cannot_be_locked(tmp_path: Path):
    with pytest.raises(FileNotFoundError), exclusive_lock(tmp_path / "nothing"):
        pass
