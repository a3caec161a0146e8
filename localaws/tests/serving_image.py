"""The image of a model for tests, and transform jobs that run it."""

import io
import subprocess
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker

from .server import ACCOUNT, REGION, Server

FOLDER = Path(__file__).parent / "serving" / "image"
REPOSITORY = "serving"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}:1"
"""Its name in requests."""


@contextmanager
def built_image() -> Iterator[str]:
    """Build the image, for the time of the block."""
    name = f"localaws-test-serving:{uuid.uuid4().hex[:8]}"
    subprocess.run(["docker", "build", "-q", "-t", name, FOLDER], check=True, capture_output=True)
    try:
        yield name
    finally:
        subprocess.run(["docker", "rmi", "-f", name], check=True, capture_output=True)


def offer_model(server: Server, image: str) -> Server:
    """Push the image to a localaws and make the model `echo`, unless it has them."""
    repositories = server.client("ecr").describe_repositories()["repositories"]
    if not any(one["repositoryName"] == REPOSITORY for one in repositories):
        server.push(image, REPOSITORY)
        create_model(server, "echo")
    return server


def create_model(server: Server, name: str, files: dict[str, bytes] | None = None, **changes: Any) -> str:
    """Make a model with files in `/opt/ml/model`; return its name.

    Args:
        server: the localaws.
        name: the model's name.
        files: path -> content.
        changes: members of the request; `Environment` goes to the container, and `role` names a role.
    """
    container: dict[str, Any] = {"Image": IMAGE, "Environment": changes.pop("Environment", {})}
    if files is not None:
        server.client("s3").put_object(Bucket="data", Key=f"{name}/model.tar.gz", Body=packed(files))
        container["ModelDataUrl"] = f"s3://data/{name}/model.tar.gz"
    role = f"arn:aws:iam::{ACCOUNT}:role/{changes.pop('role', 'jobs')}"
    request = {"ModelName": name, "PrimaryContainer": container, "ExecutionRoleArn": role, **changes}
    server.client("sagemaker").create_model(**request)
    return name


def packed(files: dict[str, bytes]) -> bytes:
    """Return a `tar.gz` with files."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return target.getvalue()


def transform(name: str, model: str, source: str, **changes: Any) -> dict[str, Any]:
    """Return a request for a transform job; `TransformInput` and `TransformOutput` in `changes` add members."""
    data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": source}}
    return {
        "TransformJobName": name,
        "ModelName": model,
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **changes,
        "TransformInput": {"DataSource": data, **changes.get("TransformInput", {})},
        "TransformOutput": {"S3OutputPath": f"s3://data/{name}/out", **changes.get("TransformOutput", {})},
    }


def put_objects(server: Server, prefix: str, objects: dict[str, bytes]) -> str:
    """Put objects below a prefix of the bucket `data`; return its address."""
    for key, content in objects.items():
        server.client("s3").put_object(Bucket="data", Key=f"{prefix}/{key}", Body=content)
    return f"s3://data/{prefix}/"


def outputs(server: Server, name: str) -> dict[str, bytes]:
    """Return the outputs of a transform job: key below its prefix -> content."""
    s3 = server.client("s3")
    prefix = f"{name}/out/"
    found = s3.list_objects_v2(Bucket="data", Prefix=prefix).get("Contents", [])
    return {
        one["Key"].removeprefix(prefix): s3.get_object(Bucket="data", Key=one["Key"])["Body"].read() for one in found
    }


def log_streams(server: Server, name: str) -> dict[str, list[str]]:
    """Return the log of a transform job: stream without the job's name -> lines."""
    logs = server.client("logs")
    group = {"logGroupName": "/aws/sagemaker/TransformJobs"}
    streams = logs.describe_log_streams(**group, logStreamNamePrefix=f"{name}/")["logStreams"]
    return {
        one["logStreamName"].removeprefix(f"{name}/"): [
            event["message"]
            for event in logs.get_log_events(**group, logStreamName=one["logStreamName"], startFromHead=True)["events"]
        ]
        for one in streams
    }


def data_log(server: Server, name: str) -> list[str]:
    """Return the lines of a job's data log without their times, those of all instances together."""
    streams = log_streams(server, name).items()
    lines = [line for stream, found in streams if stream.endswith("/data-log") for line in found]
    return [line.partition(":[sagemaker logs]: ")[2] for line in lines]


def job_containers(server: Server) -> list[str]:
    """Return the names of the containers of jobs."""
    engine = docker.from_env()
    label = f"localaws.instance={server.configuration.instance}"
    found = engine.containers.list(all=True, filters={"label": [label, "localaws.job"]})
    engine.close()
    return [one.name for one in found]
