"""One invocation of a transform job, with its retries, and what a failed one says in the data log."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from localaws.serving.http import Answer, AnswerTimeoutError, ModelServer, NoAnswerError
from localaws.store import Record

TIMEOUT_S = 600
MAX_RETRIES = 3
RETRY_S = 1.0
"""Pause before the first retry; every further one is twice as long."""
CLIENT_ERROR = "ClientError: See job logs for more information"
ALGORITHM_ERROR = "AlgorithmError: See job logs for more information"
MAX_MESSAGE = 20_000
"""Characters of a container's answer that go into the data log."""


@dataclass(frozen=True)
class Failure:
    """Why an object has no output."""

    reason: str
    """The FailureReason of the job."""
    lines: tuple[str, ...]
    """What the data log says."""


class Invoker:
    """Invokes one container for a job. Safe for threads."""

    def __init__(
        self,
        server: ModelServer,
        request: Record,
        period_s: Callable[[float], float],
        cancelled: threading.Event,
        alive: Callable[[], bool],
    ) -> None:
        client = request.get("ModelClientConfig", {})
        self._server = server
        self._period_s = period_s
        self._cancelled = cancelled
        self._alive = alive
        self._timeout_s = client.get("InvocationsTimeoutInSeconds", TIMEOUT_S)
        self._retries = client.get("InvocationsMaxRetries", MAX_RETRIES)
        headers = {
            "Content-Type": request["TransformInput"].get("ContentType"),
            "Accept": request["TransformOutput"].get("Accept"),
        }
        self._headers = {name: value for name, value in headers.items() if value}

    def __call__(self, body: bytes | IO[bytes]) -> Answer | Failure:
        """Send a mini-batch; repeat it if the server fails, does not answer, or takes too long.

        An answer with a status of 400 to 499 says that the data is wrong, and is final.
        """
        attempt = 0
        while True:
            answer = self._once(body)
            if isinstance(answer, Answer) or answer.reason == CLIENT_ERROR:
                return answer
            if not self._alive() or attempt == self._retries or self._cancelled.is_set():
                return answer
            self._cancelled.wait(self._period_s(RETRY_S * 2**attempt))
            attempt += 1

    def _once(self, body: bytes | IO[bytes]) -> Answer | Failure:
        if not isinstance(body, bytes):
            body.seek(0)
        try:
            answer = self._server.invoke(body, self._headers, self._period_s(self._timeout_s))
        except AnswerTimeoutError:
            words = f"Model server did not respond to /invocations request within {self._timeout_s} seconds"
            return Failure(ALGORITHM_ERROR, (words,))
        except NoAnswerError:
            return Failure(ALGORITHM_ERROR, ("Unable to get response from algorithm",))
        return answer if answer.ok else _failure_of(answer)


def _failure_of(answer: Answer) -> Failure:
    client = 400 <= answer.status < 500
    first = f"ClientError: {answer.status}" if client else f"Bad HTTP status received from algorithm: {answer.status}"
    with answer.body:
        message = answer.body.read(MAX_MESSAGE).decode("utf-8", "replace").splitlines()
    return Failure(CLIENT_ERROR if client else ALGORITHM_ERROR, (first, "", "Message:", *message))
