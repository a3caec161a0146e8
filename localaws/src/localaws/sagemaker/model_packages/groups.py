"""The operations on model package groups."""

from collections.abc import Mapping

from localaws.api import Operation, Params, Request
from localaws.errors import AwsError, ValidationError
from localaws.platform import Platform
from localaws.sagemaker.listing import Listing
from localaws.sagemaker.names import named_arn, resource_name, user_context
from localaws.sagemaker.records import now, picked, public, set_tags
from localaws.sagemaker.tags import check_tags, remove_tags
from localaws.store import Record, Resources

KIND = "model-package-group"
PACKAGE = "model-package"
"""Kind of model packages. A versioned one is stored as `GROUP/VERSION`, as in its ARN."""
LISTING = Listing(
    "ModelPackageGroupSummaryList",
    "ModelPackageGroupName",
    lambda record: picked(
        record,
        "ModelPackageGroupName",
        "ModelPackageGroupArn",
        "ModelPackageGroupDescription",
        "CreationTime",
        "ModelPackageGroupStatus",
        "ManagedConfiguration",
    ),
    order="Ascending",
)


class ModelPackageGroups:
    """Creates, describes, lists and deletes model package groups."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def operations(self) -> Mapping[str, Operation]:
        """Return the operations by name."""
        return {
            "CreateModelPackageGroup": Operation(self.create, group_arn),
            "DescribeModelPackageGroup": Operation(self.describe, group_arn),
            "ListModelPackageGroups": Operation(self.list),
            "DeleteModelPackageGroup": Operation(self.delete, group_arn),
        }

    def create(self, request: Request) -> Params:
        """Create a group."""
        params, arn = request.params, group_arn(request)
        check_tags(params.get("Tags", []))
        record = {
            **picked(params, "ModelPackageGroupName", "ModelPackageGroupDescription", "ManagedConfiguration"),
            "ModelPackageGroupArn": arn,
            "ModelPackageGroupStatus": "Completed",
            "CreationTime": now(),
            "CreatedBy": user_context(request.caller),
        }
        if not groups(self._platform, request).add(params["ModelPackageGroupName"], record):
            raise ValidationError(f"Model Package Group already exists: {arn}")
        set_tags(self._platform, arn, params.get("Tags", []))
        return {"ModelPackageGroupArn": arn}

    def describe(self, request: Request) -> Params:
        """Return a group."""
        return public(find_group(self._platform, request))

    def list(self, request: Request) -> Params:
        """List groups; those of other accounts, which a request may ask for, are none."""
        foreign = request.params.get("CrossAccountFilterOption") == "CrossAccount"
        return LISTING.answer([] if foreign else groups(self._platform, request).all(), request.params)

    def delete(self, request: Request) -> Params:
        """Delete a group that has no packages.

        Raises:
            AwsError: it has some; the words are ours, because those of AWS are not known.
        """
        record = find_group(self._platform, request)
        name, arn = record["ModelPackageGroupName"], record["ModelPackageGroupArn"]
        caller = request.caller
        packages = self._platform.store.kind(PACKAGE, caller.account, caller.region)

        def close(group: Record) -> None:
            """Let no package be added any more; this runs as one step with that of `ModelPackages.create`."""
            if any(package.get("ModelPackageGroupName") == name for package in packages.all()):
                raise AwsError(
                    "ConflictException",
                    f"Model Package Group cannot be deleted because it still contains Model Packages: {arn}",
                )
            group["ModelPackageGroupStatus"] = "Deleting"

        groups(self._platform, request).update(name, close)
        remove_tags(self._platform, arn)
        groups(self._platform, request).remove(name)
        return {}


def group_arn(request: Request) -> str:
    """Return the ARN of the group that a request names."""
    return named_arn(request, KIND, request.params["ModelPackageGroupName"])


def groups(platform: Platform, request: Request) -> Resources:
    """Return the groups of the caller."""
    return platform.store.kind(KIND, request.caller.account, request.caller.region)


def find_group(platform: Platform, request: Request) -> Record:
    """Return the group that a request names by its name or ARN.

    Raises:
        ValidationError: there is none.
    """
    name = resource_name(request, KIND, request.params["ModelPackageGroupName"])
    record = groups(platform, request).get(name) if name else None
    if record is None:
        raise missing_group(group_arn(request))
    return record


def missing_group(arn: str) -> ValidationError:
    """Return AWS's error for a group that does not exist."""
    return ValidationError(f"ModelPackageGroup {arn} does not exist.")
