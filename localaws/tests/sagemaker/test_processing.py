import gzip
import json
import time

import pytest
from botocore.exceptions import ClientError

from ..server import processing

pytestmark = pytest.mark.docker


def an_input(name: str, uri: str, path: str, **changes) -> dict:
    source = {"S3Uri": uri, "LocalPath": path, "S3DataType": "S3Prefix", "S3InputMode": "File", **changes}
    return {"InputName": name, "S3Input": source}


def an_output(name: str, uri: str, path: str, mode: str = "EndOfJob") -> dict:
    return {"OutputName": name, "S3Output": {"S3Uri": uri, "LocalPath": path, "S3UploadMode": mode}}


def run(server, request: dict) -> dict:
    server.client("sagemaker").create_processing_job(**request)
    return server.wait("Processing", request["ProcessingJobName"])


def objects(server, prefix: str) -> dict[str, bytes]:
    s3 = server.client("s3")
    found = s3.list_objects_v2(Bucket="data", Prefix=f"{prefix}/").get("Contents", [])
    keys = [one["Key"] for one in found]
    return {key.removeprefix(f"{prefix}/"): s3.get_object(Bucket="data", Key=key)["Body"].read() for key in keys}


def test_a_processing_job_turns_input_into_output(server, role, image, name):
    s3 = server.client("s3")
    s3.put_object(Bucket="data", Key=f"{name}/in/folder/a", Body=b"a")
    s3.put_object(Bucket="data", Key=f"{name}/one.txt", Body=b"one")
    s3.put_object(Bucket="data", Key=f"{name}/packed/p.gz", Body=gzip.compress(b"packed"))
    script = (
        "set -e; cd /opt/ml/processing; cat in/folder/a one/one.txt packed/p > out/all; mkdir out/sub; echo $WORD >"
        " out/sub/word; echo 'three files' > /opt/ml/output/message; cat /opt/ml/config/*.json > out/config"
    )
    request = processing(
        name,
        role,
        image,
        script,
        Environment={"WORD": "hello"},
        ProcessingInputs=[
            an_input("in", f"s3://data/{name}/in", "/opt/ml/processing/in"),
            an_input("one", f"s3://data/{name}/one.txt", "/opt/ml/processing/one"),
            an_input("packed", f"s3://data/{name}/packed/", "/opt/ml/processing/packed", S3CompressionType="Gzip"),
        ],
        ProcessingOutputConfig={"Outputs": [an_output("out", f"s3://data/{name}/out", "/opt/ml/processing/out")]},
    )
    job = run(server, request)
    assert (job["ProcessingJobStatus"], job.get("FailureReason")) == ("Completed", None)
    assert job["ExitMessage"] == "three files\n"
    assert job["CreationTime"] <= job["ProcessingStartTime"] <= job["ProcessingEndTime"]
    written = objects(server, f"{name}/out")
    config, _ = json.JSONDecoder().raw_decode(written.pop("config").decode())
    assert config["ProcessingJobArn"] == job["ProcessingJobArn"]
    assert written == {"all": b"aonepacked", "sub/word": b"hello\n"}


def test_a_failing_processing_job_stores_no_output(server, role, image, name):
    outputs = [an_output("out", f"s3://data/{name}/out", "/opt/ml/processing/out")]
    request = processing(
        name,
        role,
        image,
        "echo half > /opt/ml/processing/out/half; echo 'why it failed' > /opt/ml/output/message; exit 7",
        ProcessingOutputConfig={"Outputs": outputs},
    )
    job = run(server, request)
    assert (job["ProcessingJobStatus"], job["FailureReason"]) == ("Failed", "AlgorithmError: , exit code: 7")
    assert job["ExitMessage"] == "why it failed\n"
    assert objects(server, f"{name}/out") == {}


def test_a_continuous_output_is_there_while_the_job_runs(server, role, image, name):
    outputs = [an_output("out", f"s3://data/{name}/out", "/opt/ml/processing/out", "Continuous")]
    request = processing(
        name,
        role,
        image,
        "echo first > /opt/ml/processing/out/first; trap 'exit 0' TERM; while true; do sleep 0.1; done",
        ProcessingOutputConfig={"Outputs": outputs},
    )
    server.client("sagemaker").create_processing_job(**request)
    deadline = time.monotonic() + 60
    while objects(server, f"{name}/out") != {"first": b"first\n"}:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert server.wait("Processing", name, {"InProgress"})
    server.client("sagemaker").stop_processing_job(ProcessingJobName=name)
    assert server.wait("Processing", name)["ProcessingJobStatus"] == "Stopped"
    with pytest.raises(ClientError, match="rejected because the processing job is in status Stopped"):
        server.client("sagemaker").stop_processing_job(ProcessingJobName=name)


def test_a_processing_job_that_runs_too_long_is_stopped(server, role, image, name):
    job = run(server, processing(name, role, image, "sleep 100", StoppingCondition={"MaxRuntimeInSeconds": 60}))
    assert job["ProcessingJobStatus"] == "Stopped"


def test_instances_share_an_input_by_key(server, role, image, name):
    for number in range(3):
        server.client("s3").put_object(Bucket="data", Key=f"{name}/in/{number}", Body=str(number).encode())
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}
    request = processing(
        name,
        role,
        image,
        "ls /in > /out/$(hostname)",
        ProcessingResources={"ClusterConfig": cluster},
        ProcessingInputs=[an_input("in", f"s3://data/{name}/in", "/in", S3DataDistributionType="ShardedByS3Key")],
        ProcessingOutputConfig={"Outputs": [an_output("out", f"s3://data/{name}/out", "/out")]},
    )
    job = run(server, request)
    assert job["ProcessingJobStatus"] == "Completed", job
    assert objects(server, f"{name}/out") == {"algo-1": b"0\n2\n", "algo-2": b"1\n"}


def test_a_message_that_is_no_text_fails_the_job(server, role, image, name):
    job = run(server, processing(name, role, image, r"printf '\377' > /opt/ml/output/message"))
    assert job["ProcessingJobStatus"] == "Failed"
    assert "UTF-8" in job["FailureReason"]


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("s3://data/nothing/here/", "ClientError: S3 key: s3://data/nothing/here/ matched no files on s3"),
        ("s3://no-such-bucket/x", "The specified bucket does not exist"),
    ],
)
def test_an_input_that_is_not_there_fails_the_job(server, role, image, name, uri, words):
    request = processing(name, role, image, "true", ProcessingInputs=[an_input("in", uri, "/in")])
    job = run(server, request)
    assert job["ProcessingJobStatus"] == "Failed"
    assert words in job["FailureReason"]


def test_an_output_that_the_role_may_not_write_fails_the_job(server, image, name):
    reader = server.role(f"reader-{name}", [{"Effect": "Allow", "Action": ["ecr:*", "logs:*"], "Resource": "*"}])
    outputs = [an_output("out", f"s3://data/{name}/out", "/out")]
    request = processing(name, reader, image, "echo x > /out/x", ProcessingOutputConfig={"Outputs": outputs})
    job = run(server, request)
    assert job["ProcessingJobStatus"] == "Failed"
    assert "AccessDenied" in job["FailureReason"]
    assert "403" in job["FailureReason"]


def test_an_image_that_is_not_there_fails_the_job(server, role, image, name):
    job = run(server, processing(name, role, image.replace(":1", ":nothing"), "true"))
    assert job["FailureReason"] == (
        f"ClientError: API error (404): manifest for {image.replace(':1', ':nothing')} not found: manifest unknown: "
        "Requested image not found"
    )


def test_an_image_of_another_registry_is_refused(server, role, name):
    with pytest.raises(ClientError, match="Invalid image URI docker.io/library/busybox. Please provide a valid Amazon"):
        server.client("sagemaker").create_processing_job(**processing(name, role, "docker.io/library/busybox", "true"))


def test_a_name_in_use_is_refused(server, role, image, name):
    request = processing(name, role, image, "true")
    run(server, request)
    with pytest.raises(ClientError) as refused:
        server.client("sagemaker").create_processing_job(**request)
    assert refused.value.response["Error"]["Code"] == "ResourceInUse"
