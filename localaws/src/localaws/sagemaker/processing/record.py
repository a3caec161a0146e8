"""The record of a processing job while it runs."""

from localaws.jobs.failure import MAX_REASON
from localaws.sagemaker.jobs import JobRecord
from localaws.sagemaker.records import now


class ProcessingRecord(JobRecord):
    """Changes one record."""

    kind = "Processing"

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
