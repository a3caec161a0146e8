"""sagemaker-core's `Model`: create, look at, list, delete."""

from typing import Any

from botocore.exceptions import ClientError
from client import Settings, run_client
from sagemaker.core.resources import Model, Tag
from sagemaker.core.shapes import ContainerDefinition


def see(settings: Settings) -> dict[str, Any]:
    """Create two models, and delete one."""
    models = [
        Model.create(
            model_name=f"{settings.name}-{name}",
            execution_role_arn=settings.role,
            primary_container=ContainerDefinition(
                image=settings.image, model_data_url=settings.model, environment={"LEVEL": "3"}
            ),
            tags=[{"key": "team", "value": "a"}],
        )
        for name in ("kept", "deleted")
    ]
    models[1].delete()
    missing = ""
    try:
        models[1].refresh()
    except ClientError as error:
        missing = str(error)
    got = Model.get(models[0].model_name)
    return {
        "arn": got.model_arn,
        "level": got.primary_container.environment["LEVEL"],
        "tags": {tag.key: tag.value for tag in Tag.get_all(resource_arn=got.model_arn)},
        "missing": missing,
        "listed": [model.model_name for model in Model.get_all(name_contains=settings.name)],
    }


if __name__ == "__main__":
    run_client(see)
