"""The one tree of errors, and the exit codes that go with it.

StageError              something is wrong that the message explains
    InputError          exit 2: what we were given is wrong; a retry would fail the same way
    ServiceError        exit 75: a service or the machine refused or was late; a retry may help
        (EX_TEMPFAIL of sysexits.h)

Anything else that escapes a program is our bug: a traceback and exit 1.
"""

import errno

EXIT_BUG = 1
EXIT_INPUT = 2
EXIT_SERVICE = 75


class StageError(Exception):
    """The root: a message that says what was wrong, where, and what would be right."""

    exit_code = EXIT_BUG


class InputError(StageError):
    """What we were given is wrong: do not retry."""

    exit_code = EXIT_INPUT


class ServiceError(StageError):
    """A service or the machine refused or was late: a retry may help."""

    exit_code = EXIT_SERVICE


def require(condition: bool, message: str) -> None:
    """Refuse a setting that makes no sense, at the moment it is made.

    Raises:
        InputError: `condition` is false; `message` says what would be right.
    """
    if not condition:
        raise InputError(message)


FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def stage_error(error: BaseException) -> StageError | None:
    """Say in our own terms what the machine refused: a full disk, no memory, a place that may not be written.

    Returns:
        The error to end with, None where this one is a bug of ours.
    """
    if isinstance(error, StageError):
        return error
    if isinstance(error, MemoryError):
        return ServiceError("out of memory; use a machine with more, or smaller batches")
    if isinstance(error, OSError) and error.errno in FULL:
        return ServiceError(f"{error.filename or 'output'}: the disk is full; free some space and run again")
    if isinstance(error, OSError) and error.errno in FORBIDDEN and error.filename is not None:
        return InputError(f"{error.filename}: {error.strerror}; a place that this user may read and write is expected")
    return None
