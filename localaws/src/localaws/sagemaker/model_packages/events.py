"""Events of model packages on EventBridge's default bus.

They differ from those of other resources: their times are text, and they have no tags.
Source: "SageMaker model package state change" in the developer guide of SageMaker.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from localaws.arns import account_of, region_of
from localaws.platform import Platform
from localaws.sagemaker.records import public
from localaws.store import Record

EVENT = "SageMaker Model Package State Change"
UPDATED_FIELDS = {
    "ModelApprovalStatus": "ModelApprovalStatus",
    "ApprovalDescription": "ApprovalDescription",
    "SourceUri": "sourceUri",  # AWS spells it so
    "CustomerMetadataProperties": "CustomerMetadataProperties",
    "CustomerMetadataPropertiesToRemove": "CustomerMetadataProperties",
    "InferenceSpecification": "InferenceSpecification",
    "ModelLifeCycle": "ModelLifeCycle",
}
"""Parameter of UpdateModelPackage -> its name in `UpdatedModelPackageFields`; other parameters have none."""


def publish_package(platform: Platform, record: Record, updated: Sequence[str] = ()) -> None:
    """Publish the state of a model package.

    Args:
        platform: the running localaws.
        record: its record after the change.
        updated: the parameters that UpdateModelPackage was called with; none if the package is new.
    """
    arn = record["ModelPackageArn"]
    region, account = region_of(arn), account_of(arn)
    event = {"Source": "aws.sagemaker", "DetailType": EVENT, "Detail": event_detail(record, updated)}
    platform.base.put_event(account, region, {**event, "Resources": [arn]})


def event_detail(record: Record, updated: Sequence[str]) -> dict[str, Any]:
    """Return the `detail` of an event."""
    detail = public(record)
    if "ModelPackageVersion" in record:
        del detail["ModelPackageName"]
    for name in ("CreationTime", "LastModifiedTime"):
        if name in detail:
            detail[name] = datetime.fromtimestamp(detail[name], tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    fields = dict.fromkeys(UPDATED_FIELDS[name] for name in updated if name in UPDATED_FIELDS)
    return detail | ({"UpdatedModelPackageFields": list(fields)} if fields else {})
