"""DuckDB as a workbench: a bound on its memory, the rest on disk, and its errors in the stage's own words."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ckgqa.runtime.errors import ServiceError

# "File too large" is what a limit on the size of files says (ulimit -f).
DISK_FULL = ("No space left on device", "Disk quota exceeded", "File too large", "max_temp_directory_size")


@contextmanager
def workbench(inside: Path, memory_mb: int, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a database whose file and overflow lie in a temporary folder, which goes away with the block.

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
            "preserve_insertion_order": False,  # whatever has an order here is sorted on purpose
        }
        with _own_words(), duckdb.connect(f"{folder}/work.duckdb", config=config) as database:
            yield database


@contextmanager
def _own_words() -> Iterator[None]:
    """Turn what the machine refused into a ServiceError."""
    try:
        yield
    except duckdb.Error as error:  # a full disk comes as one of several kinds: reading, sorting, committing
        if any(sign in str(error) for sign in DISK_FULL):
            raise ServiceError("the disk is full; free some space beside the output and run again") from error
        if isinstance(error, duckdb.OutOfMemoryException):
            reason = str(error).split("\n", maxsplit=1)[0]
            raise ServiceError(f"too little memory ({reason}); raise --memory-mb or lower --threads") from error
        raise


def one_number(database: duckdb.DuckDBPyConnection, query: str) -> int:
    """Return the integer that the query yields, 0 for null."""
    row = database.execute(query).fetchone()
    return int(row[0] or 0) if row else 0


def as_sql(text: str | Path) -> str:
    """Write a text as an SQL literal, for the places where DuckDB takes no parameter (COPY ... TO)."""
    return "'" + str(text).replace("'", "''") + "'"
