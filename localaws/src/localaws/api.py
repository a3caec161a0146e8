"""A service of AWS's JSON protocol: one request is validated, authorized, run, and answered in AWS's form."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.base import Base, Caller, Response
from localaws.errors import AwsError
from localaws.service_model import ServiceModel

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/x-amz-json-1.1"
Params = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One valid request of a caller."""

    operation: str
    params: Params
    caller: Caller

    def arn(self, resource: str, service: str = "sagemaker") -> str:
        """Return the ARN of a resource in the caller's account and region, such as `training-job/x`."""
        partition = "aws-cn" if self.caller.region.startswith("cn-") else "aws"
        return f"arn:{partition}:{service}:{self.caller.region}:{self.caller.account}:{resource}"


@dataclass(frozen=True)
class Operation:
    """One operation that is offered."""

    run: Callable[[Request], Params]
    """Does it and returns the answer."""
    resource: Callable[[Request], str] = lambda _: "*"
    """Returns the ARN that policies are checked on."""
    context: Callable[[Request], Mapping[str, object]] = lambda _: {}
    """Returns the condition keys of the service: key -> value or list of values."""


@dataclass(frozen=True)
class JsonService:
    """Serves the operations of one service."""

    name: str
    """Its name in ARNs and actions."""
    model: ServiceModel
    base: Base
    operations: Mapping[str, Operation]
    tags: Callable[[str], Mapping[str, str]] = lambda _: {}
    """Returns the stored tags of the resource that an ARN names; policies see them as `aws:ResourceTag/KEY`."""

    async def handle(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        """Answer one request; the signature has been checked."""
        del method, path
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            caller = self.base.caller(headers, query)
            answer = await asyncio.to_thread(self._run, operation, body, caller)
        except AwsError as error:
            return _error(error)
        except Exception:
            logger.exception("%s failed", operation)
            return _error(AwsError("InternalFailure", "localaws failed; its log has the traceback", 500))
        return 200, {"Content-Type": CONTENT_TYPE}, json.dumps(answer).encode()

    def _run(self, name: str, body: bytes, caller: Caller) -> Params:
        operation = self.operations.get(name)
        if operation is None:
            known = name in self.model.operations
            raise AwsError("UnknownOperationException", f"localaws does not offer {name}" if known else "")
        params = self.model.validate(name, _parse(body))
        request = Request(name, params, caller)
        resource = operation.resource(request)
        context = {**self._resource_tags(resource), **_tag_context(params), **operation.context(request)}
        self.base.authorize(caller, f"{self.name}:{name}", resource, context)
        if params.get("Tags") and name != "AddTags":
            self.base.authorize(caller, f"{self.name}:AddTags", resource, context)
        return operation.run(request)

    def _resource_tags(self, arn: str) -> dict[str, object]:
        """Return the condition keys for the tags of a resource; SageMaker knows each under its own prefix too."""
        prefixes = ("aws", self.name)
        return {f"{prefix}:ResourceTag/{key}": value for key, value in self.tags(arn).items() for prefix in prefixes}


def _parse(body: bytes) -> object:
    try:
        return json.loads(body or b"{}")
    except ValueError as error:
        raise AwsError("SerializationException", str(error)) from None


def _tag_context(params: Params) -> dict[str, object]:
    """Return the condition keys for the tags that a request sets or removes."""
    tags = {tag["Key"]: tag["Value"] for tag in params.get("Tags") or []}
    keys = [*tags, *(params.get("TagKeys") or [])]
    return {f"aws:RequestTag/{key}": value for key, value in tags.items()} | ({"aws:TagKeys": keys} if keys else {})


def _error(error: AwsError) -> Response:
    body = {"__type": error.code} | ({"message": error.message} if error.message else {})
    return error.status, {"Content-Type": CONTENT_TYPE, "x-amzn-ErrorType": error.code}, json.dumps(body).encode()
