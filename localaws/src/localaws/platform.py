"""What the services of one localaws share."""

from dataclasses import dataclass
from pathlib import Path

import docker

from localaws.base import Base
from localaws.clients import Clients
from localaws.configuration import Configuration
from localaws.containers.link import Link
from localaws.credentials import CredentialsEndpoint
from localaws.jobs.images import JobImages
from localaws.jobs.supervisor import Supervisor
from localaws.roles import Roles
from localaws.store import Store


@dataclass(frozen=True)
class Platform:
    """The parts of a running localaws."""

    configuration: Configuration
    base: Base
    store: Store
    clients: Clients
    roles: Roles
    credentials: CredentialsEndpoint
    supervisor: Supervisor
    engine: docker.DockerClient
    link: Link
    images: JobImages

    @property
    def work(self) -> Path:
        """Folder for temporary files of jobs."""
        return Path(self.configuration.state) / "tmp"
