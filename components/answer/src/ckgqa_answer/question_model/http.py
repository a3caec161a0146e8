"""The question model behind an HTTP address: a container's or a local server's `/invocations`."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

import urllib3

from ckgqa.runtime.errors import InputError, require
from ckgqa.runtime.log import without_credentials
from ckgqa.runtime.retry import RetryPolicy, TransientError
from ckgqa.runtime.settings import refusal
from ckgqa_answer.errors import WrongAddressError
from ckgqa_answer.question_model.prediction import REJECTION_STATUSES, Prediction, read_predictions
from ckgqa_answer.settings import REQUEST_RETRIES

PATH = "/invocations"
CONNECTIONS = 32
MAX_REPLY_BYTES = 4 * 1024 * 1024


class HttpModel:
    """Sends questions to `/invocations`; threads may share it, each request takes its own connection from the pool.

    Args:
        url: address of the server; `/invocations` is added if it has no path.
        timeout_s: seconds that one attempt may take.
        retries: how often a request is tried.
    """

    def __init__(self, url: str, timeout_s: float = 5.0, retries: RetryPolicy = REQUEST_RETRIES) -> None:
        require(timeout_s > 0, refusal("timeout_s", timeout_s, "a number above 0"))
        self.url = endpoint_url(url)
        self._service = without_credentials(self.url)
        self._retries = retries
        self._pool = urllib3.PoolManager(
            maxsize=CONNECTIONS, retries=False, timeout=urllib3.Timeout(connect=min(timeout_s, 2.0), read=timeout_s)
        )

    def predict(self, questions: Sequence[str]) -> list[Prediction]:
        """Return predictions; see `QuestionModel.predict`."""
        body = json.dumps({"questions": list(questions)}, ensure_ascii=False).encode()
        reply = self._retries.run(self._service, lambda _: self._post(body))
        return read_predictions(reply, questions, self._service)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _post(self, body: bytes) -> object:
        """Send one request.

        Raises:
            TransientError: the model did not answer, or its status says that it may answer later.
            InputError: the model rejects the question.
            WrongAddressError: no model is at the address.
        """
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        try:
            with self._pool.request(
                "POST", self.url, body=body, headers=headers, preload_content=False, redirect=False
            ) as answer:
                content = answer.read(MAX_REPLY_BYTES + 1)
                # Only a connection whose answer was read to its end can serve the next request.
                answer.drain_conn()
        except urllib3.exceptions.HTTPError as error:
            late = isinstance(error, urllib3.exceptions.ReadTimeoutError)
            reason = "gave no answer in time" if late else f"cannot be reached ({type(error).__name__})"
            raise TransientError(f"the model {reason}") from error
        if answer.status == HTTPStatus.OK and len(content) <= MAX_REPLY_BYTES:
            return _json(content)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TransientError(f"the model answered {answer.status}", _seconds(answer.headers.get("Retry-After")))
        if answer.status in REJECTION_STATUSES:
            raise InputError(f"the model rejected the question: {_reason(content)}")
        raise WrongAddressError(
            f"{self._service} answered {answer.status}: expected the address of a model's /invocations"
        )


def endpoint_url(url: str) -> str:
    """Complete the address of a model.

    Raises:
        InputError: it is not an HTTP address.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(refusal("model address", without_credentials(url), "http://HOST:PORT"))
    return url.rstrip("/") + (PATH if parts.path in {"", "/"} else "")


def _json(content: bytes) -> object:
    """Parse JSON; return None, which no contract allows, for anything else."""
    try:
        value: object = json.loads(content)
    except ValueError:
        return None
    return value


def _seconds(header: str | None) -> float:
    """Read `Retry-After` if it is a number of seconds; return 0 if it is not."""
    return float(header) if header is not None and header.isdigit() else 0.0


def _reason(content: bytes) -> str:
    """Find the reason of a rejection: its JSON `error`, `reason`, `detail` or `message`, or its first characters."""
    value = _json(content)
    if isinstance(value, dict):
        for key in ("error", "reason", "detail", "message"):
            if value.get(key):
                return str(value[key])[:300]
    return content[:300].decode("utf-8", "replace")
