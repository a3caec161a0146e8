"""The threads of the jobs: one for each job, which ends when the job does."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)

SHUTDOWN_S = 60.0
"""Longest time that all jobs together may take to end when localaws does."""


@dataclass
class Control:
    """Signals to a running job."""

    stop: threading.Event = field(default_factory=threading.Event)
    """Somebody stopped the job by the API."""
    shutdown: threading.Event = field(default_factory=threading.Event)
    """Localaws ends."""
    changed: threading.Event = field(default_factory=threading.Event)
    """Set together with each of the others, so that one wait sees both."""

    def signal(self, event: threading.Event) -> None:
        """Set `stop` or `shutdown`, and wake up who waits for either."""
        event.set()
        self.changed.set()


class Supervisor:
    """Starts and stops jobs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, tuple[Control, threading.Thread]] = {}
        self._closed = False

    def start(self, arn: str, run: Callable[[Control], None]) -> None:
        """Run a job in a thread of its own."""
        control = Control()

        def body() -> None:
            try:
                run(control)
            except Exception:
                logger.exception("%s: the thread of the job failed", arn)
            finally:
                with self._lock:
                    self._jobs.pop(arn, None)

        thread = threading.Thread(target=body, name=arn.rpartition(":")[2], daemon=True)
        with self._lock:
            if self._closed:
                control.signal(control.shutdown)
            self._jobs[arn] = (control, thread)
        thread.start()

    def stop(self, arn: str) -> None:
        """Signal a job to stop, if it runs."""
        with self._lock:
            job = self._jobs.get(arn)
        if job is not None:
            job[0].signal(job[0].stop)

    def shut_down(self) -> None:
        """Signal all jobs that localaws ends, and wait for them."""
        with self._lock:
            self._closed = True
            jobs = list(self._jobs.values())
        for control, _ in jobs:
            control.signal(control.shutdown)
        deadline = time.monotonic() + SHUTDOWN_S
        for _, thread in jobs:
            thread.join(max(0.0, deadline - time.monotonic()))

    def running(self) -> list[str]:
        """Return the ARNs of the jobs that run."""
        with self._lock:
            return sorted(self._jobs)
