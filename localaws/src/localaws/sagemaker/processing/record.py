"""The record of a processing job while it runs, and the events that tell of it."""

from localaws.jobs.failure import MAX_REASON
from localaws.platform import Platform
from localaws.sagemaker.events import publish
from localaws.sagemaker.records import now
from localaws.store import Record, Resources

EVENT = "SageMaker Processing Job State Change"


class ProcessingRecord:
    """The record of a processing job while it runs."""

    def __init__(self, platform: Platform, resources: Resources, arn: str) -> None:
        self._platform = platform
        self._resources = resources
        self.arn = arn
        self.name = arn.rpartition("/")[2]

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

    def stopping(self) -> None:
        """Note that somebody stops the job."""
        if self.read()["ProcessingJobStatus"] == "InProgress":
            self.change(ProcessingJobStatus="Stopping")

    def end(self, status: str, reason: str = "", message: str | None = None) -> None:
        """End the job.

        Args:
            status: `Completed`, `Failed` or `Stopped`.
            reason: the FailureReason, for `Failed`.
            message: the ExitMessage.
        """
        self.change(
            ProcessingJobStatus=status,
            ProcessingEndTime=now(),
            FailureReason=reason[:MAX_REASON] or None,
            ExitMessage=message,
        )
