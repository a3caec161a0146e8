"""A localaws for tests: a server process with a state folder of its own, its clients, roles and images."""

import base64
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import botocore
from botocore.config import Config
from localaws.configuration import Configuration, write_configuration

ACCOUNT = "000000000000"
REGION = "us-east-1"
SOURCES = Path(__file__).parents[1] / "src"
START_S = 60.0
JOB_S = 120.0
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
EVERYTHING = [{"Effect": "Allow", "Action": ["s3:*", "logs:*", "cloudwatch:*", "ecr:*"], "Resource": "*"}]
ENDED = {"Completed", "Failed", "Stopped"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@dataclass
class Server:
    """One localaws: `start`, use its clients, `stop`."""

    python: str
    state: Path
    settings: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    fresh: bool = True
    """Whether nothing has been made in it yet."""

    def __post_init__(self) -> None:
        self.configuration = Configuration(
            state=str(self.state),
            models=str(Path(botocore.__file__).parent / "data"),
            access_key="AKIA" + secrets.token_hex(8).upper(),
            secret_key=secrets.token_hex(20),
            port=free_port(),
            **self.settings,
        )

    @property
    def url(self) -> str:
        return self.configuration.address

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the process without waiting for it."""
        self.state.mkdir(parents=True, exist_ok=True)
        write_configuration(self.configuration, self.state / "configuration.json")
        with (self.state / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.python, "-m", "localaws", self.state / "configuration.json"],
                env={**os.environ, "PYTHONPATH": str(SOURCES)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self.process

    def start(self) -> "Server":
        process = self.launch()
        deadline = time.monotonic() + START_S
        while not self.status():
            assert process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.1)
        return self

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(90)

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def clean(self) -> None:
        """End the server, whatever state it is in, and remove its files."""
        if self.runs():
            self.stop()
        shutil.rmtree(self.state, ignore_errors=True)

    def status(self) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"{self.url}/localaws/status", timeout=5) as answer:
                return json.load(answer)
        except OSError:
            return {}

    def log(self) -> str:
        return (self.state / "log").read_text()

    def client(self, service: str, region: str = REGION, keys: dict[str, str] | None = None) -> Any:
        """Return a client with the root user's key, or with other keys as AssumeRole or CreateAccessKey answers."""
        named = keys or {
            "AccessKeyId": self.configuration.access_key,
            "SecretAccessKey": self.configuration.secret_key,
        }
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=named["AccessKeyId"],
            aws_secret_access_key=named["SecretAccessKey"],
            aws_session_token=named.get("SessionToken"),
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    def role(self, name: str, statements: list[dict[str, Any]] | None = None, trust: Any = None) -> str:
        """Make a role with a policy and return its ARN."""
        iam = self.client("iam")
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust or TRUST))
        policy = json.dumps({"Version": "2012-10-17", "Statement": EVERYTHING if statements is None else statements})
        iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=policy)
        return f"arn:aws:iam::{ACCOUNT}:role/{name}"

    def user(self, name: str, statements: list[dict[str, Any]]) -> dict[str, str]:
        """Make a user with a policy and return its access key."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=name, PolicyName="policy", PolicyDocument=policy)
        return iam.create_access_key(UserName=name)["AccessKey"]

    def push(self, image: str, repository: str, tag: str = "1") -> str:
        """Push an image of the engine to ECR and return its name there."""
        ecr = self.client("ecr")
        if not any(one["repositoryName"] == repository for one in ecr.describe_repositories()["repositories"]):
            ecr.create_repository(repositoryName=repository)
        (data,) = ecr.get_authorization_token()["authorizationData"]
        password = base64.b64decode(data["authorizationToken"]).decode().partition(":")[2]
        registry = data["proxyEndpoint"].removeprefix("http://")
        environment = {**os.environ, "DOCKER_CONFIG": str(self.state / "docker")}
        local = f"{registry}/{repository}:{tag}"
        for words, text in (
            (["login", "-u", "AWS", "--password-stdin", registry], password),
            (["tag", image, local], None),
            (["push", local], None),
            (["rmi", local], None),
        ):
            subprocess.run(["docker", *words], input=text, text=True, check=True, capture_output=True, env=environment)
        return f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{repository}:{tag}"

    def wait(self, kind: str, name: str, until: set[str] = ENDED, timeout_s: float = JOB_S) -> dict[str, Any]:
        """Wait until a job has one of the statuses, and return its description.

        Args:
            kind: `Training`, `Processing` or `Transform`.
            name: the job's name.
            until: the statuses.
            timeout_s: longest time to wait.
        """
        sagemaker = self.client("sagemaker")
        describe = getattr(sagemaker, f"describe_{kind.lower()}_job")
        deadline = time.monotonic() + timeout_s
        while True:
            job = describe(**{f"{kind}JobName": name})
            if job[f"{kind}JobStatus"] in until or job.get("SecondaryStatus") in until:
                return job
            assert time.monotonic() < deadline, (job, self.log())
            time.sleep(0.2)

    def job_log(self, kind: str, name: str) -> list[str]:
        """Return the lines of a job's log, stream by stream."""
        logs = self.client("logs")
        group = f"/aws/sagemaker/{kind}Jobs"
        streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")["logStreams"]
        return [
            event["message"]
            for stream in streams
            for event in logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]


def training(name: str, role: str, image: str, **changes: Any) -> dict[str, Any]:
    """Return a request for a training job without input; `changes` replace members."""
    return {
        "TrainingJobName": name,
        "RoleArn": role,
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://data/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 7200},
        **changes,
    }


def processing(name: str, role: str, image: str, script: str, **changes: Any) -> dict[str, Any]:
    """Return a request for a processing job that runs a shell script; `changes` replace members."""
    return {
        "ProcessingJobName": name,
        "RoleArn": role,
        "AppSpecification": {
            "ImageUri": image,
            "ContainerEntrypoint": ["sh", "-c"],
            "ContainerArguments": [script.replace("\n", "; ")],
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 7200},
        **changes,
    }


def training_script(name: str, role: str, image: str, script: str, **changes: Any) -> dict[str, Any]:
    """Return a request for a training job that runs a shell script."""
    request = training(name, role, image, **changes)
    request["AlgorithmSpecification"] |= {
        "ContainerEntrypoint": ["sh", "-c"],
        "ContainerArguments": [script.replace("\n", "; ")],
    }
    return request
