"""Lists with filters, an order and pages, alike for every kind of resource."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from localaws.api import Params
from localaws.errors import ValidationError
from localaws.store import Record

PAGE = 10
"""Resources of a page if the request names no `MaxResults`; AWS's documentation promises 10 for most lists."""


@dataclass(frozen=True)
class Listing:
    """How one kind of resource is listed."""

    member: str
    """Name of the list in the answer, such as `TrainingJobSummaries`."""
    name: str
    """Member of a record that is its name."""
    summary: Callable[[Record], Record]
    """Makes the entry of the list from a record."""
    status: str = ""
    """Member that `StatusEquals` compares."""
    equals: Sequence[tuple[str, str]] = ()
    """Further filters: parameter -> member that has to be equal."""
    sort_by: str = "CreationTime"
    order: str = "Descending"

    def answer(self, records: Iterable[Record], params: Params) -> Params:
        """Return one page of the records that pass the filters.

        Raises:
            ValidationError: the token of the page is wrong, or from another list.
        """
        chosen = [record for record in records if self._passes(record, params)]
        order = params.get("SortOrder", self.order)
        chosen.sort(key=lambda record: self._key(record, params), reverse=order == "Descending")
        start = _start(params)
        end = start + int(params.get("MaxResults", PAGE))
        page: Params = {self.member: [self.summary(record) for record in chosen[start:end]]}
        return page | ({"NextToken": _token(params, end)} if end < len(chosen) else {})

    def _passes(self, record: Record, params: Params) -> bool:
        created, modified = record.get("CreationTime", 0.0), record.get("LastModifiedTime", 0.0)
        status = params.get("StatusEquals")
        return (
            params.get("NameContains", "").lower() in str(record[self.name]).lower()
            and params.get("CreationTimeAfter", 0.0) <= created <= params.get("CreationTimeBefore", float("inf"))
            and params.get("LastModifiedTimeAfter", 0.0)
            <= modified
            <= params.get("LastModifiedTimeBefore", float("inf"))
            and (status is None or record.get(self.status) == status)
            and all(params.get(name) in {None, record.get(member)} for name, member in self.equals)
        )

    def _key(self, record: Record, params: Params) -> tuple[str | float, str]:
        by = params.get("SortBy", self.sort_by)
        name = str(record[self.name])
        members = {"Name": name, "Status": str(record.get(self.status, ""))}
        return (members[by], name) if by in members else (float(record.get(by) or record["CreationTime"]), name)


def _fingerprint(params: Params) -> str:
    rest = {name: value for name, value in params.items() if name not in {"NextToken", "MaxResults"}}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:16]


def _token(params: Params, start: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([_fingerprint(params), start]).encode()).decode()


def _start(params: Params) -> int:
    token = params.get("NextToken")
    if not token:
        return 0
    try:
        fingerprint, start = json.loads(base64.urlsafe_b64decode(token))
        valid = fingerprint == _fingerprint(params) and isinstance(start, int) and start >= 0
    except (ValueError, TypeError):
        valid = False
    if not valid:
        raise ValidationError("Invalid pagination token")
    return int(start)
