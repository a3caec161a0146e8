"""What training, processing and transform jobs have in common: their records, and the operations on them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar

from localaws.api import Operation, Params, Request
from localaws.arns import name_of, region_of
from localaws.errors import AwsError, ValidationError
from localaws.platform import Platform
from localaws.sagemaker.events import publish
from localaws.sagemaker.listing import Listing
from localaws.sagemaker.records import now, public, set_tags
from localaws.store import Record, Resources

MAX_RUNTIME_S = 86400
"""`MaxRuntimeInSeconds` of a request that names none."""
RUNNING = frozenset({"InProgress", "Stopping"})
"""Statuses of a job that has not ended."""


class JobRecord:
    """The record of one job while it runs; every change of its status is an event."""

    kind: ClassVar[str]
    """`Training`, `Processing` or `Transform`."""

    def __init__(self, platform: Platform, resources: Resources, arn: str) -> None:
        self._platform = platform
        self._resources = resources
        self.arn = arn
        self.name = name_of(arn)
        self.region = region_of(arn)

    def read(self) -> Record:
        """Return the record."""
        record = self._resources.get(self.name)
        assert record is not None
        return record

    def update(self, change: Callable[[Record], None]) -> None:
        """Change the record without an event."""
        self._resources.update(self.name, change)

    def change(self, **members: object) -> None:
        """Set members of the record and publish the event; None leaves a member out."""

        def change(record: Record) -> bool:
            record.update({name: value for name, value in members.items() if value is not None})
            return True

        self.publish_if(change)

    def publish_if(self, change: Callable[[Record], bool]) -> None:
        """Change the record as one step, and publish the event if the change says that there was one."""
        changed = False

        def step(record: Record) -> None:
            nonlocal changed
            changed = change(record)
            if changed:
                record["LastModifiedTime"] = now()

        record = self._resources.update(self.name, step)
        if record is not None and changed:
            publish(self._platform, f"SageMaker {self.kind} Job State Change", self.arn, record)

    def stopping(self) -> None:
        """Note that somebody stops the job, unless it has ended meanwhile."""

        def change(record: Record) -> bool:
            runs = bool(record[f"{self.kind}JobStatus"] == "InProgress")
            if runs:
                record[f"{self.kind}JobStatus"] = "Stopping"
            return runs

        self.publish_if(change)


class JobOperations(ABC):
    """The operations on one kind of jobs."""

    kind: ClassVar[str]
    """`Training`, `Processing` or `Transform`."""
    listing: ClassVar[Listing]

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def operations(self) -> Mapping[str, Operation]:
        """Return the operations by name."""
        return {
            f"Create{self.kind}Job": Operation(self.create, self.arn, self.context),
            f"Describe{self.kind}Job": Operation(self.describe, self.arn),
            f"List{self.kind}Jobs": Operation(self.list),
            f"Stop{self.kind}Job": Operation(self.stop, self.arn),
        }

    @abstractmethod
    def create(self, request: Request) -> Params:
        """Start a job."""

    @abstractmethod
    def context(self, request: Request) -> Mapping[str, object]:
        """Return the condition keys of its creation. Source: the Service Authorization Reference."""

    @abstractmethod
    def record(self, request: Request) -> JobRecord:
        """Return the record of the job that a request names."""

    def describe(self, request: Request) -> Params:
        """Return a job."""
        return public(self.existing(request))

    def list(self, request: Request) -> Params:
        """List jobs."""
        return self.listing.answer(self.resources(request).all(), request.params)

    def stop(self, request: Request) -> Params:
        """Stop a job that runs."""
        status = self.existing(request)[f"{self.kind}JobStatus"]
        if status not in RUNNING:
            raise ValidationError(
                f"The request was rejected because the {self.kind.lower()} job is in status {status}."
            )
        self.record(request).stopping()
        self._platform.supervisor.stop(self.arn(request))
        return {}

    def existing(self, request: Request) -> Record:
        """Return the stored job that a request names.

        Raises:
            ValidationError: it does not exist.
        """
        record = self.resources(request).get(self.name(request))
        if record is None:
            raise ValidationError(self.missing(request))
        return record

    def refuse_in_use(self, request: Request) -> None:
        """Check that no job has the name of a request.

        Raises:
            AwsError: one has it.
        """
        if self.resources(request).get(self.name(request)) is not None:
            raise self.in_use(request)

    def store(self, request: Request, record: Record) -> None:
        """Store a new job with its tags.

        Raises:
            AwsError: another request has been faster with its name.
        """
        if not self.resources(request).add(self.name(request), record):
            raise self.in_use(request)
        set_tags(self._platform, self.arn(request), request.params.get("Tags", []))

    def missing(self, request: Request) -> str:
        """Return AWS's words for a job that does not exist."""
        return f"Could not find requested job with name: {self.name(request)}"

    def in_use(self, request: Request) -> AwsError:
        """Return AWS's error for a name that another job has."""
        return AwsError(
            "ResourceInUse",
            "Job name must be unique within an AWS account and region, and a job with this name already exists "
            f"({self.arn(request)})",
        )

    def name(self, request: Request) -> str:
        """Return the name of the job in a request."""
        return str(request.params[f"{self.kind}JobName"])

    def arn(self, request: Request) -> str:
        """Return the ARN of the job in a request."""
        return request.arn(f"{self.kind.lower()}-job/{self.name(request)}")

    def resources(self, request: Request) -> Resources:
        """Return where the jobs of the caller are stored."""
        caller = request.caller
        return self._platform.store.kind(f"{self.kind.lower()}-job", caller.account, caller.region)
