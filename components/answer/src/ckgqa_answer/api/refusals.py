"""Errors as replies: a reason in words and the request's id, never a stack trace."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa_answer.api.metrics import Metrics
from ckgqa_answer.down import GraphError, ModelError, WrongAddressError

logger = logging.getLogger(__name__)

JSON = "application/json"
RETRY_AFTER_S = 2
BUG = "this is an error of the service's own; its log says more under this request_id"


def refusal(
    request_id: str,
    status: int,
    reason: str,
    headers: Mapping[str, str] | None = None,
    down: Sequence[str] = (),
) -> Response:
    """Make the reply that says why there is no other."""
    record: dict[str, object] = {"error": reason, "request_id": request_id}
    if down:
        record["down"] = list(down)
    return Response(orjson.dumps(record), status, headers, JSON)


def unavailable(request_id: str, down: Sequence[str]) -> Response:
    """Say that services do not answer."""
    what = " and ".join(f"the {service}" for service in down) or "a part of this service"
    reason = f"{what} cannot be asked at the moment; try again in {RETRY_AFTER_S} s"
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return refusal(request_id, HTTPStatus.SERVICE_UNAVAILABLE, reason, headers, down)


def add_refusals(app: FastAPI, metrics: Metrics) -> None:
    """Have every error that has a name answered so."""

    def wrong(request: Request, error: Exception) -> Response:
        return refusal(id_of(request), HTTPStatus.BAD_REQUEST, str(error))

    def model_down(request: Request, error: Exception) -> Response:
        return _down(request, error, metrics, "model")

    def graph_down(request: Request, error: Exception) -> Response:
        return _down(request, error, metrics, "graph")

    def part_down(request: Request, error: Exception) -> Response:
        return _down(request, error, metrics, "")

    handlers = {
        InputError: wrong,
        WrongAddressError: model_down,
        ModelError: model_down,
        GraphError: graph_down,
        ServiceError: part_down,
        RequestValidationError: _invalid,
        HTTPException: _http,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def id_of(request: Request) -> str:
    """Give the request's id."""
    return str(request.state.request_id)


def _down(request: Request, error: Exception, metrics: Metrics, service: str) -> Response:
    """Tell which service is down; addresses and reasons are for the log."""
    logger.warning("request %s: %s", id_of(request), error)
    metrics.failed(service or "own")
    return unavailable(id_of(request), [service] if service else [])


def _invalid(request: Request, error: Exception) -> Response:
    """Say what is wrong with a request's body or parameters."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and media != JSON:
        reason = f"the body's type is {media or 'not given'}; {JSON} is expected"
        return refusal(id_of(request), HTTPStatus.UNSUPPORTED_MEDIA_TYPE, reason)
    assert isinstance(error, RequestValidationError)
    reasons = "; ".join(_words(one) for one in error.errors()[:3])
    return refusal(id_of(request), HTTPStatus.BAD_REQUEST, reasons)


def _words(error: Mapping[str, object]) -> str:
    """Put one of pydantic's findings into words: `question: Field required`."""
    if error["type"] == "json_invalid":
        return "the body is not JSON"
    place = error["loc"]
    assert isinstance(place, tuple)
    return f"{'.'.join(map(str, place[1:])) or 'the body'}: {error['msg']}"


def _http(request: Request, error: Exception) -> Response:
    """Answer what is not there, or not with this method."""
    assert isinstance(error, HTTPException)
    reasons = {
        HTTPStatus.NOT_FOUND: f"there is nothing at {request.url.path}",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.url.path} does not take {request.method}",
    }
    usual = error.detail == HTTPStatus(error.status_code).phrase
    reason = reasons.get(HTTPStatus(error.status_code), error.detail) if usual else error.detail
    return refusal(id_of(request), error.status_code, reason, error.headers)
