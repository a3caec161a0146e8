"""Removes what jobs have left: if the engine goes away while a job runs, the job cannot remove its containers."""

import logging
import threading
from collections.abc import Callable

import docker
from docker.errors import APIError

from localaws.containers.engine import ENGINE_ERRORS, JOB_LABEL, containers_of, networks_of, remove_containers

logger = logging.getLogger(__name__)

INTERVAL_S = 10.0


class Janitor(threading.Thread):
    """Looks again and again for containers and networks of jobs that do not run."""

    def __init__(self, client: docker.DockerClient, instance: str, running: Callable[[], list[str]]) -> None:
        super().__init__(name="janitor", daemon=True)
        self._client = client
        self._instance = instance
        self._running = running
        self._ended = threading.Event()

    def run(self) -> None:
        """Clean until `end` is called."""
        while not self._ended.wait(INTERVAL_S):
            try:
                self.clean()
            except ENGINE_ERRORS as error:
                logger.warning("the Docker engine does not answer (%s)", error)

    def clean(self) -> None:
        """Remove the containers and networks of jobs that have ended."""
        # The engine is asked first: a job that starts meanwhile is among those that run.
        containers = containers_of(self._client, self._instance)
        networks = networks_of(self._client, self._instance)
        running = {None, *self._running()}
        remove_containers(one for one in containers if one.labels.get(JOB_LABEL) not in running)
        for network in networks:
            if (network.attrs.get("Labels") or {}).get(JOB_LABEL) not in running:
                try:
                    network.remove()
                except APIError as error:
                    logger.info("the network %s stays: %s", network.name, error)

    def end(self) -> None:
        """End the thread."""
        self._ended.set()
        self.join(30)
