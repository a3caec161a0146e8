"""The resource policies of model package groups: stored and returned, never evaluated.

A policy of a group is for other accounts, and localaws serves a resource to its own account alone.
"""

import json
from collections.abc import Mapping
from typing import Any

from localaws.api import Operation, Params, Request
from localaws.errors import ValidationError
from localaws.platform import Platform
from localaws.sagemaker.model_packages.groups import group_arn, groups
from localaws.store import Record

POLICY = "_policy"
"""Member of a group's record that holds the text of its policy."""
VERSIONS = {"2012-10-17", "2008-10-17"}
ELEMENTS = (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource"))
"""Of each pair, a statement of a resource policy has exactly one."""


class ModelPackageGroupPolicies:
    """Puts, gets and deletes the policies of groups."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def operations(self) -> Mapping[str, Operation]:
        """Return the operations by name."""
        return {
            "PutModelPackageGroupPolicy": Operation(self.put, group_arn),
            "GetModelPackageGroupPolicy": Operation(self.get, group_arn),
            "DeleteModelPackageGroupPolicy": Operation(self.delete, group_arn),
        }

    def put(self, request: Request) -> Params:
        """Store the policy of a group, in the place of an earlier one."""
        policy = request.params["ResourcePolicy"]
        check_policy(policy)
        self._change(request, lambda record: record.update({POLICY: policy}))
        return {"ModelPackageGroupArn": group_arn(request)}

    def get(self, request: Request) -> Params:
        """Return the policy of a group, as it was put."""
        return {"ResourcePolicy": self._existing(request)}

    def delete(self, request: Request) -> Params:
        """Delete the policy of a group."""
        self._existing(request)
        self._change(request, lambda record: record.pop(POLICY, None))
        return {}

    def _existing(self, request: Request) -> str:
        found = groups(self._platform, request).get(request.params["ModelPackageGroupName"])
        if found is None:
            raise _missing(request)
        if POLICY not in found:
            raise ValidationError(f"Cannot find resource policy for: {group_arn(request)}")
        return str(found[POLICY])

    def _change(self, request: Request, change: Any) -> Record:  # noqa: ANN401 -- a function that returns anything
        record = groups(self._platform, request).update(request.params["ModelPackageGroupName"], change)
        if record is None:
            raise _missing(request)
        return record


def check_policy(text: str) -> None:
    """Check that a text is a resource policy; it may have any actions, resources and conditions.

    Raises:
        ValidationError: it is not. The words are ours.
    """
    try:
        policy = json.loads(text)
    except ValueError as error:
        raise ValidationError(f"Invalid resource policy: it is not JSON ({error})") from None
    if not isinstance(policy, dict):
        raise ValidationError("Invalid resource policy: it is not a JSON object")
    if policy.get("Version", "2008-10-17") not in VERSIONS:
        raise ValidationError(f"Invalid resource policy: Version {policy['Version']!r} is none of {sorted(VERSIONS)}")
    statements = policy.get("Statement")
    statements = [statements] if isinstance(statements, dict) else statements
    if not (isinstance(statements, list) and statements):
        raise ValidationError("Invalid resource policy: it has no Statement")
    for statement in statements:
        _check_statement(statement)


def _check_statement(statement: object) -> None:
    if not isinstance(statement, dict):
        raise ValidationError("Invalid resource policy: a statement is not a JSON object")
    if statement.get("Effect") not in {"Allow", "Deny"}:
        raise ValidationError("Invalid resource policy: the Effect of a statement is neither Allow nor Deny")
    for names in ELEMENTS:
        if sum(name in statement for name in names) != 1:
            raise ValidationError(f"Invalid resource policy: a statement needs {names[0]} or {names[1]}")


def _missing(request: Request) -> ValidationError:
    return ValidationError(f"Cannot find Model Package Group: {group_arn(request)}")
