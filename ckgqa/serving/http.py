"""Runs an ASGI application over HTTP until SIGTERM, which lets the requests under way end. Needs uvicorn."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn

from ckgqa.runtime.errors import ServiceError
from ckgqa.runtime.program import EXIT_TERMINATED, Terminated

logger = logging.getLogger(__name__)

IDLE_CONNECTION_S = 75  # longer than the 60 s for which load balancers keep theirs
BACKLOG = 2048
CUT_OFF_S = 1.0
"""How much longer than asked for a drain may take."""


def serve_http(app: Callable[..., Any], host: str, port: int, drain_s: int) -> None:
    """Take the port and answer until SIGTERM.

    Args:
        app: the ASGI application.
        host: address to listen on.
        port: 0 takes any free one; the log names it.
        drain_s: seconds in which requests under way may end.

    Raises:
        ServiceError: another program has the port.
    """
    with _listen(host, port) as listening:
        config = uvicorn.Config(
            app, loop="uvloop", http="httptools", ws="none", log_config=None, access_log=False, server_header=False,
            timeout_keep_alive=IDLE_CONNECTION_S, timeout_graceful_shutdown=drain_s,
        )  # fmt: skip
        logger.info("listening on %s", _url(*listening.getsockname()[:2]))
        try:
            _Server(config, drain_s).run(sockets=[listening])
        except Terminated:
            logger.info("drained: requests under way were answered, and no new ones taken")


class _Server(uvicorn.Server):
    """A server whose drain ends even where a thread does not, since threads cannot be cancelled."""

    def __init__(self, config: uvicorn.Config, drain_s: int) -> None:
        super().__init__(config)
        self._drain_s = drain_s

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain."""
        super().handle_exit(sig, frame)
        end = threading.Timer(self._drain_s + CUT_OFF_S, _cut_off)
        end.daemon = True
        end.start()


def _cut_off() -> None:
    logger.error("requests that were still under way were cut off")
    os._exit(EXIT_TERMINATED)


def _url(host: str, port: int) -> str:
    """Write an address as a browser takes it: one of IPv6 stands in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    """Take the port, before anything is promised.

    Raises:
        ServiceError: another program has it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ServiceError(f"{host}:{port} cannot be listened on ({error}); free it, or give another --port") from error
