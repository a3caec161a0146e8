"""The policy for failures that may pass: bounded attempts, waits that grow, and a deadline."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from annotated_types import Ge, Gt

from ckgqa.runtime.errors import ServiceError
from ckgqa.runtime.settings import CheckedSettings

Result = TypeVar("Result")


class TransientError(Exception):
    """A failure that may pass; the message says what it was."""

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        """Store the message and the wait that the service asked for.

        Args:
            message: what failed.
            wait_s: seconds that the service asked us to wait; 0 if it did not say.
        """
        super().__init__(message)
        self.wait_s = wait_s


@dataclass(frozen=True)
class RetryPolicy(CheckedSettings):
    """How often a failed attempt is repeated, and after how long."""

    attempts: Annotated[int, Ge(1)] = 3
    """Attempts in all."""
    wait_s: Annotated[float, Ge(0)] = 0.1
    """Seconds before the second attempt."""
    factor: Annotated[float, Ge(1)] = 2.0
    """Each further wait is so many times the one before."""
    longest_wait_s: Annotated[float, Ge(0)] = 30.0
    """Longest wait, in seconds."""
    jitter: Annotated[float, Ge(0)] = 0.0
    """Largest random share added to a wait, so that clients that failed together do not return together."""
    deadline_s: Annotated[float, Gt(0)] = 1e9
    """Seconds after the first attempt began from which on no further one begins."""

    def delay_s(self, attempt: int, asked_s: float = 0.0) -> float:
        """Return the seconds to wait after a failed attempt.

        Args:
            attempt: number of the attempt that failed, from 1.
            asked_s: wait that the service asked for.
        """
        wait_s = max(self.wait_s * math.pow(self.factor, attempt - 1), asked_s)
        return min(wait_s, self.longest_wait_s) * (1 + self.jitter * random.random())  # noqa: S311 -- no secret

    def run(
        self,
        place: str,
        work: Callable[[int], Result],
        before_wait: Callable[[int, float, TransientError], None] = lambda *_: None,
    ) -> Result:
        """Do the work, again while it fails in a way that may pass.

        Args:
            place: names the service in the message.
            work: gets the attempt's number, from 1; raises `TransientError` if another attempt may succeed.
            before_wait: hears the number of the attempt that failed, the seconds to wait, and the failure.

        Raises:
            ServiceError: all attempts failed, or the next one would begin after the deadline.
        """
        started = time.monotonic()
        for attempt in range(1, self.attempts + 1):
            try:
                return work(attempt)
            except TransientError as error:
                wait_s = self.delay_s(attempt, error.wait_s)
                if attempt == self.attempts or time.monotonic() - started + wait_s > self.deadline_s:
                    raise ServiceError(f"{place}: {error} (tried {attempt} times)") from error
                before_wait(attempt, wait_s, error)
                time.sleep(wait_s)
        raise AssertionError("at least one attempt is made")
