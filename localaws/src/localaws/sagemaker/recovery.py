"""What a localaws that was killed has left: jobs that no thread runs any more."""

from collections.abc import Callable, Iterator

from localaws.jobs.failure import KILLED
from localaws.platform import Platform
from localaws.sagemaker.batch_transform.record import TransformRecord
from localaws.sagemaker.jobs import RUNNING
from localaws.sagemaker.processing.record import ProcessingRecord
from localaws.sagemaker.training.record import TrainingRecord
from localaws.store import Resources

Fail = Callable[[Resources, str], None]
"""Lets the job with an ARN fail."""


def fail_lost_jobs(platform: Platform) -> None:
    """Let the jobs fail that ran when localaws ended; their containers have been removed."""
    kinds: dict[str, Fail] = {
        "Training": lambda resources, arn: TrainingRecord(platform, resources, arn).enter("Failed", KILLED),
        "Processing": lambda resources, arn: ProcessingRecord(platform, resources, arn).end("Failed", KILLED),
        "Transform": lambda resources, arn: TransformRecord(platform, resources, arn).end("Failed", KILLED),
    }
    for kind, fail in kinds.items():
        for resources, arn in _lost(platform, kind):
            fail(resources, arn)


def _lost(platform: Platform, kind: str) -> Iterator[tuple[Resources, str]]:
    """Yield where a job is stored, and its ARN, for every job that has no final status."""
    stored = f"{kind.lower()}-job"
    for account, region in platform.store.scopes(stored):
        resources = platform.store.kind(stored, account, region)
        for record in resources.all():
            if record[f"{kind}JobStatus"] in RUNNING:
                yield resources, record[f"{kind}JobArn"]
