"""The record of a training job while it runs: its statuses, their messages, and the events that tell of them."""

from localaws.jobs.failure import MAX_REASON
from localaws.sagemaker.jobs import JobRecord
from localaws.sagemaker.records import now
from localaws.store import Record

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


class TrainingRecord(JobRecord):
    """Changes one record."""

    kind = "Training"

    def enter(self, secondary: str, reason: str = "") -> None:
        """Enter a secondary status and publish the event; a job that is being stopped stays so until its end.

        Args:
            secondary: the status, such as `Downloading`.
            reason: the FailureReason, for `Failed`.
        """

        def change(record: Record) -> bool:
            stopping = record["TrainingJobStatus"] == "Stopping"
            if stopping and secondary not in FINAL | {"Stopping"}:
                return False
            if secondary == "Stopping" and record["TrainingJobStatus"] != "InProgress":
                return False  # it has ended meanwhile
            at = now()
            _append(record["SecondaryStatusTransitions"], secondary, at)
            record["SecondaryStatus"] = secondary
            record["TrainingJobStatus"] = STATUS.get(secondary, "Stopped" if secondary in FINAL else "InProgress")
            if secondary == "Training":
                record.setdefault("TrainingStartTime", at)
            if secondary in FINAL:
                record["TrainingEndTime"] = at
            if reason:
                record["FailureReason"] = reason[:MAX_REASON]
            return True

        self.publish_if(change)

    def stopping(self) -> None:
        """Note that somebody stops the job, unless it has ended meanwhile."""
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
