"""The operations on model package groups and their policies."""

import json

from ..case import TAGS, Case, Conditional, Invalid, Pages, Params, Refused
from ..world import ACCOUNT, REGION, World

NOBODY = {"ModelPackageGroupName": "nobody"}
GROUP = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package-group/nobody"
MISSING = f"ModelPackageGroup {GROUP} does not exist."
POLICY_MISSING = f"Cannot find Model Package Group: {GROUP}"
INVALID = Invalid({"ModelPackageGroupName": "under_score"}, "modelPackageGroupName")
POLICY = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sagemaker:DescribeModelPackage", "Resource": "*"},
}


def group(world: World, name: str = "") -> Params:
    return {"ModelPackageGroupName": name or world.name(), "Tags": TAGS}


def groups(world: World) -> list[str]:
    return world.three("group", lambda name: world.call("CreateModelPackageGroup", group(world, name)))


def deleted(world: World) -> Params:
    name = world.one("deleted group", group(world), "CreateModelPackageGroup", "ModelPackageGroupName")
    return {"ModelPackageGroupName": name}


def with_policy(world: World) -> Params:
    named = {"ModelPackageGroupName": groups(world)[1]}
    world.call("PutModelPackageGroupPolicy", {**named, "ResourcePolicy": json.dumps(POLICY)})
    return named


def resource(params: Params) -> str:
    return f"model-package-group/{params['ModelPackageGroupName']}"


CASES = [
    Case(
        "CreateModelPackageGroup",
        group,
        INVALID,
        resource,
        tagged="ModelPackageGroupArn",
        conditional=Conditional(
            {"StringEquals": {"aws:RequestTag/team": "a"}}, {"Tags": [{"Key": "team", "Value": "b"}]}
        ),
    ),
    Case(
        "DescribeModelPackageGroup",
        lambda world: {"ModelPackageGroupName": groups(world)[0]},
        INVALID,
        resource,
        lambda _: Refused(NOBODY, MISSING),
    ),
    Case(
        "ListModelPackageGroups",
        lambda world: {"NameContains": groups(world)[0][:-2]},
        Invalid({"MaxResults": 101}, "maxResults"),
        pages=Pages(groups, "ModelPackageGroupSummaryList", "ModelPackageGroupName"),
    ),
    Case("DeleteModelPackageGroup", deleted, INVALID, resource, lambda _: Refused(NOBODY, MISSING)),
    Case(
        "PutModelPackageGroupPolicy",
        lambda world: {"ModelPackageGroupName": groups(world)[0], "ResourcePolicy": json.dumps(POLICY)},
        INVALID,
        resource,
        lambda _: Refused(NOBODY, POLICY_MISSING),
        note="stored, never evaluated: a policy of a group is for other accounts",
    ),
    Case("GetModelPackageGroupPolicy", with_policy, INVALID, resource, lambda _: Refused(NOBODY, POLICY_MISSING)),
    Case("DeleteModelPackageGroupPolicy", with_policy, INVALID, resource, lambda _: Refused(NOBODY, POLICY_MISSING)),
]
