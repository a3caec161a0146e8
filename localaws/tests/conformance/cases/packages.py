"""The operations on model packages."""

from ..case import TAGS, Case, Conditional, Invalid, Pages, Params, Refused
from ..world import ACCOUNT, REGION, World
from .package_groups import GROUP

PACKAGE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package"
NOBODY = {"ModelPackageName": f"{PACKAGE}/nobody/1"}
MISSING = f"ModelPackage {PACKAGE}/nobody/1 does not exist."


def specification(world: World) -> Params:
    return {
        "Containers": [{"Image": world.image, "ModelDataUrl": "s3://data/model.tar.gz"}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
        "SupportedTransformInstanceTypes": ["ml.m5.large"],
        "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
    }


def package(world: World, name: str = "") -> Params:
    return {
        "ModelPackageName": name or world.name(),
        "InferenceSpecification": specification(world),
        "ModelApprovalStatus": "PendingManualApproval",
        "Tags": TAGS,
    }


def versions(world: World) -> list[str]:
    """Return the ARNs of the three versions of one group."""
    if "versions" not in world.made:
        group = world.name("versions")
        world.call("CreateModelPackageGroup", {"ModelPackageGroupName": group})
        request = {"ModelPackageGroupName": group, "InferenceSpecification": specification(world)}
        made = [world.call("CreateModelPackage", request) for _ in range(3)]
        world.made["versions"] = [answer.result["ModelPackageArn"] for answer in made]
    return world.made["versions"]


def deleted(world: World) -> Params:
    name = world.one("deleted package", package(world), "CreateModelPackage", "ModelPackageName")
    return {"ModelPackageName": name}


def resource(params: Params) -> str:
    name = params["ModelPackageName"]
    return name if name.startswith("arn:") else f"model-package/{name}"


CASES = [
    Case(
        "CreateModelPackage",
        package,
        Invalid({"ModelApprovalStatus": "Perhaps"}, "modelApprovalStatus"),
        resource,
        lambda _: Refused(
            {"ModelPackageName": None, "Tags": None, "ModelPackageGroupName": "nobody"},
            f"ModelPackageGroup {GROUP} does not exist.",
        ),
        tagged="ModelPackageArn",
        conditional=Conditional(
            {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}},
            {"ModelApprovalStatus": "Approved"},
        ),
        note="no validation profiles, no algorithms of the marketplace",
    ),
    Case(
        "DescribeModelPackage",
        lambda world: {"ModelPackageName": versions(world)[0]},
        Invalid({"ModelPackageName": "under_score"}, "modelPackageName"),
        resource,
        lambda _: Refused(NOBODY, MISSING),
    ),
    Case(
        "BatchDescribeModelPackage",
        lambda world: {"ModelPackageArnList": versions(world)},
        Invalid({"ModelPackageArnList": []}, "modelPackageArnList"),
        lambda params: params["ModelPackageArnList"][0],
        note="a missing package is in the answer's map of errors",
    ),
    Case(
        "ListModelPackages",
        lambda world: {"ModelPackageGroupName": versions(world)[0].split("/")[1]},
        Invalid({"MaxResults": 101}, "maxResults"),
        missing=lambda _: Refused({"ModelPackageGroupName": "nobody"}, f"ModelPackageGroup {GROUP} does not exist."),
        pages=Pages(versions, "ModelPackageSummaryList", "ModelPackageArn"),
    ),
    Case(
        "UpdateModelPackage",
        lambda world: {"ModelPackageArn": versions(world)[1], "ModelApprovalStatus": "Rejected"},
        Invalid({"ModelApprovalStatus": "Perhaps"}, "modelApprovalStatus"),
        lambda params: params["ModelPackageArn"],
        lambda _: Refused({"ModelPackageArn": f"{PACKAGE}/nobody/1"}, MISSING),
        conditional=Conditional(
            {"StringNotEquals": {"sagemaker:ModelApprovalStatus": "Approved"}}, {"ModelApprovalStatus": "Approved"}
        ),
    ),
    Case(
        "DeleteModelPackage",
        deleted,
        Invalid({"ModelPackageName": "under_score"}, "modelPackageName"),
        resource,
        lambda _: Refused(NOBODY, MISSING),
    ),
]
