"""The file of an embedded graph: its schema, how it is opened and copied, and the translation of its errors."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from ckgqa.runtime.errors import InputError, ServiceError

# SQLite keeps both numbers in the file's header: whose file it is ("ckgq" in ASCII), and in which format.
APPLICATION_ID = 0x636B6771
FORMAT_VERSION = 1
CACHE_KIB = 65_536
# Where SQLite's header says how the file is read, and what stands there as long as it has a write-ahead log.
READ_VERSION_OFFSET = 19
READ_VERSION_LOG = 2

# Ids of 32 hexadecimal digits are stored as 16 bytes: half the size of table and index at 10 million edges.
SCHEMA = """
CREATE TABLE label (key INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE vertex (key INTEGER PRIMARY KEY, id NOT NULL UNIQUE, label INTEGER NOT NULL,
                     name TEXT, properties TEXT NOT NULL);
CREATE TABLE edge (key INTEGER PRIMARY KEY, id NOT NULL UNIQUE, label INTEGER NOT NULL,
                   source INTEGER NOT NULL, target INTEGER NOT NULL, properties TEXT NOT NULL);
"""
# Secondary indexes: without them every answer is the same, only slow, so a first load drops them and builds them anew.
INDEXES = {
    "vertex_name": "vertex (name) WHERE name IS NOT NULL",
    "edge_out": "edge (source, label, target)",
    "edge_in": "edge (target, label, source)",
}
_MACHINE_REFUSES = (
    "SQLITE_FULL",
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_IOERR",
    "SQLITE_INTERRUPT",
    "SQLITE_NOMEM",
    "SQLITE_PROTOCOL",
)
_REASONS = {
    "SQLITE_INTERRUPT": "the traversal took longer than its time limit",
    "SQLITE_FULL": "the disk is full; free some space and run again",
}
_FILE_IS_WRONG = ("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_READONLY", "SQLITE_CANTOPEN")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into those of the project.

    Raises:
        ServiceError: the disk is full or failing, another process holds the file too long, or the time is up.
        InputError: the file is no graph, is broken, or may not be written.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(_MACHINE_REFUSES):
            raise ServiceError(f"graph {path}: {_REASONS.get(name, str(error))}") from error
        if name.startswith(_FILE_IS_WRONG):
            raise InputError(f"graph {path}: {error}; expected a graph file written by this project") from error
        raise


def connect_file(path: Path, *, read_only: bool, timeout_s: float) -> sqlite3.Connection:
    """Open a graph file; make it when it is absent and may be written.

    Args:
        path: the SQLite file.
        read_only: never change the graph, nor make one.
        timeout_s: how long to wait for another process that writes.

    Raises:
        InputError: there is no such file or folder, or the file is not a graph of a known format.
        ServiceError: the machine refuses.
    """
    _check_place(path, read_only=read_only)
    with translated(path):
        connection = sqlite3.connect(
            _uri(path, read_only=read_only),
            uri=True,
            timeout=timeout_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            _prepare(connection, path, read_only=read_only)
        except BaseException:
            connection.close()
            raise
    return connection


def _check_place(path: Path, *, read_only: bool) -> None:
    if path.is_dir():
        raise InputError(f"graph {path}: this is a folder; expected the path of a graph file inside it")
    if read_only and not path.exists():
        raise InputError(f"graph {path}: there is no such file; a graph that is opened for reading must exist")
    if not path.parent.is_dir():
        raise InputError(f"graph {path}: there is no folder {path.parent}")


def close_file(connection: sqlite3.Connection) -> None:
    """Close a graph file; the last to close it, if it may write there, leaves the one file and no log beside it."""
    # Refused while others have the file open, where nobody may write, and on a full disk: then the log stays.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
    connection.close()


def copy_file(source: Path, target: Path, *, timeout_s: float) -> None:
    """Copy a graph file as it stands between two writes, whoever else has it open.

    Args:
        source: the graph, which is not changed.
        target: a file that is not there yet.
        timeout_s: how long to wait for another process that writes.

    Raises:
        InputError: `source` is not a graph of a known format.
        ServiceError: the machine refuses, as on a full disk.
    """
    original = connect_file(source, read_only=True, timeout_s=timeout_s)
    try:
        with translated(target), closing(sqlite3.connect(target)) as copy:
            copy.execute("PRAGMA synchronous = OFF")  # who copies says when the copy counts
            original.backup(copy)
    finally:
        original.close()


def _uri(path: Path, *, read_only: bool) -> str:
    uri = path.absolute().as_uri()
    if not read_only:
        return f"{uri}?mode=rwc"
    # Whoever reads while a log is there makes SQLite's shared-memory file, and may only take it away with the right to
    # write; PRAGMA query_only keeps the graph itself from being changed.
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return f"{uri}?mode=rw"
    # A loader that was killed leaves a file that asks for a log; where no log can be made, none is under way either.
    log_exists = path.with_name(f"{path.name}-wal").exists()
    immutable = _asks_for_log(path) and not log_exists and not os.access(path.parent, os.W_OK)
    return f"{uri}?mode=ro" + ("&immutable=1" if immutable else "")


def _asks_for_log(path: Path) -> bool:
    with path.open("rb") as content:
        header = content.read(READ_VERSION_OFFSET + 1)
    return header[READ_VERSION_OFFSET:] == bytes([READ_VERSION_LOG])


def _prepare(connection: sqlite3.Connection, path: Path, *, read_only: bool) -> None:
    if not read_only:
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN IMMEDIATE")
        empty = not connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_schema)").fetchone()[0]
        if empty and not _header(connection, "application_id"):
            _create(connection)
        connection.execute("COMMIT")
    owner, version = _header(connection, "application_id"), _header(connection, "user_version")
    if owner != APPLICATION_ID:
        raise InputError(f"graph {path}: this SQLite file is not a graph of this project")
    if version != FORMAT_VERSION:
        raise InputError(f"graph {path}: its format is version {version}; this program reads version {FORMAT_VERSION}")
    connection.execute("PRAGMA query_only = ON" if read_only else "PRAGMA journal_mode = WAL").fetchall()


def _create(connection: sqlite3.Connection) -> None:
    for statement in SCHEMA.split(";"):
        connection.execute(statement)
    for name in INDEXES:
        connection.execute(index_statement(name))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")


def index_statement(name: str) -> str:
    """Write the statement that builds one secondary index."""
    return f"CREATE INDEX IF NOT EXISTS {name} ON {INDEXES[name]}"


def missing_indexes(connection: sqlite3.Connection) -> list[str]:
    """List the secondary indexes that a load under way, or one that was broken off, has left unbuilt."""
    built = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")}
    return [name for name in INDEXES if name not in built]


def _header(connection: sqlite3.Connection, field: str) -> int:
    number: int = connection.execute(f"PRAGMA {field}").fetchone()[0]
    return number


def pack_id(element_id: str) -> str | bytes:
    """Make an id as it is stored: 16 bytes for one of 32 lower-case hexadecimal digits, else the text."""
    if len(element_id) == 32 and element_id.isascii():
        try:
            packed = bytes.fromhex(element_id)
        except ValueError:
            return element_id
        if packed.hex() == element_id:
            return packed
    return element_id


def unpack_id(stored: str | bytes) -> str:
    """Read a stored id."""
    return stored.hex() if isinstance(stored, bytes) else stored
