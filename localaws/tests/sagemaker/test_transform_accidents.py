import pytest

from ..server import Server
from ..serving_image import IMAGE, create_model, job_containers, put_objects, transform

pytestmark = pytest.mark.docker


def start(server: Server) -> Server:
    server.start()
    server.client("s3").create_bucket(Bucket="data")
    server.role("jobs")
    return server


def create(server: Server, name: str, content: bytes, **environment: str) -> None:
    """Start a job of a model with an environment."""
    create_model(server, name, Environment=environment)
    source = put_objects(server, f"{name}/in", {"a": content})
    server.client("sagemaker").create_transform_job(**transform(name, name, source))


def test_a_container_that_never_is_ready_fails_the_job(localaws, serving_image, name):
    server = start(localaws(images={IMAGE: serving_image}, period_divisor=360))  # the 30 minutes become 5 seconds
    create(server, name, b"1", PING="never")
    job = server.wait("Transform", name)
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("AlgorithmError: Model container failed to respond to ping")
    assert job_containers(server) == []


def test_a_job_whose_localaws_was_killed_has_failed(localaws, serving_image, name):
    server = start(localaws(images={IMAGE: serving_image}))
    create(server, name, b"slow")
    while not job_containers(server):
        assert server.status()
    server.kill()
    server.start()
    job = server.wait("Transform", name)
    assert job["TransformJobStatus"] == "Failed"
    assert "localaws was killed" in job["FailureReason"]
    assert job_containers(server) == []


def test_a_job_whose_localaws_ends_has_failed(localaws, serving_image, name):
    server = start(localaws(images={IMAGE: serving_image}))
    create(server, name, b"slow")
    while not job_containers(server):
        assert server.status()
    assert server.stop() == 0
    assert job_containers(server) == []
    server.start()
    job = server.wait("Transform", name)
    assert (job["TransformJobStatus"], "localaws ended" in job["FailureReason"]) == ("Failed", True)
