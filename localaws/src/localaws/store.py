"""The resources of the services that localaws adds, in one SQLite file that survives a kill."""

import json
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Record = dict[str, Any]
"""The stored part of one resource: JSON values alone; times are seconds since 1970."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS resources (
  kind TEXT, account TEXT, region TEXT, name TEXT, record TEXT NOT NULL,
  PRIMARY KEY (kind, account, region, name)
) WITHOUT ROWID
"""


class Store:
    """Resources by kind, account, region and name. Safe for threads."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def kind(self, name: str, account: str, region: str) -> "Resources":
        """Return the resources of one kind in one account and region."""
        return Resources(self, name, account, region)

    def scopes(self, kind: str) -> list[tuple[str, str]]:
        """Return the accounts and regions that have resources of a kind."""
        with self._lock:
            return self._connection.execute(
                "SELECT DISTINCT account, region FROM resources WHERE kind = ?", (kind,)
            ).fetchall()

    def rows(self, key: tuple[str, str, str]) -> list[tuple[str, Record]]:
        """Return the names and records of a kind, account and region, by name."""
        with self._lock:
            found = self._connection.execute(
                "SELECT name, record FROM resources WHERE (kind, account, region) = (?, ?, ?) ORDER BY name", key
            ).fetchall()
        return [(name, json.loads(text)) for name, text in found]

    def read(self, key: tuple[str, str, str, str]) -> Record | None:
        """Return one record, or None."""
        with self._lock:
            found = self._connection.execute(
                "SELECT record FROM resources WHERE (kind, account, region, name) = (?, ?, ?, ?)", key
            ).fetchone()
        return None if found is None else json.loads(found[0])

    def write(self, key: tuple[str, str, str, str], record: Record) -> None:
        """Write one record."""
        with self._lock:
            self._connection.execute(
                "INSERT OR REPLACE INTO resources VALUES (?, ?, ?, ?, ?)", (*key, json.dumps(record))
            )

    def insert(self, key: tuple[str, str, str, str], record: Record) -> bool:
        """Write a record unless there is one; return whether it was written."""
        with self._lock:
            changed = self._connection.execute(
                "INSERT OR IGNORE INTO resources VALUES (?, ?, ?, ?, ?)", (*key, json.dumps(record))
            ).rowcount
        return changed == 1

    def remove(self, key: tuple[str, str, str, str]) -> None:
        """Remove one record, if it is there."""
        with self._lock:
            self._connection.execute("DELETE FROM resources WHERE (kind, account, region, name) = (?, ?, ?, ?)", key)

    def update(self, key: tuple[str, str, str, str], change: Callable[[Record], None]) -> Record | None:
        """Read a record, change it and write it, as one step; return it, or None if it is not there."""
        with self._lock:
            record = self.read(key)
            if record is not None:
                change(record)
                self.write(key, record)
            return record


class Resources:
    """The resources of one kind in one account and region."""

    def __init__(self, store: Store, kind: str, account: str, region: str) -> None:
        self._store = store
        self._scope = (kind, account, region)

    def all(self) -> list[Record]:
        """Return all records, by name."""
        return [record for _, record in self._store.rows(self._scope)]

    def get(self, name: str) -> Record | None:
        """Return one record, or None."""
        return self._store.read((*self._scope, name))

    def add(self, name: str, record: Record) -> bool:
        """Add a record; return False if the name is in use."""
        return self._store.insert((*self._scope, name), record)

    def put(self, name: str, record: Record) -> None:
        """Write a record, new or not."""
        self._store.write((*self._scope, name), record)

    def update(self, name: str, change: Callable[[Record], None]) -> Record | None:
        """Change a record as one step; return it, or None if it is not there."""
        return self._store.update((*self._scope, name), change)

    def remove(self, name: str) -> None:
        """Remove a record, if it is there."""
        self._store.remove((*self._scope, name))
