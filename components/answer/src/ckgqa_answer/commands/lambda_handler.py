"""The application of `serve` behind API Gateway: REST APIs (events v1) and HTTP APIs (v1 or v2).

Environment variables hold the settings of `serve` that apply here: `CKGQA_GRAPH`, `CKGQA_ENDPOINT` and the others of
`SETTINGS`. Each container opens the graph once, at its first event; an error in a setting fails the invocation.
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

from ckgqa.runtime.errors import InputError, require
from ckgqa.runtime.settings import flags_of, refusal
from ckgqa_answer.commands.serve import make_app
from ckgqa_answer.commands.settings import ServeSettings

SETTINGS = ("graph", "endpoint", "graph_url", "index", "calibration", "model_timeout_s", "graph_timeout_s")
PREFIX = "CKGQA_"
DEFAULT_STAGE = "$default"
Event = dict[str, Any]  # AWS's JSON; mangum validates what it reads


def handler(event: Event, context: object) -> Event:
    """Answer one event of API Gateway.

    Raises:
        InputError: the event is another service's, or a variable is wrong.
    """
    if "requestContext" not in event:
        raise InputError("expected an event of API Gateway: a proxy integration of a REST or an HTTP API")
    try:
        return _adapter()(without_stage(event), context)  # type: ignore[arg-type]
    except binascii.Error:
        request_id = getattr(context, "aws_request_id", "")
        body = json.dumps({"error": "the body is not Base64, though the event says so", "request_id": request_id})
        headers = {"content-type": "application/json", "x-request-id": request_id}
        return {"statusCode": HTTPStatus.BAD_REQUEST, "headers": headers, "body": body, "isBase64Encoded": False}


@cache
def _adapter() -> Mangum:
    logging.getLogger().setLevel(logging.INFO)  # Lambda's runtime has a handler already, which lets warnings through
    return Mangum(make_app(settings_of(os.environ)), lifespan="off")


def settings_of(variables: Mapping[str, str]) -> ServeSettings:
    """Read the settings from environment variables.

    Raises:
        InputError: a variable is missing, or its value is not allowed.
    """
    values: dict[str, Any] = {}
    for flag in flags_of(ServeSettings):
        variable = PREFIX + flag.name.upper()
        if flag.name not in SETTINGS or not variables.get(variable):
            continue
        try:
            value = flag.parse(variables[variable])
            require(flag.allows(value), f"expected {flag.allowed}")
        except InputError as error:
            raise InputError(refusal(variable, variables[variable], flag.allowed)) from error
        values[flag.name] = value
    for name in ("graph", "endpoint"):
        if name not in values:
            raise InputError(f"{PREFIX}{name.upper()} is not set: expected the value of `serve --{name}`")
    # A container processes one event at a time.
    return ServeSettings(**values, threads=1)


def without_stage(event: Event) -> Event:
    """Remove the stage's name from the path: an HTTP API adds it, unless it is `$default`."""
    about = event["requestContext"]
    stage = about.get("stage", DEFAULT_STAGE)
    if "version" not in event or stage == DEFAULT_STAGE:
        return event
    if "http" in about:
        http = about["http"] | {"path": _without_prefix(about["http"]["path"], stage)}
        return event | {"requestContext": about | {"http": http}}
    return event | {"path": _without_prefix(event["path"], stage)}


def _without_prefix(path: str, stage: str) -> str:
    prefix = f"/{stage}"
    return path.removeprefix(prefix) or "/" if path == prefix or path.startswith(f"{prefix}/") else path
