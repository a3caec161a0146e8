"""The operations on processing jobs."""

from ...server import processing
from ..case import TAGS, Case, Conditional, Invalid, Pages, Params, Refused
from ..world import World

NOBODY = {"ProcessingJobName": "nobody"}
MISSING = "Could not find requested job with name: nobody"
UNASSUMABLE = (
    "Could not assume role {role}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' "
    "to assume the role."
)


def job(world: World, name: str = "", script: str = "true") -> Params:
    return processing(name or world.name(), world.role, world.image, script, Tags=TAGS)


def jobs(world: World) -> list[str]:
    return world.three("processing", lambda name: world.call("CreateProcessingJob", job(world, name)))


def running(world: World) -> Params:
    request = job(world, script="trap exit TERM; sleep 300 & wait")
    return {"ProcessingJobName": world.one("running processing", request, "CreateProcessingJob", "ProcessingJobName")}


def without_role(world: World) -> Refused:
    role = world.role.replace("/jobs", "/nobody")
    return Refused({"RoleArn": role}, UNASSUMABLE.format(role=role))


def resource(params: Params) -> str:
    return f"processing-job/{params['ProcessingJobName']}"


def other_type(instance_type: str) -> Params:
    cluster = {"InstanceType": instance_type, "InstanceCount": 1, "VolumeSizeInGB": 1}
    return {"ProcessingResources": {"ClusterConfig": cluster}}


CASES = [
    Case(
        "CreateProcessingJob",
        job,
        Invalid(other_type("ml.abacus.large"), "processingResources.clusterConfig.instanceType"),
        resource,
        without_role,
        tagged="ProcessingJobArn",
        role=True,
        conditional=Conditional(
            {"StringEquals": {"aws:RequestTag/team": "a"}}, {"Tags": [{"Key": "team", "Value": "b"}]}
        ),
        note="inputs and outputs in S3; no dataset definitions, no feature store, no input mode `Pipe`",
    ),
    Case(
        "DescribeProcessingJob",
        lambda world: {"ProcessingJobName": jobs(world)[0]},
        Invalid({"ProcessingJobName": "under_score"}, "processingJobName"),
        resource,
        lambda _: Refused(NOBODY, MISSING),
    ),
    Case(
        "ListProcessingJobs",
        lambda world: {"NameContains": jobs(world)[0][:-2]},
        Invalid({"MaxResults": 101}, "maxResults"),
        pages=Pages(jobs, "ProcessingJobSummaries", "ProcessingJobName"),
    ),
    Case(
        "StopProcessingJob",
        running,
        Invalid({"ProcessingJobName": "under_score"}, "processingJobName"),
        resource,
        lambda _: Refused(NOBODY, MISSING),
    ),
]
