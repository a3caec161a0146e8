import io
import json
import tarfile
import time

import pytest
from botocore.exceptions import ClientError

from ..server import training, training_script

pytestmark = pytest.mark.docker


def archive(server, uri: str) -> dict[str, bytes]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    content = server.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar if one.isfile()}


def channel(name: str, uri: str, distribution: str = "FullyReplicated") -> dict:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": distribution}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def test_a_training_reads_its_channels_and_leaves_a_model(server, role, image, name):
    s3 = server.client("s3")
    s3.put_object(Bucket="data", Key=f"{name}/train/a.txt", Body=b"one")
    s3.put_object(Bucket="data", Key=f"{name}/train/b/c.txt", Body=b"two")
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
        InputDataConfig=[channel("train", f"s3://data/{name}/train")],
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


def run(server, request: dict) -> dict:
    server.client("sagemaker").create_training_job(**request)
    return server.wait("Training", request["TrainingJobName"])


def test_a_failing_training_says_what_it_wrote(server, role, image, name):
    job = run(server, training_script(name, role, image, "echo 'no memory left' > /opt/ml/output/failure; exit 3"))
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: no memory left, exit code: 3"


def test_a_failing_training_that_wrote_nothing_has_its_exit_code(server, role, image, name):
    job = run(server, training_script(name, role, image, "nonsense"))
    assert job["FailureReason"] == "AlgorithmError: , exit code: 127"


def test_a_program_that_the_image_lacks_fails_the_job(server, role, image, name):
    job = run(server, training(name, role, image))  # the image has no `train`
    assert job["TrainingJobStatus"] == "Failed"
    assert "train" in job["FailureReason"]


def test_a_stopped_training_may_save_its_model(server, role, image, name):
    script = "trap 'echo saved > /opt/ml/model/m; exit 0' TERM; echo started; while true; do sleep 0.1; done"
    server.client("sagemaker").create_training_job(**training_script(name, role, image, script))
    server.wait("Training", name, {"Training"})
    wait_for_line(server, name, "started")
    server.client("sagemaker").stop_training_job(TrainingJobName=name)
    job = server.wait("Training", name)
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Stopped"
    assert [one["Status"] for one in job["SecondaryStatusTransitions"]][-2:] == ["Stopping", "Stopped"]
    assert archive(server, job["ModelArtifacts"]["S3ModelArtifacts"]) == {"m": b"saved\n"}
    with pytest.raises(ClientError, match="The request was rejected because the training job is in status Stopped."):
        server.client("sagemaker").stop_training_job(TrainingJobName=name)


def test_a_training_that_ignores_sigterm_is_killed(server, role, image, name):
    script = "trap '' TERM; echo started; while true; do sleep 0.1; done"
    request = training_script(name, role, image, script, StoppingCondition={"MaxRuntimeInSeconds": 60})
    job = run(server, request)  # 1 s of time, 2 s of grace
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert "FailureReason" not in job
    assert 2 <= job["TrainingTimeInSeconds"] <= 20


def test_two_instances_reach_each_other_and_share_the_input(server, role, image, name):
    s3 = server.client("s3")
    for number in range(4):
        s3.put_object(Bucket="data", Key=f"{name}/train/{number}", Body=str(number).encode())
    code = (
        "import json, os, socket, time\n"
        "config = json.load(open('/opt/ml/input/config/resourceconfig.json'))\n"
        "me, hosts = config['current_host'], config['hosts']\n"
        "server = socket.create_server(('', 9000))\n"
        "def reach(host):\n"
        "    for _ in range(100):\n"
        "        try: return socket.create_connection((host, 9000), 1).getpeername()[0]\n"
        "        except OSError: time.sleep(0.1)\n"
        "found = {host: bool(reach(host)) for host in hosts}\n"
        "files = sorted(os.listdir('/opt/ml/input/data/train'))\n"
        "json.dump([found, files], open(f'/opt/ml/model/{me}', 'w'))\n"
        "time.sleep(1)\n"
    )
    request = training(
        name,
        role,
        image,
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1},
        InputDataConfig=[channel("train", f"s3://data/{name}/train/", "ShardedByS3Key")],
    )
    request["InputDataConfig"].append(channel("code", f"s3://data/{name}/code/"))
    s3.put_object(Bucket="data", Key=f"{name}/code/run.py", Body=code.encode())
    request["AlgorithmSpecification"]["ContainerEntrypoint"] = ["python", "/opt/ml/input/data/code/run.py"]
    job = run(server, request)
    assert job["TrainingJobStatus"] == "Completed", job
    model = archive(server, job["ModelArtifacts"]["S3ModelArtifacts"])
    reached = {"algo-1": True, "algo-2": True}
    assert {host: json.loads(text) for host, text in model.items()} == {
        "algo-1": [reached, ["0", "2"]],
        "algo-2": [reached, ["1", "3"]],
    }


def test_one_failing_instance_ends_the_others(server, role, image, name):
    script = 'case "$(hostname)" in algo-2) exit 5;; esac; sleep 100'
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}
    job = run(server, training_script(name, role, image, script, ResourceConfig=resources))
    assert job["FailureReason"] == "AlgorithmError: , exit code: 5"


def test_an_isolated_training_has_no_network_and_no_credentials(server, role, image, name):
    script = "ls /sys/class/net > /opt/ml/model/nets; env > /opt/ml/model/env; getent hosts algo-1"
    job = run(server, training_script(name, role, image, script, EnableNetworkIsolation=True))
    assert job["TrainingJobStatus"] == "Completed", job
    model = archive(server, job["ModelArtifacts"]["S3ModelArtifacts"])
    assert model["nets"] == b"lo\n"
    assert b"AWS_CONTAINER_CREDENTIALS" not in model["env"]


def test_a_training_has_the_credentials_of_its_role_alone(server, role, image, name):
    code = (
        "import os, urllib.request as u; uri = os.environ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];"
        "open('/opt/ml/model/c', 'wb').write(u.urlopen('http://169.254.170.2' + uri).read());"
        "open('/opt/ml/model/env', 'w').write(repr(dict(os.environ)))"
    )
    request = training(name, role, image)
    request["AlgorithmSpecification"]["ContainerEntrypoint"] = ["python", "-c", code]
    job = run(server, request)
    model = archive(server, job["ModelArtifacts"]["S3ModelArtifacts"])
    given = json.loads(model["c"])
    keys = {**given, "SessionToken": given["Token"]}
    identity = server.client("sts", keys=keys).get_caller_identity()
    assert identity["Arn"] == "arn:aws:sts::000000000000:assumed-role/jobs/SageMaker"
    assert server.configuration.secret_key.encode() not in model["env"]
    with pytest.raises(ClientError, match="AccessDenied"):
        server.client("iam", keys=keys).list_users()


def test_a_training_does_not_administer_its_account(server, role, image, name):
    code = (
        "import os, urllib.request as u, urllib.error as e\n"
        "def ask(path, method='GET'):\n"
        "    try: return u.urlopen(u.Request(os.environ['AWS_ENDPOINT_URL'] + path, method=method)).status\n"
        "    except e.HTTPError as error: return error.code\n"
        "paths = [('/_ministack/reset', 'POST'), ('/_ministack/config', 'POST'), ('/_aws/sqs/messages', 'GET')]\n"
        f"paths += [('/data/{name}/secret', 'GET'), ('/data?list-type=2', 'GET')]\n"
        "open('/opt/ml/model/seen', 'w').write(repr([ask(*path) for path in paths]))\n"
    )
    s3 = server.client("s3")
    s3.put_object(Bucket="data", Key=f"{name}/secret", Body=b"secret")
    s3.put_object(Bucket="data", Key=f"{name}/code/run.py", Body=code.encode())
    request = training(name, role, image, InputDataConfig=[channel("code", f"s3://data/{name}/code/")])
    request["AlgorithmSpecification"]["ContainerEntrypoint"] = ["python", "/opt/ml/input/data/code/run.py"]
    job = run(server, request)
    model = archive(server, job["ModelArtifacts"]["S3ModelArtifacts"])
    assert model["seen"] == b"[404, 404, 404, 403, 403]"


def test_a_gpu_type_runs_on_the_cpu_with_a_warning(server, role, image, name):
    resources = {"InstanceType": "ml.g4dn.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
    job = run(server, training_script(name, role, image, "echo done", ResourceConfig=resources))
    assert job["TrainingJobStatus"] == "Completed"
    warning, line = server.job_log("Training", name)
    assert "ml.g4dn.xlarge" in warning
    assert line == "done"


def test_a_training_that_fills_its_volume_fails(server, role, image, name):
    job = run(server, training_script(name, role, image, "truncate -s 2G /tmp/large; sleep 100"))
    assert job["TrainingJobStatus"] == "Failed"
    assert "VolumeSizeInGB" in job["FailureReason"]


SPOT = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200},
}
COUNT_TO_50 = (
    "trap 'exit 1' TERM; cd /opt/ml/checkpoints; touch n; while [ $(wc -l < n) -lt 50 ]; do"
    " (cat n; date +%s | wc -c) > n.new; mv n.new n; sleep 0.1; done; cp n /opt/ml/model"
)


def test_a_spot_training_interrupted_twice_ends_as_an_unbroken_one(server, role, image, name):
    models = []
    for interruptions in ("0", "2"):
        job_name = f"{name}-{interruptions}"
        request = training_script(
            job_name,
            role,
            image,
            COUNT_TO_50,
            CheckpointConfig={"S3Uri": f"s3://data/{job_name}/checkpoints"},
            Tags=[{"Key": "localaws:spot-interruptions", "Value": interruptions}],
            **SPOT,
        )
        job = run(server, request)
        assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
        statuses = [one["Status"] for one in job["SecondaryStatusTransitions"]]
        assert statuses.count("Interrupted") == int(interruptions)
        bucket, _, key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/")
        models.append(server.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    assert models[0] == models[1]


def test_a_spot_training_that_waits_too_long_is_stopped(server, role, image, name):
    condition = {"MaxRuntimeInSeconds": 240, "MaxWaitTimeInSeconds": 240}  # 4 s
    request = training_script(
        name,
        role,
        image,
        "sleep 100",
        EnableManagedSpotTraining=True,
        StoppingCondition=condition,
        Tags=[{"Key": "localaws:spot-interruptions", "Value": "9"}],
    )
    job = run(server, request)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")


def wait_for_line(server, name: str, line: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if line in server.job_log("Training", name):
                return
        except ClientError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.2)
