"""The index that linking reads, kept in a cache: built when first needed, and again when the graph has changed."""

import hashlib
import logging
import os
import sqlite3
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ckgqa.runtime.artefacts import NAMES_JSONL, TEXTS_JSONL
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa_answer.index_build import build_index, signature

logger = logging.getLogger(__name__)

CACHE_VARIABLE = "CKGQA_CACHE"


class Index:
    """A graph's names and texts. Threads may share it.

    Args:
        folder: the graph's folder, with `names.jsonl` and `texts.jsonl`.
        place: the index file; None puts it into the user's cache. An index that was built elsewhere, such as into an
            image, is taken as long as it fits the folder's files.

    Raises:
        InputError: a file is missing or broken.
        ServiceError: no place for the index can be written.
    """

    def __init__(self, folder: Path, place: Path | None = None) -> None:
        self.folder = folder
        self._place = place
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._seen: tuple[int, ...] = ()
        self.longest = 0
        """Characters of the longest form worth looking for inside a question."""
        for name in (NAMES_JSONL, TEXTS_JSONL):
            if not (folder / name).is_file():
                raise InputError(f"{folder / name}: there is no such file; a graph's folder (ckgqa/graph) has it")
        with self._lock:
            self._follow()

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Ask the index as it is now.

        Raises:
            ServiceError: it cannot be read or built.
        """
        with self._lock:
            self._follow()
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

    def _follow(self) -> None:
        """Take up what was loaded into the graph since."""
        try:
            now = _stamp(self.folder)
            if now != self._seen or self._database is None:
                self._open(signature(self.folder))
                self._seen = now
        except (FileNotFoundError, InputError) as error:
            if self._database is None:
                raise
            # A new folder is being put in the old one's place.
            logger.debug("%s: %s", self.folder, error)

    def _open(self, wanted: str) -> None:
        places = [self._place] if self._place is not None else list(_cache_places(self.folder))
        failed: list[str] = []
        for place in places:
            database = _opened(place)
            if database is not None and _meta(database, "signature") == wanted:
                break
            if database is not None:
                database.close()
            logger.info("building the index of %s", self.folder)
            try:
                build_index(self.folder, place)
            except (OSError, sqlite3.Error) as error:  # SQLite has errors of its own for a disk that is full
                failed.append(f"{place} ({error})")
                continue
            database = _opened(place)
            if database is not None:
                break
            failed.append(f"{place} (what was written cannot be read)")
        else:
            raise ServiceError(f"no index of {self.folder} can be written: tried {', '.join(failed)}")
        if self._database is not None:
            self._database.close()
        self._database = database
        self.longest = int(_meta(database, "longest") or 0)


def _stamp(folder: Path) -> tuple[int, ...]:
    """Give what changes when a file is written anew."""
    found = [(folder / name).stat() for name in (NAMES_JSONL, TEXTS_JSONL)]
    return tuple(value for one in found for value in (one.st_ino, one.st_size, one.st_mtime_ns))


def _cache_places(folder: Path) -> list[Path]:
    """List where an index may be kept: the user's cache, else a folder of this user's for temporary files."""
    name = f"linking-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}.db"
    set_by_user = os.environ.get(CACHE_VARIABLE)
    if set_by_user:
        return [Path(set_by_user) / name]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    shared = Path(tempfile.gettempdir()) / f"ckgqa-{os.getuid()}"
    return [home / "ckgqa" / name, *([shared / name] if _ours(shared) else [])]


def _ours(folder: Path) -> bool:
    """Make a folder that nobody else can write to; tell whether that is what is there now."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    return folder.is_dir() and not folder.is_symlink() and found.st_uid == os.getuid() and not found.st_mode & 0o022


def _opened(place: Path) -> sqlite3.Connection | None:
    """Open an index file for reading; None where there is none that can be read."""
    if not place.is_file():
        return None
    try:
        database = sqlite3.connect(
            f"{place.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False, isolation_level=None
        )
        database.execute("SELECT value FROM meta LIMIT 1")
    except sqlite3.Error as error:
        logger.debug("%s: %s", place, error)
        return None
    return database


def _meta(database: sqlite3.Connection, key: str) -> str:
    row = database.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return "" if row is None else str(row[0])
