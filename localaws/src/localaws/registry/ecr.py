"""ECR's API about images and logins, in front of MiniStack's: it agrees with what the registry stores.

The operations about repositories, policies and tags of resources stay MiniStack's. So do all operations in a region
that is not localaws' own: the registry holds the repositories of one region.
"""

import base64
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from localaws.configuration import Configuration
from localaws.errors import AwsError
from localaws.registry.ecr_images import EcrImages
from localaws.registry.front import USER
from localaws.registry.repositories import Answer, Handler
from localaws.registry.storage import StorageUnavailable
from localaws.registry.tokens import TokenIssuer

PrincipalOf = Callable[[dict[str, str], dict[str, Any]], str]
"""Headers and query parameters of a request -> the caller's principal."""
Operation = Callable[[dict[str, Any]], Awaitable[dict[str, object]]]

_CREDENTIAL_SCOPE = re.compile(r"Credential=[^/,]+/\d+/(?P<region>[^/,]+)/")
_HEADERS = {"Content-Type": "application/x-amz-json-1.1"}


def wrap_ecr(
    handler: Handler, configuration: Configuration, tokens: TokenIssuer, images: EcrImages, principal_of: PrincipalOf
) -> Handler:
    """Return a handler that answers the operations about images and logins, and hands the others on.

    Args:
        handler: MiniStack's handler of ECR.
        configuration: the settings of localaws.
        tokens: issues the passwords.
        images: the operations about images.
        principal_of: finds the caller, whose permissions the token gets.
    """
    operations: dict[str, Operation] = {
        "DescribeImages": images.describe_images,
        "ListImages": images.list_images,
        "BatchGetImage": images.batch_get_image,
        "BatchDeleteImage": images.batch_delete_image,
        "PutImage": images.put_image,
        "DeleteRepository": images.delete_repository,
        "BatchCheckLayerAvailability": images.batch_check_layer_availability,
        # MiniStack's answers to these report success and store nothing.
        "InitiateLayerUpload": _refuse_upload,
        "UploadLayerPart": _refuse_upload,
        "CompleteLayerUpload": _refuse_upload,
    }

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Answer:
        name = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            if name == "GetAuthorizationToken":
                principal = principal_of(headers, query_params)
                return _answer(200, _authorization(configuration, tokens, principal, _read(body)))
            if (operation := operations.get(name)) and _region(headers) in {"", configuration.region}:
                return _answer(200, await operation(_read(body)))
        except AwsError as error:
            return _answer(error.status, {"__type": error.code, "message": error.message}, error.code)
        except StorageUnavailable:
            message = "localaws: the registry's storage does not answer; it is being started again"
            return _answer(500, {"__type": "ServerException", "message": message}, "ServerException")
        return await handler(method, path, headers, body, query_params)

    return handle


def _authorization(
    configuration: Configuration, tokens: TokenIssuer, principal: str, request: dict[str, Any]
) -> dict[str, object]:
    """Answer GetAuthorizationToken. There is one registry, so every id of `registryIds` gets the same address."""
    token, expires_at = tokens.issue(principal)
    entry = {
        "authorizationToken": base64.b64encode(f"{USER}:{token}".encode()).decode(),
        "expiresAt": expires_at,
        "proxyEndpoint": configuration.address,
    }
    return {"authorizationData": [entry for _ in request.get("registryIds") or [configuration.account]]}


async def _refuse_upload(_request: dict[str, Any]) -> dict[str, object]:
    raise AwsError("UnsupportedOperationException", "localaws: layers are uploaded by docker push alone")


def _region(headers: dict[str, str]) -> str:
    """Return the region that the request was signed for, or nothing if it was not signed."""
    scope = _CREDENTIAL_SCOPE.search(headers.get("authorization", ""))
    return scope["region"] if scope else ""


def _read(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        raise AwsError("SerializationException", "the body is no JSON") from error
    if not isinstance(request, dict):
        raise AwsError("SerializationException", "the body is no JSON object")
    return request


def _answer(status: int, values: dict[str, object], error: str = "") -> Answer:
    headers = _HEADERS | ({"x-amzn-errortype": error} if error else {})
    return status, headers, json.dumps(values).encode()
