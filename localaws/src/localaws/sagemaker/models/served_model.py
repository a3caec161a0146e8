"""What a stored model says about the container that serves it."""

from dataclasses import dataclass

from localaws.errors import ValidationError
from localaws.sagemaker.models.models import RUN_CONTAINERS
from localaws.store import Record

SINGLE_MODEL = "SingleModel"
SOURCES = ("ModelDataSource", "AdditionalModelDataSources")


@dataclass(frozen=True)
class ServedModel:
    """A model with one container."""

    image: str
    """Image of the request."""
    data_url: str | None
    """Address of `model.tar.gz` in S3."""
    environment: dict[str, str]
    role_arn: str
    isolated: bool


def read_served_model(record: Record) -> ServedModel:
    """Read the record of a model.

    Raises:
        ValidationError: the model needs more than localaws serves; the words are ours, but for `ModelDataSource`.
    """
    containers = record[RUN_CONTAINERS]
    if len(containers) != 1:
        raise ValidationError(
            f"localaws does not offer inference pipelines: the model {record['ModelName']} has {len(containers)} "
            "containers, and one is possible"
        )
    (container,) = containers
    if any(name in container for name in SOURCES):
        # AWS's words, as a user reports them for batch transform.
        raise ValidationError(
            "SageMaker Batch currently doesn't support Model entity with container definitions which use "
            "ModelDataSource attribute"
        )
    if container["Mode"] != SINGLE_MODEL:
        raise ValidationError(f"localaws does not offer the Mode {container['Mode']} of containers")
    return ServedModel(
        image=container["Image"],
        data_url=container.get("ModelDataUrl"),
        environment=container["Environment"],
        role_arn=record["ExecutionRoleArn"],
        isolated=record["EnableNetworkIsolation"],
    )
