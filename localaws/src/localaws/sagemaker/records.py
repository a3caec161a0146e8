"""The records of resources: what Describe answers, and beside it what localaws notes under names with `_`."""

import time
from collections.abc import Mapping
from typing import Any

from localaws.arns import account_of, region_of
from localaws.platform import Platform
from localaws.store import Record, Resources

TAGS = "tags"


def now() -> float:
    """Return the time in seconds since 1970, with milliseconds, as AWS answers it."""
    return round(time.time(), 3)


def public(record: Record) -> Record:
    """Return the part of a record that Describe answers."""
    return {key: value for key, value in record.items() if not key.startswith("_") and value is not None}


def set_tags(platform: Platform, arn: str, tags: list[dict[str, str]]) -> None:
    """Store the tags of a new resource."""
    if tags:
        resources, name = tags_of(platform, arn)
        resources.put(name, {tag["Key"]: tag["Value"] for tag in tags})


def get_tags(platform: Platform, arn: str) -> dict[str, str]:
    """Return the tags of a resource."""
    resources, name = tags_of(platform, arn)
    return resources.get(name) or {}


def tags_of(platform: Platform, arn: str) -> tuple[Resources, str]:
    """Return where the tags of a resource are stored, and under which name."""
    region, account = region_of(arn), account_of(arn)
    return platform.store.kind(TAGS, account, region), arn


def picked(source: Mapping[str, Any], *names: str) -> Record:
    """Return some members of a request, those that it has."""
    return {name: source[name] for name in names if name in source}
