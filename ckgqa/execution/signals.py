"""Handle SIGTERM and SIGHUP (a closed terminal) in the same way as Ctrl-C: stop in order, children included."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ckgqa.runtime.program import EXIT_TERMINATED

SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class RunTerminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP arrived: stop in the same way as on Ctrl-C."""

    exit_code = EXIT_TERMINATED


@contextmanager
def signals_as_interrupt() -> Iterator[None]:
    """Raise `RunTerminated` in the block if SIGTERM or SIGHUP arrives."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 -- a signal handler's shape
        raise RunTerminated

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
