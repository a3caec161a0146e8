"""Stages of this project as jobs: sentences by a processing job, and a CasRel model by training jobs."""

import io
import subprocess
import sys
import tarfile

import pytest
from safetensors.torch import load
from torch.testing import assert_close

from ckgqa.images.plan import plan_images

from .server import Server, training

pytestmark = pytest.mark.docker

# Two processes add the same numbers in another order; Adam's division enlarges that where gradients are near zero.
PROCESSES_TOLERANCE = 1e-3
SMALL = {
    "epochs": "2", "hidden-size": "64", "layers": "1", "attention-heads": "2", "char-embedding-dim": "32",
    "bigram-embedding-dim": "8", "char-type-embedding-dim": "4", "dropout": "0", "character-dropout": "0",
    "negative-subject-prob": "0", "batch-characters": "2048", "bf16": "off", "device": "cpu",
    "checkpoint-minutes": "0",
}  # fmt: skip
WRITTEN = ("model.safetensors", "config.json", "metrics.jsonl")
TORCHRUN = """
import json, os, sys
config = json.load(open("/opt/ml/input/config/resourceconfig.json"))
hosts, me = config["hosts"], config["current_host"]
rendezvous = ["--nnodes", str(len(hosts)), "--node-rank", str(hosts.index(me)), "--master-addr", hosts[0],
              "--master-port", "29500", "--nproc-per-node", str(2 // len(hosts))]
os.execvp("python", ["python", "-m", "torch.distributed.run", *rendezvous, "-m", "ckgqa_train_casrel", "train"])
"""


@pytest.fixture
def stages(localaws, tmp_path) -> Server:
    """A localaws that has the images of two stages and the sentences of the sample, which a processing job made."""
    images = plan_images()
    command = [sys.executable, "-c", "from ckgqa.cli.main import entry; entry()", "images", "build"]
    subprocess.run([*command, "preprocess", "train-casrel"], check=True, stdout=subprocess.DEVNULL)
    server = localaws(
        images={name: images[name].tag for name in ("preprocess", "train-casrel")}, spot_interruption_after_s=300.0
    )
    server.start()
    s3, sagemaker = server.client("s3"), server.client("sagemaker")
    s3.create_bucket(Bucket="data")
    role = server.role("jobs")
    subprocess.run([sys.executable, "-m", "ckgqa.sample", "--output", tmp_path / "sample.zip"], check=True)
    s3.upload_file(tmp_path / "sample.zip", "data", "raw/sample.zip")
    source = {"S3Uri": "s3://data/raw/sample.zip", "S3DataType": "S3Prefix", "S3InputMode": "File"}
    target = {"S3Uri": "s3://data/sentences", "LocalPath": "/opt/ml/processing/sentences", "S3UploadMode": "EndOfJob"}
    words = "duie --raw /opt/ml/processing/raw/sample.zip --sentences /opt/ml/processing/sentences/all"
    sagemaker.create_processing_job(
        ProcessingJobName="sentences",
        RoleArn=role,
        AppSpecification={"ImageUri": "preprocess", "ContainerArguments": words.split()},
        ProcessingResources={"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
        ProcessingInputs=[{"InputName": "raw", "S3Input": {**source, "LocalPath": "/opt/ml/processing/raw"}}],
        ProcessingOutputConfig={"Outputs": [{"OutputName": "sentences", "S3Output": target}]},
    )
    job = server.wait("Processing", "sentences")
    assert job["ProcessingJobStatus"] == "Completed", job
    return server


def model(server: Server, job: dict) -> dict[str, bytes]:
    assert job["TrainingJobStatus"] == "Completed", (job, server.job_log("Training", job["TrainingJobName"])[-20:])
    bucket, _, key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/")
    content = server.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar if one.isfile()}


def train(server: Server, name: str, instances: int = 0, **changes: object) -> dict[str, bytes]:
    """Train CasRel on the sample and return the files of its model.

    Args:
        server: a localaws.
        name: the job's name.
        instances: instances that share the work of two processes; 0: one process, as the image starts it.
        changes: members of the request.
    """
    waiting = {"MaxWaitTimeInSeconds": 72000} if "EnableManagedSpotTraining" in changes else {}
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": "s3://data/sentences/all/",
        "S3DataDistributionType": "FullyReplicated",
    }
    request = training(
        name,
        "arn:aws:iam::000000000000:role/jobs",
        "train-casrel",
        HyperParameters=SMALL,
        InputDataConfig=[{"ChannelName": "sentences", "DataSource": {"S3DataSource": source}}],
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": instances or 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 36000, **waiting},
        Environment={"OMP_NUM_THREADS": "1"},
        **changes,
    )
    if instances:
        script = "printf '%s' \"$LAUNCH\" > /tmp/launch.py && exec python /tmp/launch.py"
        request["AlgorithmSpecification"] |= {
            "ContainerEntrypoint": ["sh", "-c"],
            "ContainerArguments": [script],
        }
        lines = TORCHRUN.strip().replace("\n              ", " ").split("\n")
        request["Environment"]["LAUNCH"] = ";".join(lines)
        assert len(request["Environment"]["LAUNCH"]) <= 512
    server.client("sagemaker").create_training_job(**request)
    return model(server, server.wait("Training", name, timeout_s=300))


def test_two_instances_and_a_spot_training_end_as_unbroken_trainings(stages):
    together = load(train(stages, "one-instance", instances=1)["model.safetensors"])
    apart = load(train(stages, "two-instances", instances=2)["model.safetensors"])
    assert apart.keys() == together.keys()
    for name, values in apart.items():
        assert_close(values, together[name], rtol=PROCESSES_TOLERANCE, atol=PROCESSES_TOLERANCE, msg=name)
    unbroken = train(stages, "unbroken")
    spot = train(
        stages,
        "spot",
        EnableManagedSpotTraining=True,
        CheckpointConfig={"S3Uri": "s3://data/checkpoints"},
        Tags=[{"Key": "localaws:spot-interruptions", "Value": "2"}],
    )
    job = stages.client("sagemaker").describe_training_job(TrainingJobName="spot")
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]].count("Interrupted") == 2
    assert {name: spot[name] for name in WRITTEN} == {name: unbroken[name] for name in WRITTEN}
