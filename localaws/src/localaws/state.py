"""The state folder: one localaws at a time, and saves of the base's state while it runs."""

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from localaws.errors import LocalawsError

logger = logging.getLogger(__name__)

INTERVAL_S = 1.0
"""Shortest time between two saves: what a kill may lose of the base's state; S3's objects are stored at once."""
SHARE = 20
"""A save that took long is followed by a pause of so many times its duration."""


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold the state folder for the time of the block.

    Raises:
        LocalawsError: another localaws holds it, or it cannot be written.
    """
    try:
        for name in ("", "logs", "tmp", "ministack", "s3"):
            (state / name).mkdir(parents=True, exist_ok=True)
        lock = (state / "lock").open("w")
    except OSError as error:
        raise LocalawsError(f"the state folder cannot be written: {error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LocalawsError(f"another localaws uses the state folder {state}") from None
        yield


class Saver(threading.Thread):
    """Saves the state soon after it has changed."""

    def __init__(self, save: Callable[[], None], changed: threading.Event) -> None:
        super().__init__(name="saver", daemon=True)
        self._save = save
        self._changed = changed
        self._ended = threading.Event()

    def run(self) -> None:
        """Save until `end` is called."""
        while not self._ended.is_set():
            if not self._changed.wait(INTERVAL_S):
                continue
            self._changed.clear()
            begun = time.monotonic()
            try:
                self._save()
            except Exception:
                logger.exception("the state was not saved")
            self._ended.wait(max(INTERVAL_S, SHARE * (time.monotonic() - begun)))

    def end(self) -> None:
        """End the thread; the base saves itself when the server ends."""
        self._ended.set()
        self.join(30)
