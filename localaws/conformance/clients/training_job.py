"""sagemaker-core's `TrainingJob`: one job that completes, one that fails, one that is stopped."""

from typing import Any

from client import Settings, run_client
from sagemaker.core.resources import Tag, TrainingJob
from sagemaker.core.shapes import AlgorithmSpecification, OutputDataConfig, ResourceConfig, StoppingCondition
from sagemaker.core.utils.exceptions import FailedStatusError


def create(settings: Settings, name: str, script: str) -> TrainingJob:
    """Create a training job that runs a shell script."""
    return TrainingJob.create(
        training_job_name=f"{settings.name}-{name}",
        role_arn=settings.role,
        algorithm_specification=AlgorithmSpecification(
            training_image=settings.image,
            training_input_mode="File",
            container_entrypoint=["sh", "-c"],
            container_arguments=[script],
        ),
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{settings.bucket}/out"),
        resource_config=ResourceConfig(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=1),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=86400),
        hyper_parameters={"epochs": "3"},
        tags=[Tag(key="team", value="a")],
    )


def see(settings: Settings) -> dict[str, Any]:
    """Create, wait for, look at and stop training jobs."""
    good = create(settings, "good", "echo trained; echo weights > /opt/ml/model/weights")
    bad = create(settings, "bad", "echo the data is empty > /opt/ml/output/failure; exit 3")
    long = create(settings, "long", "trap exit TERM; sleep 300 & wait")
    good.wait(poll=1, logs=True)
    failure = ""
    try:
        bad.wait(poll=1)
    except FailedStatusError as error:
        failure = str(error)
    long.stop()
    long.wait(poll=1)
    got = TrainingJob.get(good.training_job_name)
    return {
        "arn": good.training_job_arn,
        "status": got.training_job_status,
        "transitions": [one.status for one in got.secondary_status_transitions],
        "model": got.model_artifacts.s3_model_artifacts,
        "epochs": got.hyper_parameters["epochs"],
        "failure": failure,
        "stopped": long.refresh().training_job_status,
        "listed": sorted(job.training_job_name for job in TrainingJob.get_all(name_contains=settings.name)),
    }


if __name__ == "__main__":
    run_client(see)
