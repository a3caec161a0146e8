"""Where the registry's storage answers."""

import http.client
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

ANSWER_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class StorageAddress:
    """The address of the registry's storage: a UNIX socket, or a port on 127.0.0.1."""

    url: str
    """URL of its root, without a slash at its end."""
    socket: str = ""
    """Path of its UNIX socket; empty: it listens on the URL's port."""

    def answers(self) -> bool:
        """Return whether the storage is ready for requests."""
        connection = self._connection()
        try:
            connection.request("GET", "/v2/")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self.socket:
            return _SocketConnection(self.socket)
        parts = urlsplit(self.url)
        return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=ANSWER_TIMEOUT_S)


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a UNIX socket."""

    def __init__(self, path: str) -> None:
        super().__init__("registry", timeout=ANSWER_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(ANSWER_TIMEOUT_S)
        self.sock.connect(self._path)
