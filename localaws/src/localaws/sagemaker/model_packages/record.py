"""The records of model packages: how they are named, found and numbered."""

import hashlib
import json
from typing import Any

from localaws.api import Params, Request
from localaws.errors import AwsError, ValidationError
from localaws.platform import Platform
from localaws.sagemaker.model_packages.groups import PACKAGE, find_group, groups, missing_group
from localaws.sagemaker.names import named_arn, resource_name, user_context
from localaws.sagemaker.records import now
from localaws.store import Record, Resources

TOKENS = "model-package-token"
"""Kind under which the client tokens of CreateModelPackage are stored."""
LAST_VERSION = "_last_version"
LAST_CREATED = "_last_created"
"""Members of a group's record: number and time of its newest version, which may have been deleted since."""


def packages(platform: Platform, request: Request) -> Resources:
    """Return the model packages of the caller."""
    return platform.store.kind(PACKAGE, request.caller.account, request.caller.region)


def find_package(platform: Platform, request: Request, text: str) -> Record:
    """Return the package that a request names, by its name, `GROUP/VERSION` or its ARN.

    Raises:
        ValidationError: there is none.
    """
    name = resource_name(request, PACKAGE, text)
    record = packages(platform, request).get(name) if name else None
    if record is None:
        raise missing_package(named_arn(request, PACKAGE, text))
    return record


def missing_package(arn: str) -> ValidationError:
    """Return AWS's error for a package that does not exist."""
    return ValidationError(f"ModelPackage {arn} does not exist.")


def stored_name(record: Record) -> str:
    """Return the name under which a package is stored: the end of its ARN."""
    return str(record["ModelPackageArn"]).partition(f":{PACKAGE}/")[2]


def new_record(request: Request, specifications: Params) -> Record:
    """Return the record of a new package, which has no name yet.

    Args:
        request: the request.
        specifications: members of the request that were completed.
    """
    left_out = {"Tags", "ClientToken", "ModelPackageName", "ModelPackageGroupName"}
    return {
        "CertifyForMarketplace": False,
        **{name: value for name, value in request.params.items() if name not in left_out},
        **specifications,
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "CreatedBy": user_context(request.caller),
    }


def add_unversioned(platform: Platform, request: Request, record: Record) -> Record:
    """Store a package under its own name, and return its record.

    Raises:
        ValidationError: the name is in use.
    """
    name = request.params["ModelPackageName"]
    arn = request.arn(f"{PACKAGE}/{name}")
    record = {**record, "ModelPackageName": name, "ModelPackageArn": arn, "CreationTime": now()}
    if not packages(platform, request).add(name, record):
        raise ValidationError(f"Model Package already exists: {arn}")
    return record


def add_version(platform: Platform, request: Request, record: Record) -> Record:
    """Store a package as the next version of its group, and return its record.

    Versions are numbered from 1, a number is never used again, and a later version has a later time.

    Raises:
        ValidationError: the group does not exist.
    """
    group = find_group(platform, request)
    name, added = group["ModelPackageGroupName"], dict(record)

    def number(current: Record) -> None:
        if current["ModelPackageGroupStatus"] != "Completed":
            raise missing_group(current["ModelPackageGroupArn"])
        version = current.get(LAST_VERSION, 0) + 1
        created = max(now(), round(current.get(LAST_CREATED, 0.0) + 0.001, 3))
        current.update({LAST_VERSION: version, LAST_CREATED: created})
        added.update(
            ModelPackageName=name,
            ModelPackageGroupName=name,
            ModelPackageVersion=version,
            ModelPackageArn=request.arn(f"{PACKAGE}/{name}/{version}"),
            CreationTime=created,
        )
        added.setdefault("ModelApprovalStatus", "PendingManualApproval")
        packages(platform, request).put(f"{name}/{version}", added)

    if groups(platform, request).update(name, number) is None:
        raise missing_group(group["ModelPackageGroupArn"])
    return added


class ClientTokens:
    """The packages that requests with a client token have made: a retry of such a request makes no second one."""

    def __init__(self, platform: Platform, request: Request) -> None:
        self._tokens = platform.store.kind(TOKENS, request.caller.account, request.caller.region)
        self._packages = packages(platform, request)
        self._token: str = request.params.get("ClientToken", "")
        self._fingerprint = _fingerprint(request.params)

    def earlier(self) -> str | None:
        """Return the ARN of the package that this request has already made, if it still exists.

        Raises:
            AwsError: the token came with another request; the words are ours.
        """
        known = self._tokens.get(self._token) if self._token else None
        record = self._packages.get(known["name"]) if known else None
        if known is None or record is None:
            return None
        if known["fingerprint"] != self._fingerprint:
            raise AwsError("ConflictException", f"The ClientToken {self._token} was used with other parameters.")
        return str(record["ModelPackageArn"])

    def remember(self, record: Record) -> None:
        """Note what the request has made."""
        if self._token:
            self._tokens.put(self._token, {"name": stored_name(record), "fingerprint": self._fingerprint})


def _fingerprint(params: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
