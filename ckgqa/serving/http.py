"""Runs an ASGI application over HTTP until SIGTERM, which lets the requests under way end."""

import logging
import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from ckgqa.runtime.errors import ServiceError
from ckgqa.runtime.program import Terminated

logger = logging.getLogger(__name__)

IDLE_CONNECTION_S = 75  # longer than the 60 s for which load balancers keep theirs
BACKLOG = 2048


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
        logger.info("listening on http://%s:%d", *listening.getsockname()[:2])
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except Terminated:
            logger.info("drained: requests under way were answered, and no new ones taken")


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
