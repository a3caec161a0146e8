"""Events of SageMaker on EventBridge's default bus.

Source: "Amazon SageMaker AI events" in the EventBridge documentation; times in `detail` are in milliseconds.
"""

from typing import Any

from localaws.arns import account_of, region_of
from localaws.platform import Platform
from localaws.sagemaker.records import get_tags, public
from localaws.store import Record

TIMES = ("CreationTime", "LastModifiedTime", "StartTime", "EndTime", "Timestamp")


def publish(platform: Platform, detail_type: str, arn: str, record: Record) -> None:
    """Publish the state of a resource.

    Args:
        platform: the running localaws.
        detail_type: such as `SageMaker Training Job State Change`.
        arn: the resource.
        record: its record after the change.
    """
    region, account = region_of(arn), account_of(arn)
    detail = {**_in_milliseconds(public(record)), "Tags": get_tags(platform, arn)}
    event = {"Source": "aws.sagemaker", "DetailType": detail_type, "Detail": detail, "Resources": [arn]}
    platform.base.put_event(account, region, event)


def _in_milliseconds(value: Any, name: str = "") -> Any:  # noqa: ANN401 -- any JSON value
    if isinstance(value, dict):
        return {key: _in_milliseconds(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_in_milliseconds(inner) for inner in value]
    return int(value * 1000) if isinstance(value, float) and name.endswith(TIMES) else value
