"""What a localaws that was killed has left: jobs that no thread runs any more."""

from localaws.jobs.failure import KILLED
from localaws.platform import Platform
from localaws.sagemaker import processing, training, transform
from localaws.sagemaker.processing_run import ProcessingRecord
from localaws.sagemaker.records import now
from localaws.sagemaker.training_record import TrainingRecord
from localaws.sagemaker.transform_record import TransformRecord


def fail_lost_jobs(platform: Platform) -> None:
    """Let the jobs fail that ran when localaws ended; their containers have been removed."""
    for account, region in platform.store.scopes(training.KIND):
        resources = platform.store.kind(training.KIND, account, region)
        for record in resources.all():
            if record["TrainingJobStatus"] in {"InProgress", "Stopping"}:
                TrainingRecord(platform, resources, record["TrainingJobArn"]).enter("Failed", KILLED)
    for account, region in platform.store.scopes(processing.KIND):
        resources = platform.store.kind(processing.KIND, account, region)
        for record in resources.all():
            if record["ProcessingJobStatus"] in {"InProgress", "Stopping"}:
                ProcessingRecord(platform, resources, record["ProcessingJobArn"]).change(
                    ProcessingJobStatus="Failed", ProcessingEndTime=now(), FailureReason=KILLED
                )
    for account, region in platform.store.scopes(transform.KIND):
        resources = platform.store.kind(transform.KIND, account, region)
        for record in resources.all():
            if record["TransformJobStatus"] in {"InProgress", "Stopping"}:
                TransformRecord(platform, resources, record["TransformJobArn"]).end("Failed", KILLED)
