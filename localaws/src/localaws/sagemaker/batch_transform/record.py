"""The record of a transform job while it runs."""

from localaws.sagemaker.jobs import JobRecord
from localaws.sagemaker.records import now


class TransformRecord(JobRecord):
    """Changes one record."""

    kind = "Transform"

    def end(self, status: str, reason: str | None = None) -> None:
        """Enter a final status."""
        self.change(TransformJobStatus=status, TransformEndTime=now(), FailureReason=reason)
