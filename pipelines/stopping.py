"""SIGTERM and a closed terminal stop what the command line runs as a Ctrl-C does: in order, and with its children."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ckgqa.runtime.program import EXIT_TERMINATED

SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class Terminated(KeyboardInterrupt):
    """A signal asked for the end: stop as for a Ctrl-C."""

    exit_code = EXIT_TERMINATED


@contextmanager
def signals_as_interrupt() -> Iterator[None]:
    """Raise `Terminated` for the time of the block where a signal asks for the end."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 -- a signal handler's shape
        raise Terminated

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
