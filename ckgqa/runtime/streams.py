"""The standard streams of a program: characters that they cannot encode, and readers that go away early."""

import io
import os
import select
import sys


def tolerate_encodings() -> None:
    """Write characters that a standard stream cannot encode, as in ASCII, as backslash escapes instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def output_has_reader() -> bool:
    """Write out what standard output has buffered, and return whether anybody still reads it.

    If nobody does, as after `| head`, the rest of the output goes nowhere, so that the flush at exit does not fail.
    """
    try:
        sys.stdout.flush()
        is_read = not _pipe_is_closed()
    except BrokenPipeError:
        is_read = False
    if not is_read:
        _discard()
    return is_read


def _pipe_is_closed() -> bool:
    """Return whether standard output is a pipe without a reader: an unbuffered stream has nothing left to flush."""
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError):  # no file of the operating system
        return False
    poller = select.poll()
    poller.register(number, 0)
    return any(event & select.POLLERR for _, event in poller.poll(0))


def _discard() -> None:
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 -- a file descriptor is wanted, no path
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
