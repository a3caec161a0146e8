"""The question model behind an HTTP address: a container's or a local server's `/invocations`."""

import json
from collections.abc import Sequence
from urllib.parse import urlsplit

import urllib3

from ckgqa.runtime.errors import InputError, require
from ckgqa.runtime.log import without_credentials
from ckgqa_answer.down import WrongAddressError
from ckgqa_answer.prediction import Prediction, read_predictions
from ckgqa_answer.retries import PassingError, Retries

PATH = "/invocations"
CONNECTIONS = 32
MAX_REPLY_BYTES = 4 * 1024 * 1024
OK, TOO_MANY, INTERNAL = 200, 429, 500
REFUSED = frozenset({400, 413, 415, 422})
"""What a model answers to a question that it does not take."""


class HttpModel:
    """Asks `/invocations`; threads may share it, each request takes a connection of its own from the pool.

    Args:
        url: address of the server; `/invocations` is added where no path stands in it.
        timeout_s: seconds that one attempt may take.
        retries: how often it is tried.
    """

    def __init__(self, url: str, timeout_s: float = 5.0, retries: Retries | None = None) -> None:
        require(timeout_s > 0, f"timeout_s is {timeout_s}: more than 0 is expected")
        self.url = endpoint_url(url)
        self._place = without_credentials(self.url)
        self._retries = retries or Retries()
        self._pool = urllib3.PoolManager(
            maxsize=CONNECTIONS, retries=False, timeout=urllib3.Timeout(connect=min(timeout_s, 2.0), read=timeout_s)
        )

    def predict(self, questions: Sequence[str]) -> list[Prediction]:
        """Read questions; see `Model.predict`."""
        body = json.dumps({"questions": list(questions)}, ensure_ascii=False).encode()
        reply = self._retries.run(self._place, lambda: self._post(body))
        return read_predictions(reply, questions, self._place)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _post(self, body: bytes) -> object:
        """Send one request.

        Raises:
            PassingError: no answer, or one that says that it may answer later.
            InputError: the model refuses the question.
            WrongAddressError: no model is there.
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
            words = "gave no answer in time" if late else f"cannot be reached ({type(error).__name__})"
            raise PassingError(f"the model {words}") from error
        if answer.status == OK and len(content) <= MAX_REPLY_BYTES:
            return _json(content)
        if answer.status == TOO_MANY or answer.status >= INTERNAL:
            raise PassingError(f"the model answered {answer.status}", _seconds(answer.headers.get("Retry-After")))
        if answer.status in REFUSED:
            raise InputError(f"the model refused the question: {_reason(content)}")
        raise WrongAddressError(
            f"{self._place} answered {answer.status}: the address of a model's /invocations would be right"
        )


def endpoint_url(url: str) -> str:
    """Complete the address of a model.

    Raises:
        InputError: it is none.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(f"model address {without_credentials(url)!r}: http://HOST:PORT would be right")
    return url.rstrip("/") + (PATH if parts.path in {"", "/"} else "")


def _json(content: bytes) -> object:
    """Read JSON; None, which no contract allows, where it is none."""
    try:
        value: object = json.loads(content)
    except ValueError:
        return None
    return value


def _seconds(header: str | None) -> float | None:
    """Read `Retry-After` where it is a number of seconds."""
    return float(header) if header is not None and header.isdigit() else None


def _reason(content: bytes) -> str:
    """Find the reason in a refusal: its JSON `error`, `reason` or `detail`, or its first words."""
    value = _json(content)
    if isinstance(value, dict):
        for key in ("error", "reason", "detail", "message"):
            if value.get(key):
                return str(value[key])[:300]
    return content[:300].decode("utf-8", "replace")
