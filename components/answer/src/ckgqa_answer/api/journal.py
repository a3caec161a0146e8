"""What people asked in vain, and what they thought of the answers: JSON lines in a folder, or in the program's log."""

import json
import logging
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from ckgqa.runtime.errors import InputError, ServiceError

logger = logging.getLogger(__name__)

UNANSWERED, FEEDBACK = "unanswered", "feedback"


class Journal:
    """Keeps records. Threads may share it.

    Args:
        folder: gets `unanswered.jsonl` and `feedback.jsonl`; None sends their lines to the log instead.
        max_bytes: size at which a file becomes `NAME.jsonl.1`, in the place of the one before.
    """

    def __init__(self, folder: Path | None, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = threading.Lock()

    def open(self) -> None:
        """Make the folder.

        Raises:
            InputError: there is something else of this name.
            OSError: it cannot be written to.
        """
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise InputError(f"{self._folder}: no folder can be made there; one for the logs is expected") from error
        (self._folder / f"{UNANSWERED}.jsonl").touch()

    def keep(self, name: str, record: Mapping[str, object]) -> None:
        """Keep a record, with the time.

        Args:
            name: `UNANSWERED` or `FEEDBACK`.
            record: what JSON can hold.

        Raises:
            ServiceError: the file cannot be written.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, **record}, ensure_ascii=False)
        if self._folder is None:
            logger.info("%s %s", name, line)
            return
        path = self._folder / f"{name}.jsonl"
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
