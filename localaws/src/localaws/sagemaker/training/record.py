"""The record of a training job while it runs: its statuses, their messages, and the events that tell of them."""

from collections.abc import Callable

from localaws.jobs.failure import MAX_REASON
from localaws.platform import Platform
from localaws.sagemaker.events import publish
from localaws.sagemaker.records import now
from localaws.store import Record, Resources

EVENT = "SageMaker Training Job State Change"
MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopping": "Stopping the training job",
    "Stopped": "Training job stopped",
    "Interrupted": "Training job interrupted",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job wait time exceeded MaxWaitTimeInSeconds provided",
}
"""StatusMessage of each secondary status, as seen in answers of AWS; the last three are ours."""
FINAL = {"Completed", "Failed", "Stopped", "MaxRuntimeExceeded", "MaxWaitTimeExceeded"}
STATUS = {"Completed": "Completed", "Failed": "Failed", "Stopping": "Stopping"}
"""Secondary status -> status; the other final ones mean `Stopped`, and the rest `InProgress`."""


class TrainingRecord:
    """Changes one record."""

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

    def update(self, change: Callable[[Record], None]) -> None:
        """Change the record without an event."""
        self._resources.update(self.name, change)

    def enter(self, secondary: str, reason: str = "") -> None:
        """Enter a secondary status and publish the event; a job that is being stopped stays so until its end.

        Args:
            secondary: the status, such as `Downloading`.
            reason: the FailureReason, for `Failed`.
        """

        def change(record: Record) -> None:
            stopping = record["TrainingJobStatus"] == "Stopping"
            if stopping and secondary not in FINAL | {"Stopping"}:
                return
            at = now()
            _append(record["SecondaryStatusTransitions"], secondary, at)
            record["SecondaryStatus"] = secondary
            record["TrainingJobStatus"] = STATUS.get(secondary, "Stopped" if secondary in FINAL else "InProgress")
            record["LastModifiedTime"] = at
            if secondary == "Training":
                record.setdefault("TrainingStartTime", at)
            if secondary in FINAL:
                record["TrainingEndTime"] = at
            if reason:
                record["FailureReason"] = reason[:MAX_REASON]

        record = self._resources.update(self.name, change)
        if record is not None:
            publish(self._platform, EVENT, self.arn, record)

    def stopping(self) -> None:
        """Note that somebody stops the job."""
        if self.read()["TrainingJobStatus"] == "InProgress":
            self.enter("Stopping")


def _append(transitions: list[Record], secondary: str, at: float) -> None:
    message = MESSAGES[secondary]
    if transitions and transitions[-1]["Status"] == secondary:
        transitions[-1]["StatusMessage"] = message
    else:
        if transitions:
            transitions[-1].setdefault("EndTime", at)
        transitions.append({"Status": secondary, "StartTime": at, "StatusMessage": message})
    if secondary in FINAL:
        transitions[-1]["EndTime"] = at
