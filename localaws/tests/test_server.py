"""Starts, ends and accidents of a localaws."""

import json
import signal
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import docker
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from .server import Server, processing, training_script

pytestmark = pytest.mark.docker

BASE = "python:3.11-slim-bookworm"


def in_engine(server: Server) -> tuple[list[str], list[str]]:
    """Return the names of the containers and networks that carry a localaws' label."""
    client = docker.from_env()
    labelled = {"label": f"localaws.instance={server.configuration.instance}"}
    try:
        containers = [one.name for one in client.containers.list(all=True, filters=labelled)]
        return containers, [one.name for one in client.networks.list(filters=labelled)]
    finally:
        client.close()


def prepared(server: Server) -> tuple[str, str]:
    """Return a role and an image of a new localaws."""
    server.client("s3").create_bucket(Bucket="data")
    return server.role("jobs"), "base"


def test_it_listens_on_loopback_and_its_gateway_and_leaves_nothing(localaws):
    server = localaws().start()
    port = server.configuration.port
    listening = subprocess.run(["ss", "-Hltn"], check=True, capture_output=True, text=True).stdout
    addresses = {line.split()[3] for line in listening.splitlines() if line.split()[3].endswith(f":{port}")}
    assert addresses == {f"127.0.0.1:{port}", f"169.254.170.1:{port}"}
    assert server.process is not None
    mine = subprocess.run(["ss", "-Hltnp"], check=True, capture_output=True, text=True).stdout
    assert mine.count(f"pid={server.process.pid},") == 2
    assert server.stop() == 0
    assert in_engine(server) == ([], [])


def test_state_survives_a_restart_and_jobs_that_ran_have_failed(localaws):
    server = localaws().start()
    role, _ = prepared(server)
    image = server.push(BASE, "base")
    sagemaker = server.client("sagemaker")
    sagemaker.create_training_job(**training_script("done", role, image, "echo x > /opt/ml/model/x"))
    done = server.wait("Training", "done")
    sagemaker.create_training_job(**training_script("long", role, image, "sleep 1000"))
    sagemaker.create_processing_job(**processing("longer", role, image, "sleep 1000"))
    server.wait("Training", "long", {"Training"})
    assert server.stop() == 0
    assert in_engine(server) == ([], [])

    server.start()
    assert server.client("iam").get_role(RoleName="jobs")["Role"]["Arn"] == role
    sagemaker = server.client("sagemaker")
    after = sagemaker.describe_training_job(TrainingJobName="done")
    assert {**after, "ResponseMetadata": 0} == {**done, "ResponseMetadata": 0}
    for job in (
        sagemaker.describe_training_job(TrainingJobName="long"),
        sagemaker.describe_processing_job(ProcessingJobName="longer"),
    ):
        assert "localaws ended while the job ran" in job["FailureReason"]
    sagemaker.create_training_job(**training_script("again", role, image, "true"))  # the image is still there
    assert server.wait("Training", "again")["TrainingJobStatus"] == "Completed"


def test_a_kill_loses_no_job_and_leaves_no_container_after_the_next_start(localaws):
    server = localaws().start()
    role, image = prepared(server)
    server.client("sagemaker").create_training_job(**training_script("lost", role, image, "sleep 1000"))
    server.wait("Training", "lost", {"Training"})
    time.sleep(3)  # the base's state is saved within a second or two
    server.kill()
    containers, networks = in_engine(server)
    assert len(containers) == 2
    assert len(networks) == 1
    server.start()
    job = server.client("sagemaker").describe_training_job(TrainingJobName="lost")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert "localaws was killed while the job ran" in job["FailureReason"]
    assert in_engine(server)[0] == [f"{server.configuration.instance}-credentials"]
    assert server.client("iam").get_role(RoleName="jobs")


def test_a_second_localaws_on_the_same_engine_is_refused_by_name(localaws):
    first = localaws().start()
    second = localaws("second")
    assert second.launch().wait(60) == 75
    (line,) = second.log().splitlines()
    assert line.startswith(f"error: {first.configuration.instance} has the addresses 169.254.170.0/24")
    assert first.status()["ready"]
    assert in_engine(first)[1] == [first.configuration.instance]


def test_a_localaws_takes_the_network_of_one_that_was_killed(localaws):
    first = localaws().start()
    first.kill()
    second = localaws("second").start()
    assert second.status()["ready"]
    assert in_engine(first) == ([], [])


def test_two_localaws_do_not_share_a_state_folder(localaws):
    first = localaws().start()
    second = localaws()
    assert second.launch().wait(60) == 75
    assert "error: another localaws uses the state folder" in first.log()


def test_a_taken_port_is_named(localaws):
    server = localaws()
    with socket.create_server(("127.0.0.1", server.configuration.port)):
        assert server.launch().wait(60) == 75
    assert server.log().startswith(f"error: the port {server.configuration.port} of 127.0.0.1 is taken")


def test_without_an_engine_it_does_not_start(localaws, tmp_path):
    server = localaws(docker_host=f"unix://{tmp_path}/nothing.sock")
    assert server.launch().wait(60) == 75
    (line,) = server.log().splitlines()
    assert line.startswith(f"error: no Docker engine answers at unix://{tmp_path}/nothing.sock: ")


def test_without_auth_nothing_is_checked(localaws):
    server = localaws(auth=False).start()
    keys = {"AccessKeyId": "anything", "SecretAccessKey": "at all"}
    s3 = server.client("s3", keys=keys)
    s3.create_bucket(Bucket="data")
    role = "arn:aws:iam::000000000000:role/that-nobody-made"
    server.client("sagemaker", keys=keys).create_training_job(**training_script("job", role, "base", "true"))
    assert server.wait("Training", "job")["TrainingJobStatus"] == "Completed"


def test_an_image_of_the_table_runs_instead(localaws):
    server = localaws(images={"763104351884.dkr.ecr.*/pytorch-training:*gpu*": BASE, "plain": BASE, "none": "no-such"})
    server.start()
    server.client("s3").create_bucket(Bucket="data")
    role, sagemaker = server.role("jobs"), server.client("sagemaker")
    gpu = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6-gpu-py312"
    for name, image in (("gpu", gpu), ("plain", "plain")):
        sagemaker.create_training_job(**training_script(name, role, image, "python --version"))
        job = server.wait("Training", name)
        assert (job["TrainingJobStatus"], job["AlgorithmSpecification"]["TrainingImage"]) == ("Completed", image)
    with pytest.raises(ClientError, match="the table of images maps 'none' to 'no-such'"):
        sagemaker.create_training_job(**training_script("none", role, "none", "true"))


class EngineProxy:
    """A socket in front of the engine's, which a test can take away."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connections: list[socket.socket] = []
        self.open()

    def open(self) -> None:
        self.path.unlink(missing_ok=True)
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self.path))
        self._server.listen()
        threading.Thread(target=self._accept, args=[self._server], daemon=True).start()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.path.unlink()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._connections = []

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect("/var/run/docker.sock")
            self._connections += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._copy, args=[source, target], daemon=True).start()

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        with source, suppress(OSError):  # each direction closes its source
            while data := source.recv(65536):
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


def test_an_engine_that_goes_away_fails_the_job_and_is_cleaned_later(localaws, tmp_path):
    proxy = EngineProxy(tmp_path / "docker.sock")
    server = localaws(docker_host=f"unix://{proxy.path}").start()
    role, image = prepared(server)
    sagemaker = server.client("sagemaker")
    sagemaker.create_training_job(**training_script("job", role, image, "sleep 1000"))
    server.wait("Training", "job", {"Training"})
    proxy.close()
    job = server.wait("Training", "job")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("InternalServerError: ")
    assert "Docker" in job["FailureReason"]
    assert server.status()["docker"] is None
    proxy.open()
    deadline = time.monotonic() + 60
    while len(in_engine(server)[0]) > 1:  # the proxy for credentials stays
        assert time.monotonic() < deadline
        time.sleep(0.5)
    sagemaker.create_training_job(**training_script("next", role, image, "true"))
    assert server.wait("Training", "next")["TrainingJobStatus"] == "Completed"


def test_events_of_a_job_reach_a_queue(localaws):
    server = localaws().start()
    role, image = prepared(server)
    sqs, events = server.client("sqs"), server.client("events")
    queue = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    pattern = {"source": ["aws.sagemaker"], "detail-type": ["SageMaker Training Job State Change"]}
    events.put_rule(Name="jobs", EventPattern=json.dumps(pattern))
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_targets(Rule="jobs", Targets=[{"Id": "1", "Arn": arn}])
    request = training_script("job", role, image, "exit 4", Tags=[{"Key": "team", "Value": "a"}])
    server.client("sagemaker").create_training_job(**request)
    server.wait("Training", "job")
    received = []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            received.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    statuses = {event["detail"]["SecondaryStatus"] for event in received}
    assert statuses >= {"Downloading", "Training", "Uploading", "Failed"}
    last = max(received, key=lambda event: event["detail"]["LastModifiedTime"])
    assert last["resources"] == ["arn:aws:sagemaker:us-east-1:000000000000:training-job/job"]
    assert last["detail"]["FailureReason"] == "AlgorithmError: , exit code: 4"
    assert last["detail"]["Tags"] == {"team": "a"}
    assert isinstance(last["detail"]["CreationTime"], int)
    assert last["detail"]["CreationTime"] > 1e12


def test_sigint_ends_it_too(localaws):
    server = localaws().start()
    assert server.stop(signal.SIGINT) == 0
    assert in_engine(server) == ([], [])
    with pytest.raises(EndpointConnectionError):
        server.client("s3").list_buckets()
