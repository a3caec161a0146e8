"""The client of the Docker engine, and what it holds for one localaws."""

import logging
import os
from collections.abc import Iterable

import docker
import requests
from docker.errors import DockerException, NotFound
from docker.models.containers import Container
from docker.models.networks import Network

from localaws.configuration import Configuration
from localaws.errors import LocalawsError

logger = logging.getLogger(__name__)

INSTANCE_LABEL = "localaws.instance"
"""Label of every container and network; its value is the localaws that made it."""
JOB_LABEL = "localaws.job"
"""Label of a job's containers and network; its value is the job's ARN."""
DEFAULT_HOST = "unix:///var/run/docker.sock"
TIMEOUT_S = 60
ENGINE_ERRORS = (DockerException, requests.RequestException, OSError)
"""What the client raises if the engine refuses, is gone, or breaks off."""


def connect(configuration: Configuration) -> docker.DockerClient:
    """Connect to the engine.

    Raises:
        LocalawsError: no engine answers.
    """
    host = configuration.docker_host or os.environ.get("DOCKER_HOST") or DEFAULT_HOST
    try:
        client = docker.DockerClient(base_url=host, timeout=TIMEOUT_S)
        client.ping()
    except ENGINE_ERRORS as error:
        raise LocalawsError(f"no Docker engine answers at {host}: {error}") from error
    return client


def containers_of(client: docker.DockerClient, instance: str) -> list[Container]:
    """Return all containers of one localaws."""
    return client.containers.list(all=True, filters={"label": f"{INSTANCE_LABEL}={instance}"}, ignore_removed=True)


def networks_of(client: docker.DockerClient, instance: str) -> list[Network]:
    """Return all networks of one localaws."""
    return client.networks.list(filters={"label": f"{INSTANCE_LABEL}={instance}"})


def remove_all(client: docker.DockerClient, instance: str) -> None:
    """Remove every container and network of one localaws: at its end, and what a killed one has left."""
    remove_containers(containers_of(client, instance))
    for network in networks_of(client, instance):
        try:
            network.remove()
        except NotFound:
            continue


def remove_containers(containers: Iterable[Container]) -> None:
    """Remove containers with their anonymous volumes, running or not."""
    for container in containers:
        try:
            container.remove(force=True, v=True)
        except NotFound:
            continue
