"""The Docker engine: the connection, a clear error if no engine answers, and the images that it holds."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

import docker
import docker.errors
import requests

from ckgqa.images.plan import Image
from ckgqa.runtime.errors import ServiceError

HASH_LABEL = "ckgqa.content-hash"  # of every image that we build
DEFAULT_HOST = "unix:///var/run/docker.sock"
HTTP_CONFLICT = 409  # the engine's answer if a container uses the image
TIMEOUT_S = 300  # for one answer: removing a large container takes minutes on a busy disk; a build has no such limit


@contextmanager
def connect() -> Iterator[docker.DockerClient]:
    """Yield a client of the Docker engine that the environment names, after the engine answered once.

    Raises:
        ServiceError: no engine answers, or the engine fails within the block.
    """
    host = os.environ.get("DOCKER_HOST", DEFAULT_HOST)
    try:
        _knock(host)
        client = docker.from_env(timeout=TIMEOUT_S)
    except (docker.errors.DockerException, OSError) as error:
        message = (
            f"Docker was asked for and does not answer at {host} ({error}). Start the engine, let DOCKER_HOST name "
            "one, and see that this user may use it; pipelines also run without it, as plain processes"
        )
        raise ServiceError(message) from error
    with closing(client):
        try:
            yield client
        except (docker.errors.APIError, requests.RequestException) as error:
            raise ServiceError(f"the Docker engine at {host} refused, was too slow or went away: {error}") from error


def _knock(host: str) -> None:
    """Raise OSError if no engine listens at a Unix socket; docker-py would leave an open socket behind."""
    if host.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(host.removeprefix("unix://"))


def is_there(client: docker.DockerClient, tag: str) -> bool:
    """Return whether the engine holds an image of this name."""
    try:
        client.images.get(tag)
    except docker.errors.ImageNotFound:
        return False
    return True


def size(client: docker.DockerClient, tag: str) -> int:
    """Return an image's size in bytes, including the image that it builds FROM."""
    return int(client.images.get(tag).attrs["Size"])


def remove_outdated(client: docker.DockerClient, images: Mapping[str, Image]) -> list[str]:
    """Remove outdated builds of these images, except those that a container uses.

    Returns:
        The names of the removed builds; the id of a build that lost its name to a newer one.
    """
    ours = {name for image in images.values() for name in (image.repository, f"{image.repository}-tests")}
    wanted = {tag for image in images.values() for tag in (image.tag, image.tests_tag, f"{image.repository}:latest")}
    removed: list[str] = []
    for build in client.images.list(filters={"label": HASH_LABEL}):
        outdated = [tag for tag in build.tags if tag.partition(":")[0] in ours and tag not in wanted]
        for name in outdated if build.tags else [str(build.id)]:
            try:
                client.images.remove(name)
            except docker.errors.ImageNotFound:
                continue  # removed with the image that was built from it
            except docker.errors.APIError as error:
                if error.status_code != HTTP_CONFLICT:
                    raise
                continue
            removed.append(name)
    return removed
