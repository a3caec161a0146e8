"""The AWS CLI starts, describes, lists and stops jobs, reads their logs, and logs Docker in."""

import json
import os
import subprocess

import pytest

from .foreign import Foreign
from .world import ACCOUNT, REGION

pytestmark = pytest.mark.docker


def create(foreign: Foreign, name: str, script: str) -> dict:
    words = {
        "training-job-name": name,
        "role-arn": foreign.world.role,
        "algorithm-specification": json.dumps(
            {
                "TrainingImage": foreign.world.image,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": ["sh", "-c"],
                "ContainerArguments": [script],
            }
        ),
        "output-data-config": "S3OutputPath=s3://data/out",
        "resource-config": "InstanceType=ml.m5.large,InstanceCount=1,VolumeSizeInGB=1",
        "stopping-condition": "MaxRuntimeInSeconds=86400",
    }
    return sagemaker(foreign, "create-training-job", **words)


def sagemaker(foreign: Foreign, command: str, **words: str) -> dict:
    options = [word for name, value in words.items() for word in (f"--{name.replace('_', '-')}", value)]
    return json.loads(foreign.aws("sagemaker", command, *options) or "{}")


def test_a_training_job_from_the_command_line(foreign, world):
    name = world.name("cli")
    created = create(foreign, name, "echo one; echo two")
    assert created == {"TrainingJobArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{name}"}
    world.server.wait("Training", name)  # the waiter of the command line looks every two minutes
    job = sagemaker(foreign, "describe-training-job", training_job_name=name)
    assert (job["TrainingJobStatus"], job["ResourceConfig"]["InstanceCount"]) == ("Completed", 1)
    listed = sagemaker(foreign, "list-training-jobs", name_contains=name)
    assert [one["TrainingJobName"] for one in listed["TrainingJobSummaries"]] == [name]
    group = ("--log-group-name", "/aws/sagemaker/TrainingJobs")
    streams = json.loads(foreign.aws("logs", "describe-log-streams", *group, "--log-stream-name-prefix", name))
    stream = ("--log-stream-name", streams["logStreams"][0]["logStreamName"], "--start-from-head")
    events = json.loads(foreign.aws("logs", "get-log-events", *group, *stream))["events"]
    assert [event["message"] for event in events] == ["one", "two"]


def test_a_stopped_training_job_from_the_command_line(foreign, world):
    name = world.name("cli")
    create(foreign, name, "trap exit TERM; sleep 300 & wait")
    sagemaker(foreign, "stop-training-job", training_job_name=name)
    assert world.server.wait("Training", name)["TrainingJobStatus"] == "Stopped"


def test_docker_login_with_the_password_of_the_command_line(foreign, world, tmp_path):
    password = foreign.aws("ecr", "get-login-password")
    registry = world.server.configuration.registry
    done = subprocess.run(
        ["docker", "login", "--username", "AWS", "--password-stdin", registry],
        input=password,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "DOCKER_CONFIG": str(tmp_path)},
    )
    assert "Login Succeeded" in done.stdout


def test_the_images_and_the_buckets_from_the_command_line(foreign):
    repositories = json.loads(foreign.aws("ecr", "describe-repositories"))["repositories"]
    assert "base" in [one["repositoryName"] for one in repositories]
    foreign.aws("s3", "cp", "-", "s3://data/cli/rows", input="row\n")
    assert foreign.aws("s3", "cp", "s3://data/cli/rows", "-") == "row\n"
