"""UpdateModelPackage: approval, description, metadata and specifications of a versioned model package."""

from collections.abc import Mapping
from typing import Any

from localaws.api import Operation, Params, Request
from localaws.errors import ValidationError
from localaws.platform import Platform
from localaws.sagemaker.model_packages.events import publish_package
from localaws.sagemaker.model_packages.record import find_package, missing_package, packages, stored_name
from localaws.sagemaker.model_packages.specification import SpecificationChecks, check_specification
from localaws.sagemaker.names import user_context
from localaws.sagemaker.records import now, picked
from localaws.store import Record

REPLACED = (
    "ModelApprovalStatus",
    "ModelPackageRegistrationType",
    "ApprovalDescription",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
)
"""Parameters that take the place of what the package has."""
MAX_METADATA = 50
MAX_SPECIFICATIONS = 15
METADATA = "CustomerMetadataProperties"
SPECIFICATIONS = "AdditionalInferenceSpecifications"


class PackageUpdate:
    """Updates model packages."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def operations(self) -> Mapping[str, Operation]:
        """Return the operation by its name."""
        return {
            "UpdateModelPackage": Operation(
                self.update, lambda request: str(request.params["ModelPackageArn"]), package_context
            )
        }

    def update(self, request: Request) -> Params:
        """Update a versioned package and publish what was updated."""
        params = request.params
        arn = params["ModelPackageArn"]
        record = find_package(self._platform, request, arn)
        if "ModelPackageVersion" not in record:
            raise ValidationError(f"UpdateModelPackage needs a versioned model package, and {arn} is not versioned.")
        specifications = self._specifications(request)

        def change(current: Record) -> None:
            current.update(picked(params, *REPLACED))
            current.update(picked(specifications, "InferenceSpecification"))
            _change_metadata(current, params)
            _add_specifications(current, specifications.get(SPECIFICATIONS, []))
            current["LastModifiedTime"] = now()
            current["LastModifiedBy"] = user_context(request.caller)

        changed = packages(self._platform, request).update(stored_name(record), change)
        if changed is None:  # deleted in the meantime
            raise missing_package(arn)
        publish_package(self._platform, changed, list(params))
        return {"ModelPackageArn": arn}

    def _specifications(self, request: Request) -> Params:
        """Return the specifications of a request with their digests and ETags."""
        params = request.params
        checks = SpecificationChecks(self._platform, request)
        completed: Params = {}
        if "InferenceSpecification" in params:
            check_specification(params["InferenceSpecification"], versioned=True)
            completed["InferenceSpecification"] = checks.completed(params["InferenceSpecification"])
        added = params.get("AdditionalInferenceSpecificationsToAdd", [])
        for one in added:
            check_specification(one, versioned=True)
        completed[SPECIFICATIONS] = [checks.completed(one) for one in added]
        return completed


def _change_metadata(record: Record, params: Params) -> None:
    removed = params.get("CustomerMetadataPropertiesToRemove", ())
    merged = {**record.get(METADATA, {}), **params.get(METADATA, {})}
    merged = {key: value for key, value in merged.items() if key not in removed}
    if len(merged) > MAX_METADATA:
        raise ValidationError(f"A model package has at most {MAX_METADATA} CustomerMetadataProperties.")
    if merged:
        record[METADATA] = merged
    else:
        record.pop(METADATA, None)


def _add_specifications(record: Record, added: list[Record]) -> None:
    if not added:
        return
    specifications = [*record.get(SPECIFICATIONS, ()), *added]
    names = [one["Name"] for one in specifications]
    if len(names) != len(set(names)):
        raise ValidationError(f"Duplicate name in {SPECIFICATIONS}")
    if len(names) > MAX_SPECIFICATIONS:
        raise ValidationError(f"Total number of {SPECIFICATIONS} can not exceed {MAX_SPECIFICATIONS}")
    record[SPECIFICATIONS] = specifications


def package_context(request: Request) -> Mapping[str, object]:
    """Return the condition keys of Create- and UpdateModelPackage. Source: the Service Authorization Reference."""
    params = request.params
    cycle = params.get("ModelLifeCycle", {})
    keys: dict[str, Any] = {
        "sagemaker:ModelApprovalStatus": params.get("ModelApprovalStatus"),
        "sagemaker:ModelLifeCycle:stage": cycle.get("Stage"),
        "sagemaker:ModelLifeCycle:stageStatus": cycle.get("StageStatus"),
        "sagemaker:CustomerMetadataPropertiesToRemove": params.get("CustomerMetadataPropertiesToRemove"),
        **{f"sagemaker:{METADATA}/{key}": value for key, value in params.get(METADATA, {}).items()},
    }
    return {key: value for key, value in keys.items() if value is not None}
