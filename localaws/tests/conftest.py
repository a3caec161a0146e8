import uuid
from collections.abc import Iterator

import pytest

from ckgqa.localaws.environment import installed_program
from ckgqa.localaws.instances import one_at_a_time

from .server import Server
from .serving_image import built_image

BASE_IMAGE = "python:3.11-slim-bookworm"


@pytest.fixture(scope="session")
def python() -> str:
    """The Python of localaws' own environment, which is made if it is not there."""
    with one_at_a_time():
        return installed_program().command[0]


@pytest.fixture(scope="session")
def shared(python, tmp_path_factory) -> Iterator[Server]:
    """A localaws for many tests, not yet started: its periods are a sixtieth."""
    server = Server(
        python, tmp_path_factory.mktemp("localaws"), {"period_divisor": 60, "spot_interruption_after_s": 120.0}
    )
    yield server
    server.clean()


@pytest.fixture(scope="module")
def server(shared) -> Server:
    """The shared localaws, running, with a bucket `data`, a role, and an image in ECR; not for users of `localaws`."""
    if not shared.runs():
        shared.start()
        if shared.fresh:
            shared.client("s3").create_bucket(Bucket="data")
            shared.role("jobs")
            shared.push(BASE_IMAGE, "base")
            shared.fresh = False
    return shared


@pytest.fixture
def localaws(shared, tmp_path) -> Iterator[object]:
    """A function that makes a localaws of the test's own; the shared one makes way, as an engine has one at a time."""
    if shared.runs():
        shared.stop()
    made = []

    def make(folder: str = "state", **settings: object) -> Server:
        # Without a push to ECR a server is ready sooner.
        defaults = {"period_divisor": 60, "images": {"base": BASE_IMAGE}}
        made.append(Server(shared.python, tmp_path / folder, {**defaults, **settings}))
        return made[-1]

    yield make
    for server in made:
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


@pytest.fixture(scope="session")
def serving_image() -> Iterator[str]:
    """An image of the engine that serves a model; see `serving/image/serve`."""
    with built_image() as image:
        yield image
