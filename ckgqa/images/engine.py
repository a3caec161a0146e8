"""The Docker engine: reaching it, or saying plainly that none answers; and which of our images it holds."""

import os
from collections.abc import Mapping

import docker
import docker.errors
import requests

from ckgqa.images.plan import Image
from ckgqa.runtime.errors import ServiceError

HASH_LABEL = "ckgqa.content-hash"  # of every image that we build
TIMEOUT_S = 60  # for one answer of the engine; a build streams and has no such limit


def connect() -> docker.DockerClient:
    """Connect to the Docker engine that the environment names, and hear it answer once.

    Raises:
        ServiceError: none answers.
    """
    try:
        client = docker.from_env(timeout=TIMEOUT_S)
        client.ping()
    except (docker.errors.DockerException, requests.RequestException, OSError) as error:
        where = os.environ.get("DOCKER_HOST", "its usual socket")
        message = (
            f"Docker was asked for and does not answer at {where} ({error}). Start the engine, let DOCKER_HOST "
            "name one, and see that this user may use it; pipelines also run without it, as plain processes"
        )
        raise ServiceError(message) from error
    return client


def is_there(client: docker.DockerClient, tag: str) -> bool:
    """Say whether the engine holds an image of this name."""
    try:
        client.images.get(tag)
    except docker.errors.ImageNotFound:
        return False
    return True


def size(client: docker.DockerClient, tag: str) -> int:
    """Return an image's size in bytes, with everything that it builds FROM."""
    return int(client.images.get(tag).attrs["Size"])


def remove_outdated(client: docker.DockerClient, images: Mapping[str, Image]) -> list[str]:
    """Remove our images whose content is no longer the checkout's; one that a container uses stays.

    Returns:
        The names that were removed.
    """
    wanted = {tag for image in images.values() for tag in (image.tag, image.tests_tag, f"{image.repository}:latest")}
    removed: list[str] = []
    for found in client.images.list(filters={"label": HASH_LABEL}):
        for name in [tag for tag in found.tags if tag not in wanted] if found.tags else [str(found.id)]:
            try:
                client.images.remove(name)
            except docker.errors.ImageNotFound:
                continue  # went with the one that was built from it
            except docker.errors.APIError as error:
                if error.status_code != 409:  # HTTP's "conflict": a container uses it
                    raise
                continue
            removed.append(name)
    return removed
