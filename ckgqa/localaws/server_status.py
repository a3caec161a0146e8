"""The server's own account of itself, by HTTP."""

import json
from http.client import HTTPConnection, HTTPException
from typing import Any

from ckgqa.localaws.instances import LOOPBACK

STATUS_PATH = "/localaws/status"
TIMEOUT_S = 5.0
HTTP_OK = 200


def ask_status(port: int) -> dict[str, Any] | None:
    """Return the status that the localaws on a port answers; None if none answers there."""
    connection = HTTPConnection(LOOPBACK, port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", STATUS_PATH)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        return body if answer.status == HTTP_OK and isinstance(body, dict) and "instance" in body else None
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
