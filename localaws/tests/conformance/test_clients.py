"""sagemaker-core's typed resources, the SDK's trainers and processors, and the AWS CLI, against one localaws."""

import io
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ..server import EVERYTHING
from ..serving_image import IMAGE
from .foreign import SDK_BUCKET, Foreign, clients_python
from .offered import OFFERED
from .world import ACCOUNT, REGION, allow

pytestmark = pytest.mark.docker
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"

FAILED = (
    "Encountered unexpected failed state while waiting for {kind}. Final Resource State: {status}. "
    "Failure Reason: {reason}"
)


@dataclass(frozen=True)
class Client:
    """A client of localaws/conformance/clients that uses sagemaker-core, and what it calls."""

    name: str
    operations: tuple[str, ...]
    seen: dict[str, Any]
    """What it has to see."""

    @property
    def runs(self) -> bool:
        """Everything that it calls is offered."""
        return not set(self.operations) - OFFERED


@dataclass
class Started:
    """Clients that run, and their home directory."""

    home: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)


def crud(kind: str, *verbs: str) -> tuple[str, ...]:
    return tuple(f"{verb}{kind}{'s' * (verb == 'List')}" for verb in verbs)


CLIENTS = [
    Client(
        "training_job",
        crud("TrainingJob", "Create", "Describe", "List", "Stop"),
        {
            "arn": f"{ARN}:training-job/core-training-job-good",
            "status": "Completed",
            "transitions": ["Starting", "Downloading", "Training", "Uploading", "Completed"],
            "model": "s3://data/out/core-training-job-good/output/model.tar.gz",
            "epochs": "3",
            "failure": FAILED.format(
                kind="TrainingJob", status="Failed", reason="AlgorithmError: the data is empty, exit code: 3"
            ),
            "stopped": "Stopped",
            "listed": [f"core-training-job-{name}" for name in ("bad", "good", "long")],
        },
    ),
    Client(
        "processing_job",
        crud("ProcessingJob", "Create", "Describe", "List", "Stop"),
        {
            "arn": f"{ARN}:processing-job/core-processing-job-good",
            "status": "Completed",
            "message": "3 rows\n",
            "failure": FAILED.format(kind="ProcessingJob", status="Failed", reason="AlgorithmError: , exit code: 3"),
            "stopped": "Stopped",
            "listed": [f"core-processing-job-{name}" for name in ("bad", "good", "long")],
        },
    ),
    Client(
        "model",
        (*crud("Model", "Create", "Describe", "List", "Delete"), "ListTags"),
        {
            "arn": f"{ARN}:model/core-model-kept",
            "level": "3",
            "tags": {"team": "a"},
            "missing": "An error occurred (ValidationException) when calling the DescribeModel operation: Could not "
            f'find model "{ARN}:model/core-model-deleted".',
            "listed": ["core-model-kept"],
        },
    ),
    Client(
        "model_package",
        (
            *crud("ModelPackageGroup", "Create", "Describe", "List", "Delete"),
            "DescribeModelPackage",
        ),
        {
            "group": "Completed",
            "arn": f"{ARN}:model-package/core-model-package/2",
            "version": 2,
            "status": "Approved",
            "f1": "0.9",
            "approved": [2],
            "groups": ["core-model-package"],
            "left": [],
        },
    ),
    Client(
        "transform_job",
        crud("TransformJob", "Create", "Describe", "List", "Stop"),
        {
            "arn": f"{ARN}:transform-job/core-transform-job-good",
            "status": "Completed",
            "model": "core-transform-job",
            "stopped": "Stopped",
            "listed": ["core-transform-job-good", "core-transform-job-long"],
        },
    ),
]


@pytest.fixture(scope="module")
def started(tmp_path_factory) -> Iterator[Started]:
    """The clients that run."""
    started = Started(tmp_path_factory.mktemp("home"))
    yield started
    for process in started.processes.values():
        process.kill()
        process.wait()


@pytest.fixture
def seen(world, started) -> Callable[[str], dict[str, Any]]:
    """What a client saw, by its name; all of them start at once, and each test waits for its own."""
    foreign = Foreign(world, clients_python(), started.home)
    if not started.processes:
        settings = {
            "role": world.server.role("sdk", [*EVERYTHING, allow("ec2:*")]),  # ec2: ModelTrainer demands it
            "image": world.image,
            "serving_image": IMAGE,
            "bucket": "data",
            "model": "s3://data/model.tar.gz",
        }
        names = [client.name for client in CLIENTS if client.runs] + ["model_trainer", "processor"]
        started.processes |= {name: foreign.start(name, settings | {"name": prefix(name)}) for name in names}
    return lambda name: foreign.seen(name, started.processes[name])


def prefix(client: str) -> str:
    return f"core-{client.replace('_', '-')}"


@pytest.mark.parametrize("client", [client for client in CLIENTS if client.runs], ids=lambda client: client.name)
def test_sagemaker_core(seen, client):
    assert seen(client.name) == client.seen


def test_the_model_trainer(seen, world):
    found = seen("model_trainer")
    assert (found["status"], found["reason"]) == ("Completed", "")
    bucket, _, key = found["model"].removeprefix("s3://").partition("/")
    assert (bucket, archive(world.server, bucket, key)) == (SDK_BUCKET, {"weights": b"row\nrow\n"})


def test_the_processor(seen, world):
    assert seen("processor")["status"] == ["Completed", "Completed"]
    found = world.server.client("s3").get_object(Bucket="data", Key=f"{prefix('processor')}/shouted/shouted")
    assert found["Body"].read() == b"!ROW\n"


def archive(server, bucket: str, key: str) -> dict[str, bytes]:
    content = server.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar if one.isfile()}
