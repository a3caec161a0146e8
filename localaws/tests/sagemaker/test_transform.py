import gzip
import json
import struct

import pytest

from ..server import Server
from ..serving_image import create_model, data_log, log_streams, offer_model, outputs, put_objects, transform

pytestmark = pytest.mark.docker

LINES = {"SplitType": "Line"}
BY_LINE = {"AssembleWith": "Line"}
SINGLE = {"BatchStrategy": "SingleRecord"}


@pytest.fixture(scope="module")
def server(server, serving_image) -> Server:
    return offer_model(server, serving_image)


def run(server: Server, name: str, objects: dict[str, bytes], model: str = "echo", **changes) -> dict[str, bytes]:
    """Run a job to its end, which has to be a good one; return its outputs."""
    source = put_objects(server, f"{name}/in", objects)
    server.client("sagemaker").create_transform_job(**transform(name, model, source, **changes))
    job = server.wait("Transform", name)
    assert (job["TransformJobStatus"], job.get("FailureReason")) == ("Completed", None), server.log()
    return outputs(server, name)


def test_every_object_gets_an_output_under_its_own_path(server, name):
    content = b"1,2\n3,4\n5,6"
    objects = {"a.csv": content, "deep/er/b.csv": b"7", "empty.csv": b""}
    found = run(server, name, objects, TransformInput=LINES, TransformOutput=BY_LINE)
    assert found == {"a.csv.out": content + b"\n", "deep/er/b.csv.out": b"7\n", "empty.csv.out": b""}
    job = server.client("sagemaker").describe_transform_job(TransformJobName=name)
    assert job["CreationTime"] <= job["TransformStartTime"] <= job["TransformEndTime"]
    assert job["TransformInput"]["CompressionType"] == "None"
    assert "LastModifiedTime" not in job


def test_mini_batches_are_as_large_as_the_payload(server, name):
    line = b"lines " + b"x" * 400_000 + b"\n"
    multi = {"MaxPayloadInMB": 1, "BatchStrategy": "MultiRecord"}
    found = run(server, name, {"a": line * 5}, TransformInput=LINES, TransformOutput=BY_LINE, **multi)
    assert found == {"a.out": b"2\n2\n1\n"}


def test_objects_and_records_are_sent_as_the_request_says(server, name):
    plain = {"TransformOutput": {"Accept": "text/x", "AssembleWith": "Line"}}
    objects = {"a": b"headers\n"}
    typed = run(server, name, objects, TransformInput={"ContentType": "text/csv", **LINES}, **plain, **SINGLE)
    assert json.loads(typed["a.out"]) == ["text/csv", "text/x"]
    whole = run(server, f"{name}-whole", {"a": b"lines\n2\n3\n"})
    assert whole == {"a.out": b"3"}
    chunked = run(server, f"{name}-chunked", {"a": b"1\n2\n"}, MaxPayloadInMB=0)
    assert chunked == {"a.out": b"chunked 1\n2\n"}


def test_compressed_objects_and_binary_records_are_read(server, name):
    zipped = {"a.gz": gzip.compress(b"1\n2\n")}
    assert run(server, name, zipped, TransformInput={"CompressionType": "Gzip"}) == {"a.gz.out": b"1\n2\n"}
    records = b"".join(struct.pack("<QI", len(one), 0) + one + b"\0" * 4 for one in (b"one", b"three"))
    for kind, expected in ((SINGLE, b"one\nthree\n"), ({}, records + b"\n")):
        found = run(
            server,
            f"{name}-{len(kind)}",
            {"a": records},
            TransformInput={"SplitType": "TFRecord"},
            TransformOutput=BY_LINE,
            **kind,
        )
        assert found == {"a.out": expected}


def test_predictions_are_joined_to_their_records(server, name):
    processing = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
    found = run(
        server,
        name,
        {"a.csv": b"id1,x,7\nid2,y,8\n"},
        DataProcessing=processing,
        TransformInput={"ContentType": "text/csv", **LINES},
        TransformOutput={"Accept": "text/csv", **BY_LINE},
    )
    assert found == {"a.csv.out": b"id1,7\nid2,8\n"}


def test_the_container_knows_its_model_its_job_and_its_role(server, name):
    model = create_model(server, f"{name}-m", {"code/weights": b"trained"}, Environment={"A": "model", "B": "model"})
    words = ["A", "B", "SAGEMAKER_BATCH", "SAGEMAKER_MAX_PAYLOAD_IN_MB", "SAGEMAKER_BATCH_STRATEGY", "AWS_REGION"]
    lines = [*(f"env {word}" for word in words), "env SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"]
    objects = {"a": "\n".join([*lines, "file /opt/ml/model/code/weights", "connect 169.254.170.2 80"]).encode()}
    found = run(
        server,
        name,
        objects,
        model,
        Environment={"B": "job"},
        MaxPayloadInMB=3,
        TransformInput=LINES,
        TransformOutput=BY_LINE,
        **SINGLE,
    )
    assert found["a.out"].decode().splitlines() == [
        "model", "job", "true", "3", "SINGLE_RECORD", "us-east-1", "-", "trained", "open",
    ]  # fmt: skip


def test_an_isolated_model_has_neither_a_network_nor_credentials(server, name):
    model = create_model(server, f"{name}-m", EnableNetworkIsolation=True)
    lines = b"connect 169.254.170.2 80\nenv AWS_CONTAINER_CREDENTIALS_RELATIVE_URI\necho\n"
    found = run(server, name, {"a": lines}, model, TransformInput=LINES, TransformOutput=BY_LINE, **SINGLE)
    assert found == {"a.out": b"closed\n-\necho\n"}


def test_execution_parameters_of_the_container_hold_where_the_job_says_nothing(server, name):
    parameters = {"MaxConcurrentTransforms": 3, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 2}
    model = create_model(server, f"{name}-m", Environment={"EXECUTION_PARAMETERS": json.dumps(parameters)})
    found = run(server, name, {"a": b"peak 1\npeak 2\npeak 3\n"}, model, TransformInput=LINES, TransformOutput=BY_LINE)
    assert found["a.out"].splitlines()[-1] == b"3"
    assert data_log(server, name) == ["MaxConcurrentTransforms=3, MaxPayloadInMB=2, BatchStrategy=SINGLE_RECORD"]
    found = run(server, f"{name}-2", {"a": b"peak 1", "b": b"peak 2"}, model, MaxConcurrentTransforms=1)
    assert found == {"a.out": b"1", "b.out": b"1"}


def test_instances_share_the_objects(server, name):
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2}
    found = run(server, name, {str(number): b"host" for number in range(4)}, TransformResources=resources)
    assert list(found) == ["0.out", "1.out", "2.out", "3.out"]
    assert found["0.out"] == found["2.out"] != found["1.out"] == found["3.out"]
    streams = log_streams(server, name)
    instances = [stream for stream in streams if not stream.endswith("/data-log")]
    assert len(instances) == 2
    assert all(f"{stream}/data-log" in streams and stream.startswith("i-") for stream in instances)
    assert all(streams[stream][0] == "the model starts []" for stream in instances)


def test_a_manifest_names_the_objects(server, name):
    put_objects(server, f"{name}/in", {"a": b"1", "b/c": b"2", "d": b"3"})
    manifest = json.dumps([{"prefix": f"s3://data/{name}/in/"}, "a", "b/c"]).encode()
    put_objects(server, name, {"manifest": manifest})
    source = {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": f"s3://data/{name}/manifest"}}
    request = transform(name, "echo", "", TransformInput={"DataSource": source})
    server.client("sagemaker").create_transform_job(**request)
    assert server.wait("Transform", name)["TransformJobStatus"] == "Completed"
    assert outputs(server, name) == {"a.out": b"1", "b/c.out": b"2"}


def test_events_tell_of_every_state(server, name):
    sqs, events = server.client("sqs"), server.client("events")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"detail-type": ["SageMaker Transform Job State Change"], "detail": {"TransformJobName": [name]}}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    run(server, name, {"a": b"1"}, Tags=[{"Key": "team", "Value": "a"}])
    found = []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert {one["detail"]["TransformJobStatus"] for one in found} == {"InProgress", "Completed"}
    last = next(one["detail"] for one in found if one["detail"]["TransformJobStatus"] == "Completed")
    assert (last["ModelName"], last["Tags"]) == ("echo", {"team": "a"})
    assert last["CreationTime"] <= last["TransformStartTime"] <= last["TransformEndTime"]
    assert isinstance(last["TransformEndTime"], int)


def test_mini_batches_that_run_at_the_same_time_keep_their_order(server, name):
    content = b"".join(b"%d," % number + b"x" * 300 + b"\n" for number in range(40_000))
    settings = {"MaxConcurrentTransforms": 4, "MaxPayloadInMB": 1, "BatchStrategy": "MultiRecord"}
    found = run(server, name, {"a": content}, TransformInput=LINES, TransformOutput=BY_LINE, **settings)
    assert found == {"a.out": content}
