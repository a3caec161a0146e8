import io
import json
import tarfile

import pytest

from ..server import training_script

pytestmark = pytest.mark.docker


def archive(server, uri: str) -> dict[str, bytes]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    content = server.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar if one.isfile()}


def test_a_training_reads_its_channels_and_leaves_a_model(server, role, image, name):
    s3 = server.client("s3")
    s3.put_object(Bucket="data", Key=f"{name}/train/a.txt", Body=b"one")
    s3.put_object(Bucket="data", Key=f"{name}/train/b/c.txt", Body=b"two")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://data/{name}/train", "S3DataDistributionType": "FullyReplicated"}
    script = (
        "set -e; cd /opt/ml/input; cat config/hyperparameters.json; cat data/train/a.txt data/train/b/c.txt >"
        " /opt/ml/model/weights; echo extra > /opt/ml/output/data/extra; echo loss=0.5"
    )
    request = training_script(
        name,
        role,
        image,
        script,
        HyperParameters={"epochs": "3"},
        InputDataConfig=[{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
    )
    request["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "loss", "Regex": "loss=([0-9.]+)"}]
    server.client("sagemaker").create_training_job(**request)
    job = server.wait("Training", name)
    assert (job["TrainingJobStatus"], job.get("FailureReason")) == ("Completed", None)
    assert [one["Status"] for one in job["SecondaryStatusTransitions"]] == [
        "Starting", "Downloading", "Training", "Uploading", "Completed",
    ]  # fmt: skip
    model = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert model == f"s3://data/out/{name}/output/model.tar.gz"
    assert archive(server, model) == {"weights": b"onetwo"}
    assert archive(server, model.replace("model.tar", "output.tar")) == {"extra": b"extra\n"}
    assert json.loads(server.job_log("Training", name)[0].removesuffix("loss=0.5")) == {"epochs": "3"}
    (metric,) = job["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("loss", 0.5)
