"""The operations on models."""

from collections.abc import Mapping
from typing import Any

from localaws.api import Operation, Params, Request
from localaws.credentials import RoleSession
from localaws.errors import ValidationError
from localaws.platform import Platform
from localaws.roles import RoleError
from localaws.sagemaker.events import publish
from localaws.sagemaker.listing import Listing
from localaws.sagemaker.models.containers import ModelContainers, check_containers
from localaws.sagemaker.records import now, picked, public, set_tags
from localaws.sagemaker.tags import check_tags, remove_tags
from localaws.store import Record, Resources

KIND = "model"
EVENT = "SageMaker Model State Change"
RUN_CONTAINERS = "_containers"
"""Member of a model's record: its containers as they run.

Each has `Image`, `Mode` and `Environment`, and `ContainerHostname`, `ModelDataUrl`, `ModelDataSource` and
`AdditionalModelDataSources` if it has them. Those of model packages are resolved.
"""
LISTING = Listing("Models", "ModelName", lambda record: picked(record, "ModelName", "ModelArn", "CreationTime"))


class Models:
    """Creates, describes, lists and deletes models."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def operations(self) -> Mapping[str, Operation]:
        """Return the operations by name."""
        return {
            "CreateModel": Operation(self.create, _arn, _context),
            "DescribeModel": Operation(self.describe, _arn),
            "ListModels": Operation(self.list),
            "DeleteModel": Operation(self.delete, _arn),
        }

    def create(self, request: Request) -> Params:
        """Create a model; its role, images and data are looked up at once, as on AWS."""
        params, arn = request.params, _arn(request)
        containers = _containers(params)
        check_containers(containers)
        check_tags(params.get("Tags", []))
        role_arn = params["ExecutionRoleArn"]
        self._platform.roles.check_pass(request.caller, role_arn, arn)
        if self._resources(request).get(params["ModelName"]) is not None:
            raise _in_use(arn)
        resolver = ModelContainers(self._platform, request, self._assume(role_arn, arn))
        resolved = [one for container in containers for one in resolver.resolve(container)]
        record = {**_new_record(params, arn), RUN_CONTAINERS: resolved}
        if not self._resources(request).add(params["ModelName"], record):
            raise _in_use(arn)
        set_tags(self._platform, arn, params.get("Tags", []))
        publish(self._platform, EVENT, arn, record)
        return {"ModelArn": arn}

    def describe(self, request: Request) -> Params:
        """Return a model."""
        return public(self._get(request))

    def list(self, request: Request) -> Params:
        """List models."""
        return LISTING.answer(self._resources(request).all(), request.params)

    def delete(self, request: Request) -> Params:
        """Delete a model; what it was made of stays."""
        record, arn = self._get(request), _arn(request)
        self._resources(request).remove(record["ModelName"])
        publish(self._platform, EVENT, arn, record)
        remove_tags(self._platform, arn)
        return {}

    def _assume(self, role_arn: str, resource: str) -> RoleSession:
        try:
            return self._platform.roles.assume(role_arn, resource)
        except RoleError:
            raise ValidationError(
                f'The execution role ARN "{role_arn}" is invalid. Please ensure that the role exists and that its '
                'trust relationship policy allows the action "sts:AssumeRole" for the service principal '
                '"sagemaker.amazonaws.com".'
            ) from None

    def _get(self, request: Request) -> Record:
        record = self._resources(request).get(request.params["ModelName"])
        if record is None:
            raise ValidationError(f'Could not find model "{_arn(request)}".')
        return record

    def _resources(self, request: Request) -> Resources:
        return self._platform.store.kind(KIND, request.caller.account, request.caller.region)


def _arn(request: Request) -> str:
    return request.arn(f"{KIND}/{request.params['ModelName']}")


def _in_use(arn: str) -> ValidationError:
    return ValidationError(f'Cannot create already existing model "{arn}".')


def _context(request: Request) -> Mapping[str, object]:
    """Return the condition keys of CreateModel. Source: the Service Authorization Reference."""
    params = request.params
    vpc = params.get("VpcConfig", {})
    keys: dict[str, Any] = {
        "sagemaker:NetworkIsolation": str(params.get("EnableNetworkIsolation", False)).lower(),
        "sagemaker:VpcSubnets": vpc.get("Subnets"),
        "sagemaker:VpcSecurityGroupIds": vpc.get("SecurityGroupIds"),
    }
    return {key: value for key, value in keys.items() if value is not None}


def _containers(params: Params) -> list[Record]:
    """Return the containers of a request.

    Raises:
        ValidationError: it has none, or both kinds, or no role; the words are ours.
    """
    primary, several = params.get("PrimaryContainer"), params.get("Containers", [])
    if primary is not None and several:
        raise ValidationError("Specify either PrimaryContainer or Containers, not both.")
    if primary is None and not several:
        raise ValidationError("Specify either PrimaryContainer or Containers.")
    if "ExecutionRoleArn" not in params:
        raise ValidationError("localaws needs the ExecutionRoleArn of a model")
    return several if primary is None else [primary]


def _new_record(params: Params, arn: str) -> Record:
    copied = {name: value for name, value in params.items() if name not in {"Tags", "PrimaryContainer", "Containers"}}
    record = {"EnableNetworkIsolation": False, **copied, "ModelArn": arn, "CreationTime": now()}
    if "PrimaryContainer" in params:
        record["PrimaryContainer"] = {"Mode": "SingleModel", **params["PrimaryContainer"]}
    if params.get("Containers"):
        record["Containers"] = [{"Mode": "SingleModel", **one} for one in params["Containers"]]
        record.setdefault("InferenceExecutionConfig", {"Mode": "Serial"})
    return record
