"""The cached index of a graph's names and sentences: built when first needed, and again when the graph has changed.

If changed files cannot be read, or no new index can be written, answers continue from the last good index; each failed
attempt is logged and counted. Files that cannot be read are tried once per version, other failures every minute.
"""

import hashlib
import logging
import math
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ckgqa.runtime.artefacts import NAMES_JSONL, TEXTS_JSONL
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.user_cache import CACHE_VARIABLE, user_cache_dir
from ckgqa_answer.linking.build_index import build_index, signature

logger = logging.getLogger(__name__)

RETRY_S = 60.0
"""Seconds before a reload is tried again that failed for another reason than the content of the files."""
_Version = tuple[tuple[int, ...], ...]
"""Inode, size and time of each file; empty for a missing one."""


class Index:
    """A graph's names and sentences. Threads may share it.

    Args:
        folder: the graph's folder, with `names.jsonl` and `texts.jsonl`.
        path: the index file; None keeps it in the user's cache. An index that was built elsewhere, such as in an image,
            is used if it was built from the same files.

    Raises:
        InputError: a file is missing or broken.
        ServiceError: no index can be written.
    """

    def __init__(self, folder: Path, path: Path | None = None) -> None:
        self.folder = folder
        self.longest = 0
        """Characters of the longest form that is searched for inside a question."""
        self.reload_failures = 0
        """Number of failed attempts to reload changed files."""
        self._path = path
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._version: _Version = ()
        """The version of the last attempt to load."""
        self._retry_at = math.inf
        """When a failed attempt is repeated though the version is the same."""
        self._stale = False
        for name in (NAMES_JSONL, TEXTS_JSONL):
            if not (folder / name).is_file():
                raise InputError(f"{folder / name}: there is no such file; a graph's folder (ckgqa/graph) has it")
        with self._lock:
            self._load(_version_of(folder))

    @property
    def is_stale(self) -> bool:
        """Whether the files have changed and could not be reloaded."""
        return self._stale

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Query the index of the files as they are now.

        Raises:
            ServiceError: the index cannot be read.
        """
        with self._lock:
            self._reload_if_changed()
            assert self._database is not None
            try:
                return self._database.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise ServiceError(f"the index of {self.folder} cannot be read: {error}") from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _reload_if_changed(self) -> None:
        version = _version_of(self.folder)
        if self._database is None:
            self._load(version)
        elif version != self._version or time.monotonic() >= self._retry_at:
            try:
                self._load(version)
            except (InputError, ServiceError, OSError) as error:
                self.reload_failures += 1
                self._stale = True
                # A missing or broken file is another version when it is there or whole again.
                passing = not isinstance(error, InputError | FileNotFoundError)
                self._retry_at = time.monotonic() + RETRY_S if passing else math.inf
                logger.warning("%s cannot be reloaded, answers use its last good index: %s", self.folder, error)

    def _load(self, version: _Version) -> None:
        """Open the index of the files, and build it first if need be.

        Raises:
            InputError: a file is missing or broken.
            ServiceError: no index can be written.
        """
        self._version = version
        self._open(signature(self.folder))
        self._stale, self._retry_at = False, math.inf

    def _open(self, wanted: str) -> None:
        failures: list[str] = []
        for path in [self._path] if self._path is not None else _cache_paths(self.folder):
            database = _opened(path)
            if database is not None and _signature(database) == wanted:
                break
            if database is not None:
                database.close()
            logger.info("building the index of %s", self.folder)
            try:
                build_index(self.folder, path)
            except (OSError, sqlite3.Error) as error:  # SQLite has errors of its own for a disk that is full
                failures.append(f"{path} ({error})")
                continue
            database = _opened(path)
            if database is not None:
                break
            failures.append(f"{path} (it cannot be read after it was written)")
        else:
            raise ServiceError(f"no index of {self.folder} can be written: tried {', '.join(failures)}")
        try:
            longest = int(_meta(database, "longest") or 0)
        except sqlite3.Error as error:
            database.close()
            raise ServiceError(f"the index of {self.folder} cannot be read: {error}") from error
        if self._database is not None:
            self._database.close()
        self._database, self.longest = database, longest


def _version_of(folder: Path) -> _Version:
    """Return a value that changes when a file is written anew or goes away."""
    versions: list[tuple[int, ...]] = []
    for name in (NAMES_JSONL, TEXTS_JSONL):
        try:
            status = (folder / name).stat()
        except FileNotFoundError:
            versions.append(())
        else:
            versions.append((status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(versions)


def _cache_paths(folder: Path) -> list[Path]:
    """List where an index may be: in the user's cache, otherwise in a per-user folder in the temp directory."""
    name = f"linking-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}.db"
    cached = user_cache_dir() / name
    if os.environ.get(CACHE_VARIABLE):
        return [cached]
    shared = Path(tempfile.gettempdir()) / f"ckgqa-{os.getuid()}"
    return [cached, *([shared / name] if _make_private(shared) else [])]


def _make_private(folder: Path) -> bool:
    """Make a folder that only its owner can write to; return whether the folder is ours and private."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return False
    return folder.is_dir() and not folder.is_symlink() and status.st_uid == os.getuid() and not status.st_mode & 0o022


def _opened(path: Path) -> sqlite3.Connection | None:
    """Open an index file for reading; return None if it is missing or unreadable, so that it is built."""
    if not path.is_file():
        return None
    try:
        database = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False, isolation_level=None
        )
        database.execute("SELECT value FROM meta LIMIT 1")
    except sqlite3.Error as error:
        logger.debug("%s: %s", path, error)
        return None
    return database


def _signature(database: sqlite3.Connection) -> str | None:
    """Return the signature of the files that an index was built from; None if the index is damaged."""
    try:
        return _meta(database, "signature")
    except sqlite3.Error as error:
        logger.debug("a damaged index is built again: %s", error)
        return None


def _meta(database: sqlite3.Connection, key: str) -> str:
    row = database.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return "" if row is None else str(row[0])
