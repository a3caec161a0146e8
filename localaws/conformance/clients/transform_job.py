"""sagemaker-core's `TransformJob`: one job that completes, one that is stopped."""

from typing import Any

import boto3
from client import Settings, run_client
from sagemaker.core.resources import Model, TransformJob
from sagemaker.core.shapes import (
    ContainerDefinition,
    TransformDataSource,
    TransformInput,
    TransformOutput,
    TransformResources,
    TransformS3DataSource,
)


def create(settings: Settings, name: str) -> TransformJob:
    """Create a transform job that sends the lines of a file to a model."""
    source = TransformS3DataSource(s3_data_type="S3Prefix", s3_uri=f"s3://{settings.bucket}/{settings.name}/in")
    return TransformJob.create(
        transform_job_name=f"{settings.name}-{name}",
        model_name=settings.name,
        transform_input=TransformInput(
            data_source=TransformDataSource(s3_data_source=source), content_type="text/plain", split_type="Line"
        ),
        transform_output=TransformOutput(
            s3_output_path=f"s3://{settings.bucket}/{settings.name}/{name}", assemble_with="Line"
        ),
        transform_resources=TransformResources(instance_type="ml.m5.large", instance_count=1),
        batch_strategy="SingleRecord",
    )


def see(settings: Settings) -> dict[str, Any]:
    """Create, wait for, look at and stop transform jobs."""
    boto3.client("s3").put_object(Bucket=settings.bucket, Key=f"{settings.name}/in/lines", Body=b"one\ntwo\n")
    Model.create(
        model_name=settings.name,
        execution_role_arn=settings.role,
        primary_container=ContainerDefinition(image=settings.serving_image, model_data_url=settings.model),
    )
    good, long = create(settings, "good"), create(settings, "long")
    long.stop()
    good.wait(poll=1)
    long.wait(poll=1)
    got = TransformJob.get(good.transform_job_name)
    return {
        "arn": got.transform_job_arn,
        "status": got.transform_job_status,
        "model": got.model_name,
        "stopped": long.refresh().transform_job_status,
        "listed": sorted(job.transform_job_name for job in TransformJob.get_all(name_contains=settings.name)),
    }


if __name__ == "__main__":
    run_client(see)
