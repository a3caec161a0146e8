"""A localaws, as the conformance tests use it: calls with the keys of several users, and resources to look at."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import botocore
from botocore import UNSIGNED, xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from localaws.service_model import ServiceModel, load_service_model

from ..server import ACCOUNT, REGION, Server

__all__ = ["ACCOUNT", "REGION", "Answer", "World", "service_model"]
Keys = dict[str, str]


@dataclass(frozen=True)
class Answer:
    """An answer of localaws, as it stood on the wire."""

    result: dict[str, Any]
    code: str = ""
    """The error's code; empty: the call succeeded."""
    message: str = ""
    status: int = 200


@dataclass
class World:
    """A running localaws with a role for jobs and an image."""

    server: Server
    role: str
    image: str
    made: dict[str, list[str]] = field(default_factory=dict)
    users: dict[str, Keys] = field(default_factory=dict)

    def name(self, kind: str = "c") -> str:
        """Return a name that no other resource has."""
        return f"{kind}-{uuid.uuid4().hex[:12]}"

    def call(self, operation: str, params: dict[str, Any], keys: Keys | None = None, **config: Any) -> Answer:
        """Send a request as boto3 does, but unchecked.

        Args:
            operation: its name.
            params: the request.
            keys: the access key of a user, instead of the root user's.
            config: further settings of botocore.
        """
        return send(self._client(keys, config), operation, params)

    def unsigned(self, operation: str, params: dict[str, Any]) -> Answer:
        """Send a request without a signature."""
        return self.call(operation, params, signature_version=UNSIGNED)

    def unknown(self, operation: str) -> Answer:
        """Send a signed request for an operation that botocore does not know."""
        client = self._client(None, {})
        client.meta.events.register(
            "before-call.sagemaker",
            lambda params, **_: params["headers"].update({"X-Amz-Target": f"SageMaker.{operation}"}),
        )
        return send(client, "ListTrainingJobs", {})

    def three(self, kind: str, make: Callable[[str], Answer]) -> list[str]:
        """Return the names of three resources, made at the first call; they have a prefix in common."""
        if kind not in self.made:
            prefix = self.name(kind)
            names = [f"{prefix}-{number}" for number in range(3)]
            for name in names:
                answer = make(name)
                assert answer.code == "", answer
            self.made[kind] = names
        return self.made[kind]

    def one(self, kind: str, request: dict[str, Any], operation: str, member: str) -> str:
        """Return the name of one resource, made by a request at the first call.

        Args:
            kind: what it is, for whoever asks again.
            request: a request that creates it.
            operation: the operation that creates it.
            member: the member of the request that is its name.
        """
        if kind not in self.made:
            answer = self.call(operation, request)
            assert answer.code == "", answer
            self.made[kind] = [request[member]]
        return self.made[kind][0]

    def user(self, *statements: dict[str, Any]) -> Keys:
        """Return the access key of a user with a policy; `UserName` is its name."""
        policy = json.dumps(statements)
        if policy not in self.users:
            name = self.name("user")
            # A policy has at least one statement.
            self.users[policy] = {"UserName": name, **self.server.user(name, [*statements] or [allow("sts:*")])}
        return self.users[policy]

    def _client(self, keys: Keys | None, config: dict[str, Any]) -> Any:
        root = self.server.configuration
        named = keys or {"AccessKeyId": root.access_key, "SecretAccessKey": root.secret_key}
        return boto3.client(
            "sagemaker",
            endpoint_url=self.server.url,
            region_name=REGION,
            aws_access_key_id=named["AccessKeyId"],
            aws_secret_access_key=named["SecretAccessKey"],
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=False, **config),
        )


def send(client: Any, operation: str, params: dict[str, Any]) -> Answer:
    """Send a request and return the answer as it stood on the wire."""
    bodies: list[dict[str, Any]] = []
    client.meta.events.register(
        "response-received.sagemaker",
        lambda response_dict, **_: bodies.append(json.loads(response_dict["body"] or b"{}")),
    )
    try:
        getattr(client, xform_name(operation))(**params)
    except ClientError as error:
        response = error.response
        status = response["ResponseMetadata"]["HTTPStatusCode"]
        return Answer(bodies[-1], response["Error"]["Code"], response["Error"]["Message"], status)
    return Answer(bodies[-1])


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    """Return a statement of a policy."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def service_model() -> ServiceModel:
    """Return SageMaker's model, of the version that the project pins."""
    return load_service_model(Path(botocore.__file__).parent / "data", "sagemaker")
