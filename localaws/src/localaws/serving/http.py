"""The calls of a model's web server: `/ping`, `/execution-parameters` and `/invocations` on port 8080.

Source: "Use Your Own Inference Code" in SageMaker's guide, for hosting services and for batch transform.
"""

import http.client
import json
import logging
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

logger = logging.getLogger(__name__)

PORT = 8080
PING_TIMEOUT_S = 2.0
SPOOL = 8 << 20
"""Bytes of an answer that are kept in memory; more goes to a temporary file."""
CHUNK = 1 << 16
NO_ANSWER = (OSError, http.client.HTTPException)


class NoAnswerError(Exception):
    """The model's server closed the connection, or sent no HTTP."""


class AnswerTimeoutError(NoAnswerError):
    """The model's server did not answer in time."""


@dataclass(frozen=True)
class Answer:
    """What a model's server answered."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: IO[bytes]
    """A file, which the receiver closes."""

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300


@dataclass(frozen=True)
class ModelServer:
    """The web server in a container. Safe for threads: every call has a connection of its own."""

    host: str
    port: int = PORT

    def ping(self) -> bool:
        """Return whether the server says that it is ready."""
        try:
            answer = self._call("GET", "/ping", None, {}, PING_TIMEOUT_S)
        except NoAnswerError:
            return False
        answer.body.close()
        return answer.status == http.client.OK

    def execution_parameters(self) -> dict[str, Any]:
        """Return what the server says about the invocations that it takes; nothing if it does not say."""
        try:
            answer = self._call("GET", "/execution-parameters", None, {}, PING_TIMEOUT_S)
            with answer.body:
                found = json.loads(answer.body.read()) if answer.ok else {}
        except (NoAnswerError, ValueError) as error:
            logger.info("%s: no execution parameters (%s)", self.host, error)
            return {}
        return found if isinstance(found, dict) else {}

    def invoke(self, body: bytes | IO[bytes], headers: Mapping[str, str], timeout_s: float) -> Answer:
        """Send one invocation.

        Args:
            body: the payload; a file is sent in chunks, without its length.
            headers: such as `Content-Type` and `Accept`.
            timeout_s: longest time until the whole answer has come.

        Raises:
            AnswerTimeoutError: it took longer.
            NoAnswerError: there was no answer.
        """
        return self._call("POST", "/invocations", body, headers, timeout_s)

    def _call(
        self, method: str, path: str, body: bytes | IO[bytes] | None, headers: Mapping[str, str], timeout_s: float
    ) -> Answer:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout_s)
        try:
            return _exchange(connection, method, path, body, headers, time.monotonic() + timeout_s)
        except TimeoutError as error:
            raise AnswerTimeoutError(f"{path}: no answer within {timeout_s:g} s") from error
        except NO_ANSWER as error:
            raise NoAnswerError(f"{path}: {error or type(error).__name__}") from error
        finally:
            connection.close()


def _exchange(  # noqa: PLR0917 -- the parts of one request
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | IO[bytes] | None,
    headers: Mapping[str, str],
    deadline: float,
) -> Answer:
    chunked = body is not None and not isinstance(body, bytes)
    encoding = {"Transfer-Encoding": "chunked"} if chunked else {}
    connection.connect()
    # The connection forgets its socket if the server closes it after the answer.
    sock = connection.sock
    try:
        connection.request(method, path, body, {**headers, **encoding}, encode_chunked=chunked)
    except (BrokenPipeError, ConnectionResetError):
        logger.debug("%s: the server did not read the whole body", path)  # its answer says why, such as 413
    response = connection.getresponse()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, _receive(response, sock, deadline))


def _receive(response: http.client.HTTPResponse, sock: socket.socket, deadline: float) -> IO[bytes]:
    """Return the body of a response."""
    received = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115 -- the receiver closes it
    try:
        while True:
            sock.settimeout(max(0.001, deadline - time.monotonic()))
            chunk = response.read1(CHUNK)
            if not chunk:
                break
            received.write(chunk)
    except BaseException:
        received.close()
        raise
    if response.length:
        received.close()
        raise http.client.IncompleteRead(b"", response.length)
    received.seek(0)
    return received
