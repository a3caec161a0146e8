"""The operations on training jobs."""

from ...server import training_script
from ..case import TAGS, Case, Conditional, Invalid, Pages, Params, Refused
from ..world import ACCOUNT, World

MISSING = "Requested resource not found."
PULL = "ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer"


def job(world: World, name: str = "", script: str = "true") -> Params:
    return training_script(name or world.name(), world.role, world.image, script, Tags=TAGS)


def jobs(world: World) -> list[str]:
    return world.three("training", lambda name: world.call("CreateTrainingJob", job(world, name)))


def running(world: World) -> Params:
    request = job(world, script="trap exit TERM; sleep 300 & wait")
    return {"TrainingJobName": world.one("running training", request, "CreateTrainingJob", "TrainingJobName")}


def without_image(world: World) -> Refused:
    algorithm = {"TrainingImage": world.image.replace("/base:", "/nothing:"), "TrainingInputMode": "File"}
    message = (
        f"Cannot find repository: nothing in registry ID: {ACCOUNT} Please check if your ECR repository exists and "
        f"role {world.role} has proper pull permissions for SageMaker: {PULL}"
    )
    return Refused({"AlgorithmSpecification": algorithm}, message)


def resource(params: Params) -> str:
    return f"training-job/{params['TrainingJobName']}"


def other_type(instance_type: str) -> Params:
    return {"ResourceConfig": {"InstanceType": instance_type, "InstanceCount": 1, "VolumeSizeInGB": 1}}


CASES = [
    Case(
        "CreateTrainingJob",
        job,
        Invalid(other_type("ml.abacus.large"), "resourceConfig.instanceType"),
        resource,
        without_image,
        tagged="TrainingJobArn",
        role=True,
        conditional=Conditional(
            {"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.m5.large"]}}, other_type("ml.m5.xlarge")
        ),
        note="`AlgorithmName`, input mode `Pipe` and file systems as channels are refused",
    ),
    Case(
        "DescribeTrainingJob",
        lambda world: {"TrainingJobName": jobs(world)[0]},
        Invalid({"TrainingJobName": "under_score"}, "trainingJobName"),
        resource,
        lambda _: Refused({"TrainingJobName": "nobody"}, MISSING),
        omitted=("ModelArtifacts",),  # of a job that has not ended
    ),
    Case(
        "ListTrainingJobs",
        lambda world: {"NameContains": jobs(world)[0][:-2]},
        Invalid({"MaxResults": 101}, "maxResults"),
        pages=Pages(jobs, "TrainingJobSummaries", "TrainingJobName"),
    ),
    Case(
        "StopTrainingJob",
        running,
        Invalid({"TrainingJobName": "under_score"}, "trainingJobName"),
        resource,
        lambda _: Refused({"TrainingJobName": "nobody"}, MISSING),
    ),
]
