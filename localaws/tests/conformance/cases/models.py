"""The operations on models."""

from ..case import TAGS, Case, Conditional, Invalid, Pages, Params, Refused
from ..world import ACCOUNT, REGION, World

DATA = "s3://data/model.tar.gz"
NOBODY = {"ModelName": "nobody"}
MISSING = f'Could not find model "arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/nobody".'
INVALID = Invalid({"ModelName": "under_score"}, "modelName")


def model(world: World, name: str = "", data: str = DATA) -> Params:
    container = {"Image": world.image, "ModelDataUrl": data}
    return {
        "ModelName": name or world.name(),
        "ExecutionRoleArn": world.role,
        "PrimaryContainer": container,
        "Tags": TAGS,
    }


def models(world: World) -> list[str]:
    return world.three("model", lambda name: world.call("CreateModel", model(world, name)))


def without_data(world: World) -> Refused:
    data = "s3://data/nothing.tar.gz"
    changed = {"PrimaryContainer": model(world, data=data)["PrimaryContainer"]}
    return Refused(changed, f"Could not find model data at {data}.")


def deleted(world: World) -> Params:
    return {"ModelName": world.one("deleted model", model(world), "CreateModel", "ModelName")}


def resource(params: Params) -> str:
    return f"model/{params['ModelName']}"


CASES = [
    Case(
        "CreateModel",
        model,
        INVALID,
        resource,
        without_data,
        tagged="ModelArn",
        role=True,
        conditional=Conditional(
            {"StringEquals": {"aws:RequestTag/team": "a"}}, {"Tags": [{"Key": "team", "Value": "b"}]}
        ),
    ),
    Case(
        "DescribeModel",
        lambda world: {"ModelName": models(world)[0]},
        INVALID,
        resource,
        lambda _: Refused(NOBODY, MISSING),
    ),
    Case(
        "ListModels",
        lambda world: {"NameContains": models(world)[0][:-2]},
        Invalid({"MaxResults": 101}, "maxResults"),
        pages=Pages(models, "Models", "ModelName"),
    ),
    Case("DeleteModel", deleted, INVALID, resource, lambda _: Refused(NOBODY, MISSING)),
]
