import os
import uuid
from collections.abc import Iterator

import pytest

from .server import Server

BASE_IMAGE = "python:3.11-slim-bookworm"


@pytest.fixture(scope="session")
def python() -> str:
    """The Python of localaws' own environment."""
    return os.environ["LOCALAWS_TEST_PYTHON"]


@pytest.fixture(scope="module")
def server(python, tmp_path_factory) -> Iterator[Server]:
    """A localaws whose periods are a sixtieth, with a bucket `data`, a role, and an image in ECR."""
    server = Server(
        python, tmp_path_factory.mktemp("localaws"), {"period_divisor": 60, "spot_interruption_after_s": 120.0}
    )
    try:
        server.start()
        server.client("s3").create_bucket(Bucket="data")
        server.role("jobs")
        server.push(BASE_IMAGE, "base")
        yield server
    finally:
        server.clean()


@pytest.fixture(scope="module")
def role() -> str:
    """The ARN of the role of `server`'s jobs."""
    return "arn:aws:iam::000000000000:role/jobs"


@pytest.fixture(scope="module")
def image() -> str:
    """The image in `server`'s ECR: Debian with Python."""
    return "000000000000.dkr.ecr.us-east-1.amazonaws.com/base:1"


@pytest.fixture
def name() -> str:
    """A name that no other job has."""
    return f"job-{uuid.uuid4().hex[:12]}"
