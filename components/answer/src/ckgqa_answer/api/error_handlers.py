"""Replies to errors: a reason in words and the request's id, never a stack trace."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa_answer.api.metrics import ServiceMetrics
from ckgqa_answer.api.schemas import ErrorReply, ServiceName
from ckgqa_answer.errors import GraphError, ModelError, WrongAddressError

logger = logging.getLogger(__name__)

JSON = "application/json"
RETRY_AFTER_S = 2
BUG = "this is an error of the service's own; its log says more under this request_id"


def error_response(
    request_id: str,
    status: int,
    reason: str,
    headers: Mapping[str, str] | None = None,
    down: Sequence[ServiceName] = (),
) -> Response:
    """Return the response of an error."""
    reply = ErrorReply(reason, request_id, tuple(down))
    return Response(orjson.dumps(reply.as_record()), status, headers, JSON)


def unavailable(request_id: str, down: Sequence[ServiceName]) -> Response:
    """Return the response if services do not answer."""
    services = " and ".join(f"the {service}" for service in down) or "a part of this service"
    reason = f"{services} cannot be asked at the moment; try again in {RETRY_AFTER_S} s"
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return error_response(request_id, HTTPStatus.SERVICE_UNAVAILABLE, reason, headers, down)


def add_error_handlers(app: FastAPI, metrics: ServiceMetrics) -> None:
    """Register a handler for each known exception."""

    def wrong_input(request: Request, error: Exception) -> Response:
        return error_response(request_id_of(request), HTTPStatus.BAD_REQUEST, str(error))

    def model_down(request: Request, error: Exception) -> Response:
        return _unavailable(request, error, metrics, "model")

    def graph_down(request: Request, error: Exception) -> Response:
        return _unavailable(request, error, metrics, "graph")

    def part_down(request: Request, error: Exception) -> Response:
        return _unavailable(request, error, metrics, None)

    handlers = {
        InputError: wrong_input,
        WrongAddressError: model_down,
        ModelError: model_down,
        GraphError: graph_down,
        ServiceError: part_down,
        RequestValidationError: _invalid_request,
        HTTPException: _http_error,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def request_id_of(request: Request) -> str:
    """Return the request's id."""
    return str(request.state.request_id)


def _unavailable(request: Request, error: Exception, metrics: ServiceMetrics, service: ServiceName | None) -> Response:
    """Name the service that is down; its address and the reason are for the log."""
    logger.warning("request %s: %s", request_id_of(request), error)
    metrics.count_failure(service or "own")
    return unavailable(request_id_of(request), [service] if service else [])


def _invalid_request(request: Request, error: Exception) -> Response:
    """Explain what is wrong with a request's body or parameters."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and media != JSON:
        reason = f"the body's type is {media or 'not given'}; expected {JSON}"
        return error_response(request_id_of(request), HTTPStatus.UNSUPPORTED_MEDIA_TYPE, reason)
    assert isinstance(error, RequestValidationError)
    reasons = "; ".join(_reason(each) for each in error.errors()[:3])
    return error_response(request_id_of(request), HTTPStatus.BAD_REQUEST, reasons)


def _reason(error: Mapping[str, object]) -> str:
    """Format one error of pydantic: `question: Field required`."""
    if error["type"] == "json_invalid":
        return "the body is not JSON"
    location = error["loc"]
    assert isinstance(location, tuple)
    return f"{'.'.join(map(str, location[1:])) or 'the body'}: {error['msg']}"


def _http_error(request: Request, error: Exception) -> Response:
    """Explain an unknown path or a wrong method."""
    assert isinstance(error, HTTPException)
    reasons = {
        HTTPStatus.NOT_FOUND: f"there is nothing at {request.url.path}",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.url.path} does not take {request.method}",
    }
    standard = error.detail == HTTPStatus(error.status_code).phrase
    reason = reasons.get(HTTPStatus(error.status_code), error.detail) if standard else error.detail
    return error_response(request_id_of(request), error.status_code, reason, error.headers)
