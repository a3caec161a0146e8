"""Asking a service again when its failure may pass: bounded attempts, waits that double, and never past a deadline."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ckgqa.runtime.errors import ServiceError, require

Result = TypeVar("Result")

LONGEST_WAIT_S = 5.0
JITTER = 0.25
"""Share of a wait by which it varies, so that clients that failed together do not come back together."""


class PassingError(Exception):
    """A failure that may pass; the message says what it was."""

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        """Keep what the service said.

        Args:
            message: what failed.
            wait_s: how long the service asked us to wait, None where it did not say.
        """
        super().__init__(message)
        self.wait_s = wait_s


@dataclass(frozen=True)
class Retries:
    """How often and how long."""

    attempts: int = 3
    """Attempts in all, at least 1."""
    wait_s: float = 0.1
    """Seconds before the second attempt; each further wait is twice as long."""
    deadline_s: float = 10.0
    """Seconds after which no further attempt begins: who waits at a page has gone by then."""

    def __post_init__(self) -> None:
        require(self.attempts >= 1, f"attempts is {self.attempts}: at least 1 is expected")
        require(self.wait_s >= 0, f"wait_s is {self.wait_s}: 0 or more is expected")
        require(self.deadline_s > 0, f"deadline_s is {self.deadline_s}: more than 0 is expected")

    def run(self, place: str, work: Callable[[], Result]) -> Result:
        """Do the work, again while it fails in a way that may pass.

        Args:
            place: names the service in the message.
            work: raises `PassingError` where another attempt may succeed.

        Raises:
            ServiceError: all attempts failed, or the time is up.
        """
        started = time.monotonic()
        for attempt in range(1, self.attempts + 1):
            try:
                return work()
            except PassingError as error:
                wait_s = self._wait(attempt, error)
                if attempt == self.attempts or time.monotonic() - started + wait_s > self.deadline_s:
                    raise ServiceError(f"{place}: {error} (tried {attempt} times)") from error
                time.sleep(wait_s)
        raise AssertionError("at least one attempt is made")

    def _wait(self, attempt: int, error: PassingError) -> float:
        wait_s = max(self.wait_s * 2.0 ** (attempt - 1), error.wait_s or 0.0)
        return min(wait_s, LONGEST_WAIT_S) * (1 + JITTER * random.random())  # noqa: S311 -- no secret hangs on it
