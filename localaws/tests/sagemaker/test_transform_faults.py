from typing import Any

import pytest

from ..server import Server
from ..serving_image import (
    create_model,
    data_log,
    job_containers,
    log_streams,
    offer_model,
    outputs,
    put_objects,
    transform,
)

pytestmark = pytest.mark.docker

LINES: dict[str, Any] = {
    "TransformInput": {"SplitType": "Line"},
    "TransformOutput": {"AssembleWith": "Line"},
    "BatchStrategy": "SingleRecord",
}
SETTINGS = "MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=SINGLE_RECORD"
CLIENT_ERROR = "ClientError: See job logs for more information"
ALGORITHM_ERROR = "AlgorithmError: See job logs for more information"


@pytest.fixture(scope="module")
def server(server, serving_image) -> Server:
    return offer_model(server, serving_image)


def fail(server: Server, name: str, objects: dict[str, bytes], model: str = "echo", **changes: Any) -> str:
    """Run a job that fails; return its FailureReason."""
    source = put_objects(server, f"{name}/in", objects)
    server.client("sagemaker").create_transform_job(**transform(name, model, source, **(LINES | changes)))
    job = server.wait("Transform", name)
    assert job["TransformJobStatus"] == "Failed"
    return str(job["FailureReason"])


def test_a_bad_record_costs_its_object_its_output_and_no_other(server, name):
    objects = {"a": b"1\nbad\n3\n", "b": b"1\n", "c": b"bad\n"}
    assert fail(server, name, objects) == CLIENT_ERROR
    assert outputs(server, name) == {"b.out": b"1\n"}
    lines = ["ClientError: 400", "", "Message:", "cannot read 'bad'", "second line"]
    assert data_log(server, name) == [
        SETTINGS,
        *(f"data/{name}/in/a: {line}" for line in lines),
        *(f"data/{name}/in/c: {line}" for line in lines),
    ]


def test_a_failing_server_is_asked_again(server, name):
    assert fail(server, name, {"a": b"boom"}, ModelClientConfig={"InvocationsMaxRetries": 1}) == ALGORITHM_ERROR
    assert f"data/{name}/in/a: Bad HTTP status received from algorithm: 500" in data_log(server, name)
    posts = [line for lines in log_streams(server, name).values() for line in lines if "POST /invocations" in line]
    assert len(posts) == 2
    flaky = f"{name}-flaky"
    source = put_objects(server, f"{flaky}/in", {"a": b"1\nflaky\n3\n"})
    server.client("sagemaker").create_transform_job(**transform(flaky, "echo", source, **LINES))
    assert server.wait("Transform", flaky)["TransformJobStatus"] == "Completed"
    assert outputs(server, flaky) == {"a.out": b"1\nflaky\n3\n"}


def test_a_container_that_ends_fails_the_job(server, name):
    objects = {"a": b"1\n", "b": b"2\ndie\n", "c": b"3\n"}
    assert fail(server, name, objects) == ALGORITHM_ERROR
    assert outputs(server, name) == {"a.out": b"1\n"}
    assert data_log(server, name) == [SETTINGS, f"data/{name}/in/b: Unable to get response from algorithm"]


def test_an_invocation_that_takes_too_long_fails_its_object(server, name):
    client = {"InvocationsTimeoutInSeconds": 300, "InvocationsMaxRetries": 0}
    assert fail(server, name, {"a": b"slow"}, ModelClientConfig=client) == ALGORITHM_ERROR
    words = "Model server did not respond to /invocations request within 300 seconds"
    assert data_log(server, name) == [SETTINGS, f"data/{name}/in/a: {words}"]


def test_a_record_that_is_larger_than_the_payload_fails_its_object(server, name):
    objects = {"a": b"1\n" + b"x" * 1_100_000, "b": b"1\n"}
    assert fail(server, name, objects, MaxPayloadInMB=1) == CLIENT_ERROR
    assert outputs(server, name) == {"b.out": b"1\n"}
    assert "Too much data for max payload size" in data_log(server, name)[1]
    assert fail(server, f"{name}-413", {"a": b"large"}) == CLIENT_ERROR


def test_data_that_cannot_be_decompressed_or_parsed_fails_its_object(server, name):
    gzip = {"TransformInput": {"CompressionType": "Gzip", "SplitType": "Line"}}
    assert fail(server, name, {"a": b"1\n"}, **gzip) == CLIENT_ERROR
    csv = {
        "TransformInput": {"ContentType": "text/csv", "SplitType": "Line"},
        "TransformOutput": {"Accept": "text/csv", "AssembleWith": "Line"},
        "DataProcessing": {"InputFilter": "$[3]"},
    }
    assert fail(server, f"{name}-csv", {"a": b"1,2\n"}, **csv) == CLIENT_ERROR
    assert "index 3" in data_log(server, f"{name}-csv")[1]


def test_a_container_that_ends_before_it_is_ready_fails_the_job(server, name):
    ends = create_model(server, f"{name}-ends", Environment={"EXIT": "3"})
    reason = fail(server, name, {"a": b"1"}, ends, TransformResources=resources(2))
    assert reason.startswith("AlgorithmError: Model container failed to respond to ping")
    assert "exit code 3" in reason


def resources(count: int) -> dict[str, Any]:
    return {"InstanceType": "ml.m5.large", "InstanceCount": count}


def test_a_model_whose_data_is_gone_or_no_archive_fails_the_job(server, name):
    model = create_model(server, f"{name}-m", {"weights": b"1"})
    key = f"{model}/model.tar.gz"
    server.client("s3").put_object(Bucket="data", Key=key, Body=b"no archive")
    assert "Failed to extract model data archive" in fail(server, name, {"a": b"1"}, model)
    server.client("s3").delete_object(Bucket="data", Key=key)
    assert "Failed to download model data" in fail(server, f"{name}-2", {"a": b"1"}, model)
    assert job_containers(server) == []


def test_a_role_without_permissions_for_objects_fails_the_job(server, name):
    def allow(*actions: str) -> list[dict[str, Any]]:
        return [{"Effect": "Allow", "Action": [*actions, "ecr:*", "logs:*", "s3:ListBucket"], "Resource": "*"}]

    server.role(f"{name}-lists", allow())
    server.role(f"{name}-reads", allow("s3:GetObject"))
    lists = create_model(server, f"{name}-lists", role=f"{name}-lists")
    assert fail(server, name, {"a": b"1"}, lists) == CLIENT_ERROR
    assert f"data/{name}/in/a: Unable to download the object: AccessDenied" in data_log(server, name)[1]
    reads = create_model(server, f"{name}-reads", role=f"{name}-reads")
    assert fail(server, f"{name}-2", {"a": b"1"}, reads) == CLIENT_ERROR
    assert "Unable to upload" in data_log(server, f"{name}-2")[1]


def test_a_job_that_is_stopped_stores_nothing(server, name):
    source = put_objects(server, f"{name}/in", {"a": b"1\n", "b": b"2\nslow\n"})
    sagemaker = server.client("sagemaker")
    sagemaker.create_transform_job(**transform(name, "echo", source, **LINES))
    while not any("POST /invocations" in line for lines in log_streams_or_none(server, name) for line in lines):
        assert sagemaker.describe_transform_job(TransformJobName=name)["TransformJobStatus"] == "InProgress"
    sagemaker.stop_transform_job(TransformJobName=name)
    job = server.wait("Transform", name)
    assert (job["TransformJobStatus"], "FailureReason" in job) == ("Stopped", False)
    assert outputs(server, name) == {}
    assert job_containers(server) == []
    with pytest.raises(sagemaker.exceptions.ClientError, match=r"transform job is in status Stopped\.$"):
        sagemaker.stop_transform_job(TransformJobName=name)


def log_streams_or_none(server: Server, name: str) -> list[list[str]]:
    logs = server.client("logs")
    try:
        return list(log_streams(server, name).values())
    except logs.exceptions.ResourceNotFoundException:
        return []
