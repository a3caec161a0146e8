"""The log of unanswered questions and of feedback: JSON lines in a folder, or in the program's log."""

import json
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from ckgqa.runtime.clock import utc_now
from ckgqa.runtime.errors import InputError, ServiceError

logger = logging.getLogger(__name__)

EventKind = Literal["unanswered", "feedback"]


class EventLog:
    """Appends records. Threads may share it.

    Args:
        folder: receives `unanswered.jsonl` and `feedback.jsonl`; None sends their lines to the program's log instead.
        max_bytes: size at which a file is renamed to `NAME.jsonl.1`, which replaces the previous one.
    """

    def __init__(self, folder: Path | None, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = threading.Lock()

    def open(self) -> None:
        """Make the folder.

        Raises:
            InputError: the path is not a folder.
            OSError: the folder cannot be written to.
        """
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise InputError(f"{self._folder}: no folder can be made there; expected a folder for the logs") from error
        (self._folder / "unanswered.jsonl").touch()

    def append(self, kind: EventKind, record: Mapping[str, object]) -> None:
        """Append a record with the time.

        Args:
            kind: names the file.
            record: of JSON values.

        Raises:
            ServiceError: the file cannot be written.
        """
        line = json.dumps({"time": utc_now("milliseconds"), **record}, ensure_ascii=False)
        if self._folder is None:
            logger.info("%s %s", kind, line)
            return
        path = self._folder / f"{kind}.jsonl"
        try:
            with self._lock:
                _append(path, line.encode() + b"\n", self._max_bytes)
        except OSError as error:
            raise ServiceError(f"{path}: cannot be written ({error})") from error


def _append(path: Path, line: bytes, max_bytes: int) -> None:
    if path.exists() and path.stat().st_size + len(line) > max_bytes:
        path.replace(path.with_name(path.name + ".1"))
    with path.open("ab", buffering=0) as file:
        file.write(line)
