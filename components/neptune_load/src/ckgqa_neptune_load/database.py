"""DuckDB for one piece of work: bounded memory, the rest on disk, and its errors as those of the project."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ckgqa.runtime.errors import ServiceError

# "File too large" comes from a limit on the size of files (ulimit -f).
DISK_FULL = ("No space left on device", "Disk quota exceeded", "File too large", "max_temp_directory_size")


@contextmanager
def temporary_database(inside: Path, memory_mb: int, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database whose file and overflow lie in a temporary folder, and remove both with the block.

    Args:
        inside: the folder that is being written; the temporary one is made in it, so that nothing of it outlives a
            process that was killed.
        memory_mb: bound on what DuckDB holds in memory, in MB.
        threads: threads of DuckDB.

    Raises:
        ServiceError: the disk is full, or the memory is too little for the work.
    """
    with tempfile.TemporaryDirectory(prefix="spill.", dir=inside) as folder:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory_mb}MB",
            "threads": threads,
            "temp_directory": f"{folder}/overflow",
            "preserve_insertion_order": False,  # whatever needs an order is sorted explicitly
        }
        with _translated_errors(), duckdb.connect(f"{folder}/work.duckdb", config=config) as database:
            yield database


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Turn a full disk and exhausted memory into a ServiceError."""
    try:
        yield
    except duckdb.Error as error:  # a full disk comes as one of several kinds: reading, sorting, committing
        if any(sign in str(error) for sign in DISK_FULL):
            raise ServiceError("the disk is full; free some space beside the output and run again") from error
        if isinstance(error, duckdb.OutOfMemoryException):
            reason = str(error).split("\n", maxsplit=1)[0]
            raise ServiceError(f"too little memory ({reason}); raise --memory-mb or lower --threads") from error
        raise


def query_int(database: duckdb.DuckDBPyConnection, query: str) -> int:
    """Return the integer that the query yields, 0 for null."""
    row = database.execute(query).fetchone()
    return int(row[0] or 0) if row else 0


def sql_literal(text: str | Path) -> str:
    """Return a text as an SQL literal, for the statements in which DuckDB takes no parameter (COPY ... TO)."""
    return "'" + str(text).replace("'", "''") + "'"
