"""The record of a transform job while it runs, and the events that tell of it."""

from localaws.platform import Platform
from localaws.sagemaker.events import publish
from localaws.sagemaker.records import now
from localaws.store import Record, Resources

EVENT = "SageMaker Transform Job State Change"


class TransformRecord:
    """Changes one record."""

    def __init__(self, platform: Platform, resources: Resources, arn: str) -> None:
        self._platform = platform
        self._resources = resources
        self.arn = arn
        self.name = arn.rpartition("/")[2]
        self.region = arn.split(":")[3]

    def read(self) -> Record:
        """Return the record."""
        record = self._resources.get(self.name)
        assert record is not None
        return record

    def change(self, **members: object) -> None:
        """Set members of the record and publish the event; None leaves a member out."""

        def change(record: Record) -> None:
            record.update({name: value for name, value in members.items() if value is not None})
            record["LastModifiedTime"] = now()

        record = self._resources.update(self.name, change)
        if record is not None:
            publish(self._platform, EVENT, self.arn, record)

    def end(self, status: str, reason: str | None = None) -> None:
        """Enter a final status."""
        self.change(TransformJobStatus=status, TransformEndTime=now(), FailureReason=reason)

    def stopping(self) -> None:
        """Note that somebody stops the job."""
        if self.read()["TransformJobStatus"] == "InProgress":
            self.change(TransformJobStatus="Stopping")
