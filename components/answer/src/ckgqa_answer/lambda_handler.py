"""The same application as `serve`, behind API Gateway: REST APIs (events v1) and HTTP APIs (v1 or v2).

The settings of `serve` that have a meaning here come from variables: `CKGQA_GRAPH`, `CKGQA_ENDPOINT` and the others of
`SETTINGS`. The graph is opened once a container, at the first event; what is wrong with it fails the invocation.
"""

import binascii
import json
import logging
import os
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from mangum import Mangum

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.settings import flags_of
from ckgqa_answer.serve import make_app
from ckgqa_answer.serve_settings import ServeSettings

SETTINGS = ("graph", "endpoint", "graph_url", "index", "calibration", "model_timeout_s", "graph_timeout_s")
PREFIX = "CKGQA_"
DEFAULT_STAGE = "$default"
Event = dict[str, Any]  # JSON of AWS's; what is read of it is checked by mangum


def handler(event: Event, context: object) -> Event:
    """Answer one event of API Gateway.

    Raises:
        InputError: it is none, or a variable is wrong.
    """
    if "requestContext" not in event:
        raise InputError("an event of API Gateway is expected: a proxy integration of a REST or an HTTP API")
    try:
        return _adapter()(without_stage(event), context)  # type: ignore[arg-type]
    except binascii.Error:
        request_id = getattr(context, "aws_request_id", "")
        body = json.dumps({"error": "the body is not Base64, though the event says so", "request_id": request_id})
        headers = {"content-type": "application/json", "x-request-id": request_id}
        return {"statusCode": HTTPStatus.BAD_REQUEST, "headers": headers, "body": body, "isBase64Encoded": False}


@cache
def _adapter() -> Mangum:
    logging.getLogger().setLevel(logging.INFO)  # Lambda's runtime has a handler already, that lets warnings through
    # One event at a time comes to a container.
    return Mangum(make_app(settings_of(os.environ)), lifespan="off")


def settings_of(variables: Mapping[str, str]) -> ServeSettings:
    """Read the settings.

    Raises:
        InputError: one is missing, or not what its type says.
    """
    found: dict[str, Any] = {}
    for flag in flags_of(ServeSettings):
        variable = PREFIX + flag.name.upper()
        if flag.name not in SETTINGS or not variables.get(variable):
            continue
        try:
            found[flag.name] = flag.type(variables[variable])
        except ValueError as error:
            raise InputError(f"{variable} is {variables[variable]!r}: {flag.help}") from error
    for name in ("graph", "endpoint"):
        if name not in found:
            raise InputError(f"{PREFIX}{name.upper()} is not set: {name} of `serve` is expected there")
    return ServeSettings(**found, threads=1)


def without_stage(event: Event) -> Event:
    """Take the stage's name off the path: an HTTP API puts it there, unless it is `$default`."""
    about = event["requestContext"]
    stage = about.get("stage", DEFAULT_STAGE)
    if "version" not in event or stage == DEFAULT_STAGE:
        return event
    if "http" in about:
        http = about["http"] | {"path": _without(about["http"]["path"], stage)}
        return event | {"requestContext": about | {"http": http}}
    return event | {"path": _without(event["path"], stage)}


def _without(path: str, stage: str) -> str:
    start = f"/{stage}"
    return path.removeprefix(start) or "/" if path == start or path.startswith(f"{start}/") else path
