"""What the conformance tests know of one operation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .world import ACCOUNT, REGION, World

Params = dict[str, Any]
TAGS = [{"Key": "team", "Value": "a"}]
"""The tags of everything that a good request creates."""


@dataclass(frozen=True)
class Refused:
    """A change that makes a good request refused."""

    changes: Params
    """Members that replace those of the good request; None leaves one out."""
    message: str
    """AWS's words, whole."""
    code: str = "ValidationException"


@dataclass(frozen=True)
class Invalid:
    """A value that breaks the service model."""

    changes: Params
    member: str
    """Where AWS says that it stands, such as `resourceConfig.instanceType`."""


@dataclass(frozen=True)
class Pages:
    """A list that is longer than a page."""

    made: Callable[[World], list[str]]
    """Returns three names that stand in the list, with a common prefix or a common parent."""
    member: str
    """Name of the list in the answer."""
    name: str
    """Member of an entry that is its name."""


@dataclass(frozen=True)
class Conditional:
    """A condition of a policy that the good request meets."""

    condition: dict[str, dict[str, Any]]
    """Such as `{"StringEquals": {"aws:RequestTag/team": "a"}}`."""
    broken: Params
    """Changes after which the request does not meet it."""


@dataclass(frozen=True)
class Case:
    """One operation that localaws offers."""

    operation: str
    request: Callable[[World], Params]
    """Makes a request that succeeds, once at least."""
    invalid: Invalid
    resource: Callable[[Params], str] | None = None
    """Returns the resource that policies are checked on, from a request: `training-job/x`. None: `*`."""
    missing: Callable[[World], Refused] | None = None
    """A resource that the operation needs does not exist. None: it needs none."""
    pages: Pages | None = None
    tagged: str = ""
    """Member of the answer that is the ARN of what was created with `TAGS`; empty: the operation takes no tags."""
    role: bool = False
    """The request passes a role."""
    conditional: Conditional | None = None
    omitted: tuple[str, ...] = ()
    """Members of the answer that the service model calls required, and that AWS leaves out too."""
    note: str = ""
    """What a user has to know, for the table in the README."""

    def arn(self, params: Params) -> str:
        """Return the ARN, or `*`, that stands in AWS's words when a request is denied."""
        if self.resource is None:
            return "*"
        resource = self.resource(params)
        return resource if resource.startswith("arn:") else f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{resource}"
