"""The time, as records and logs write it."""

from datetime import UTC, datetime
from typing import Literal


def time_stamp() -> str:
    """Return the time in UTC as a name that sorts by age, such as `20261122-165836`."""
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S")


def utc_now(timespec: Literal["seconds", "milliseconds"] = "seconds") -> str:
    """Return the time in UTC as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec=timespec)
