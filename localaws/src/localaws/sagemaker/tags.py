"""Tags of all resources of SageMaker: the operations on them, their limits, and what policies see of them."""

from collections.abc import Mapping

from localaws.api import Operation, Params, Request
from localaws.errors import ValidationError
from localaws.platform import Platform
from localaws.sagemaker.records import get_tags, tags_of
from localaws.store import Record

MAX_TAGS = 50
KINDS = frozenset({"training-job", "processing-job", "transform-job", "model", "model-package-group", "model-package"})
"""Kinds of resources that have tags. Each is stored under its kind, with the rest of its ARN as its name."""
Tag = dict[str, str]


class Tags:
    """Adds, lists and deletes the tags of resources."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def operations(self) -> Mapping[str, Operation]:
        """Return the operations by name."""
        return {
            "AddTags": Operation(self.add, _arn),
            "ListTags": Operation(self.list, _arn),
            "DeleteTags": Operation(self.delete, _arn),
        }

    def add(self, request: Request) -> Params:
        """Add tags to a resource, or change their values."""
        arn, tags = self._existing(request), request.params["Tags"]
        check_tags(tags)
        if _is_version(arn):
            raise ValidationError("A versioned model package uses the tags of its model package group.")
        resources, name = tags_of(self._platform, arn)
        resources.add(name, {})

        def change(record: Record) -> None:
            merged = record | {tag["Key"]: tag["Value"] for tag in tags}
            if len(merged) > MAX_TAGS:
                raise ValidationError(f"A resource has at most {MAX_TAGS} tags, and {arn} would have {len(merged)}.")
            record.update(merged)

        return {"Tags": _listed(resources.update(name, change) or {})}

    def list(self, request: Request) -> Params:
        """List the tags of a resource; all of them fit on one page, whose smallest size is `MAX_TAGS`."""
        arn = self._existing(request)
        if request.params.get("NextToken"):
            raise ValidationError("Invalid pagination token")
        return {"Tags": _listed(effective_tags(self._platform, arn))}

    def delete(self, request: Request) -> Params:
        """Delete the tags that have the keys of the request; a key without a tag is no error."""
        arn = self._existing(request)
        if _is_version(arn):
            raise ValidationError("A versioned model package uses the tags of its model package group.")
        resources, name = tags_of(self._platform, arn)

        def change(record: Record) -> None:
            for key in request.params["TagKeys"]:
                record.pop(key, None)

        resources.update(name, change)
        return {}

    def _existing(self, request: Request) -> str:
        """Return the ARN of the request, if it is one of a resource of the caller.

        Raises:
            ValidationError: it is not. The words are ours: those of AWS are not known.
        """
        arn: str = request.params["ResourceArn"]
        resource = arn.split(":", 5)[5]
        kind, _, name = resource.partition("/")
        caller = request.caller
        if kind in KINDS and arn == request.arn(resource):
            resources = self._platform.store.kind(kind, caller.account, caller.region)
            if resources.get(name) is not None:
                return arn
        raise ValidationError(f"Could not find resource {arn}.")


def check_tags(tags: list[Tag]) -> None:
    """Check the tags of a request; the service model has checked their number, lengths and characters.

    Raises:
        ValidationError: a key is reserved, or stands twice. The first words are those of other services of AWS, the
            second ones are ours.
    """
    keys = [tag["Key"] for tag in tags]
    if any(key.lower().startswith("aws:") for key in keys):
        raise ValidationError("aws: prefixed tag key names are not allowed for external use.")
    double = next((key for key in keys if keys.count(key) > 1), None)
    if double is not None:
        raise ValidationError(f"Duplicate tag key in the request: {double}")


def effective_tags(platform: Platform, arn: str) -> dict[str, str]:
    """Return the tags of a resource; a version of a model package has those of its group.

    Args:
        platform: the running localaws.
        arn: the ARN of a resource that may exist or not, or `*`.
    """
    if not arn.startswith("arn:"):
        return {}
    return get_tags(platform, _group_arn(arn) if _is_version(arn) else arn)


def remove_tags(platform: Platform, arn: str) -> None:
    """Remove the tags of a resource that is deleted."""
    resources, name = tags_of(platform, arn)
    resources.remove(name)


def _arn(request: Request) -> str:
    return str(request.params["ResourceArn"])


def _is_version(arn: str) -> bool:
    return arn.split(":", 5)[5].startswith("model-package/") and arn.count("/") == 2


def _group_arn(version_arn: str) -> str:
    return version_arn.rpartition("/")[0].replace(":model-package/", ":model-package-group/")


def _listed(tags: Mapping[str, str]) -> list[Tag]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
