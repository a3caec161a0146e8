"""The errors that a program reports by a message, and their exit codes.

StageError              something is wrong that the message explains
    InputError          exit 2: the input is wrong; a retry would fail the same way
    ServiceError        exit 75: a service or the machine refused or was late; a retry may help
        (EX_TEMPFAIL of sysexits.h)

Any other exception that ends a program is a bug: a traceback and exit 1.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXIT_BUG = 1
EXIT_INPUT = 2
EXIT_SERVICE = 75


class StageError(Exception):
    """Base class: the message says what was wrong, where, and what was expected."""

    exit_code = EXIT_BUG


class InputError(StageError):
    """The input is wrong: do not retry."""

    exit_code = EXIT_INPUT


class ServiceError(StageError):
    """A service or the machine refused or was late: a retry may help."""

    exit_code = EXIT_SERVICE


def require(condition: bool, message: str) -> None:
    """Raise InputError unless a condition of the settings holds.

    Raises:
        InputError: `condition` is false; `message` says what was expected.
    """
    if not condition:
        raise InputError(message)


@contextmanager
def naming_input(option: str, path: Path) -> Iterator[None]:
    """Begin the message of an InputError with the flag and the path of the input that the block reads.

    Args:
        option: the flag, such as `--raw`.
        path: its value.
    """
    try:
        yield
    except InputError as error:
        message = str(error)
        if message.startswith(f"{option} "):
            raise
        named = option if message.startswith(str(path)) else f"{option} {path}:"
        raise InputError(f"{named} {message}") from error


FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def stage_error(error: BaseException) -> StageError | None:
    """Translate an error of the operating system: no memory, a full disk, a path without permission.

    Returns:
        The error to report, or None if this one is a bug.
    """
    if isinstance(error, StageError):
        return error
    if isinstance(error, MemoryError):
        return ServiceError("out of memory; use a machine with more, or smaller batches")
    if isinstance(error, OSError) and error.errno in FULL:
        return ServiceError(f"{error.filename or 'output'}: the disk is full; free some space and run again")
    if isinstance(error, OSError) and error.errno in FORBIDDEN and error.filename is not None:
        return InputError(f"{error.filename}: {error.strerror}; expected a path that this user may read and write")
    return None
