"""Locks between processes on files and folders; the kernel releases one when its holder ends, however it ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_S = 0.2


@contextmanager
def exclusive_lock(path: Path, timeout_s: float | None = 0.0) -> Iterator[int]:
    """Hold the lock of an existing file or folder for the block, and yield its file descriptor.

    Args:
        path: an existing file or folder.
        timeout_s: longest wait for another holder; 0 does not wait, None waits for ever.

    Raises:
        BlockingIOError: another process holds the lock.
        OSError: the path cannot be opened.
    """
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _acquire(handle, timeout_s)
        yield handle
    finally:
        os.close(handle)


def _acquire(handle: int, timeout_s: float | None) -> None:
    if timeout_s is None:
        fcntl.flock(handle, fcntl.LOCK_EX)
        return
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(POLL_S)
        else:
            return
