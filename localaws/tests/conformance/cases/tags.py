"""The operations on tags."""

from ..case import TAGS, Case, Conditional, Invalid, Params, Refused
from ..world import ACCOUNT, REGION, World
from .models import models

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model"
INVALID = Invalid({"ResourceArn": "nothing"}, "resourceArn")
KINDS = "of jobs, models, model packages and their groups"


def tagged(world: World) -> str:
    return f"{ARN}/{models(world)[2]}"


def missing(_: World) -> Refused:
    return Refused({"ResourceArn": f"{ARN}/nobody"}, f"Could not find resource {ARN}/nobody.")


def resource(params: Params) -> str:
    return params["ResourceArn"]


CASES = [
    Case(
        "AddTags",
        lambda world: {"ResourceArn": tagged(world), "Tags": TAGS},
        INVALID,
        resource,
        missing,
        conditional=Conditional(
            {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}, {"Tags": [{"Key": "owner", "Value": "a"}]}
        ),
        note=KINDS,
    ),
    Case(
        "ListTags",
        lambda world: {"ResourceArn": tagged(world)},
        INVALID,
        resource,
        missing,
        note="always one page: its smallest size is the number of tags that a resource may have",
    ),
    Case(
        "DeleteTags",
        lambda world: {"ResourceArn": tagged(world), "TagKeys": ["team"]},
        INVALID,
        resource,
        missing,
        conditional=Conditional({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}, {"TagKeys": ["owner"]}),
        note=KINDS,
    ),
]
