"""sagemaker-core's `ProcessingJob`: one job that completes, one that fails, one that is stopped."""

from typing import Any

from client import Settings, run_client
from sagemaker.core.resources import ProcessingJob
from sagemaker.core.shapes import (
    AppSpecification,
    ProcessingClusterConfig,
    ProcessingOutput,
    ProcessingOutputConfig,
    ProcessingResources,
    ProcessingS3Output,
)
from sagemaker.core.utils.exceptions import FailedStatusError

LOCAL = "/opt/ml/processing/output"


def create(settings: Settings, name: str, script: str) -> ProcessingJob:
    """Create a processing job that runs a shell script."""
    output = ProcessingS3Output(
        s3_uri=f"s3://{settings.bucket}/{settings.name}-{name}", local_path=LOCAL, s3_upload_mode="EndOfJob"
    )
    return ProcessingJob.create(
        processing_job_name=f"{settings.name}-{name}",
        role_arn=settings.role,
        app_specification=AppSpecification(
            image_uri=settings.image, container_entrypoint=["sh", "-c"], container_arguments=[script]
        ),
        processing_resources=ProcessingResources(
            cluster_config=ProcessingClusterConfig(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=1)
        ),
        processing_output_config=ProcessingOutputConfig(
            outputs=[ProcessingOutput(output_name="table", s3_output=output)]
        ),
        environment={"LEVEL": "3"},
    )


def see(settings: Settings) -> dict[str, Any]:
    """Create, wait for, look at and stop processing jobs."""
    good = create(settings, "good", f"echo row > {LOCAL}/rows; echo $LEVEL rows > /opt/ml/output/message")
    bad = create(settings, "bad", "exit 3")
    long = create(settings, "long", "trap exit TERM; sleep 300 & wait")
    good.wait(poll=1, logs=True)
    failure = ""
    try:
        bad.wait(poll=1)
    except FailedStatusError as error:
        failure = str(error)
    long.stop()
    long.wait(poll=1)
    got = ProcessingJob.get(good.processing_job_name)
    return {
        "arn": good.processing_job_arn,
        "status": got.processing_job_status,
        "message": got.exit_message,
        "failure": failure,
        "stopped": long.refresh().processing_job_status,
        "listed": sorted(job.processing_job_name for job in ProcessingJob.get_all(name_contains=settings.name)),
    }


if __name__ == "__main__":
    run_client(see)
