"""Runs an ASGI application over HTTP; SIGTERM drains the active requests and ends it. Requires uvicorn."""

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

IDLE_CONNECTION_S = 75  # longer than the 60 s of load balancers
BACKLOG = 2048
CUT_OFF_S = 1.0
"""Seconds after the end of a drain at which the process ends even if a thread still computes."""


def serve_http(app: Callable[..., Any], host: str, port: int, drain_s: int) -> None:
    """Listen on the port and serve the application until SIGTERM.

    Args:
        app: the ASGI application.
        host: address to listen on.
        port: port to listen on; 0 takes any free one, which the log names.
        drain_s: seconds after SIGTERM in which active requests may finish.

    Raises:
        ServiceError: another program listens on the port.
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
            logger.info("drained: the server answered all active requests and accepted no new ones")


class _Server(uvicorn.Server):
    """A server whose drain ends even if a thread still computes, because nothing can cancel a thread."""

    def __init__(self, config: uvicorn.Config, drain_s: int) -> None:
        super().__init__(config)
        self._drain_s = drain_s

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin the drain and set the time of its end."""
        super().handle_exit(sig, frame)
        timer = threading.Timer(self._drain_s + CUT_OFF_S, _cut_off)
        timer.daemon = True
        timer.start()


def _cut_off() -> None:
    logger.error("the drain ended with active requests, which stay unanswered")
    os._exit(EXIT_TERMINATED)


def _url(host: str, port: int) -> str:
    """Format an address as a URL; an IPv6 address stands in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    """Listen on the port before the server starts, so that a failure ends the program at once.

    Raises:
        ServiceError: another program listens on the port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ServiceError(f"{host}:{port} cannot be listened on ({error}); free it, or use another --port") from error
