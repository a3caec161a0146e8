"""The operations on batch transform jobs."""

from ...serving_image import put_objects
from ...serving_image import transform as request_of
from ..case import TAGS, Case, Conditional, Invalid, Pages, Params, Refused
from ..world import ACCOUNT, REGION, World

NOBODY = {"TransformJobName": "nobody"}
INVALID = Invalid({"TransformJobName": "under_score"}, "transformJobName")


def job(world: World, name: str = "", record: str = "row") -> Params:
    """Return a request for a job of the model `echo` on one record."""
    source = put_objects(world.server, f"transform-{record}", {"rows": record.encode()})
    return request_of(name or world.name(), "echo", source, Tags=TAGS)


def jobs(world: World) -> list[str]:
    return world.three("transform", lambda name: world.call("CreateTransformJob", job(world, name)))


def running(world: World) -> Params:
    request = job(world, record="slow")
    return {"TransformJobName": world.one("running transform", request, "CreateTransformJob", "TransformJobName")}


def without_model(_: World) -> Refused:
    words = f'Could not find model "arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/nobody".'
    return Refused({"ModelName": "nobody"}, words)


def resource(params: Params) -> str:
    return f"transform-job/{params['TransformJobName']}"


CASES = [
    Case(
        "CreateTransformJob",
        job,
        Invalid(
            {"TransformResources": {"InstanceType": "ml.abacus.large", "InstanceCount": 1}},
            "transformResources.instanceType",
        ),
        resource,
        without_model,
        tagged="TransformJobArn",
        conditional=Conditional(
            {"StringEquals": {"aws:RequestTag/team": "a"}}, {"Tags": [{"Key": "team", "Value": "b"}]}
        ),
        note="one container; no inference pipelines, no `ModelDataSource`",
    ),
    Case(
        "DescribeTransformJob",
        lambda world: {"TransformJobName": jobs(world)[0]},
        INVALID,
        resource,
        lambda _: Refused(NOBODY, "Could not find requested job with name: nobody"),
    ),
    Case(
        "ListTransformJobs",
        lambda world: {"NameContains": jobs(world)[0][:-2]},
        Invalid({"MaxResults": 101}, "maxResults"),
        pages=Pages(jobs, "TransformJobSummaries", "TransformJobName"),
    ),
    Case(
        "StopTransformJob",
        running,
        INVALID,
        resource,
        lambda _: Refused(NOBODY, "Could not find job to update with name: nobody"),
    ),
]
