"""The containers of one job: one for each instance, which reach each other by their names."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

import docker
from docker.errors import NotFound
from docker.models.containers import Container
from docker.models.networks import Network

from localaws.containers.archive import stream
from localaws.containers.engine import INSTANCE_LABEL, JOB_LABEL, remove_containers

logger = logging.getLogger(__name__)

SHARED_MEMORY = "1g"
"""Data loaders of torch pass batches through /dev/shm, for which Docker's default of 64 MB is too small."""


@dataclass(frozen=True)
class GroupSpec:
    """What the containers of a job are made from."""

    instance: str
    """The localaws."""
    job: str
    """ARN of the job."""
    image: str
    """Image of the engine."""
    count: int
    """Number of instances."""
    entrypoint: Sequence[str] | None
    """Replaces the image's entry point; None: the image's own."""
    command: Sequence[str] | None
    """Arguments; None: the image's own command."""
    environment: Mapping[str, str]
    network: str | None
    """Network with the way to localaws; None: the job is isolated."""
    prefix: str
    """Start of the containers' names."""

    @property
    def hosts(self) -> list[str]:
        """Return the names by which the containers reach each other."""
        return [f"algo-{number}" for number in range(1, self.count + 1)]


class ContainerGroup:
    """Containers from their creation to their removal. Every method may raise the engine's errors."""

    def __init__(self, client: docker.DockerClient, spec: GroupSpec) -> None:
        self._client = client
        self.spec = spec
        self.containers: list[Container] = []
        self._network: Network | None = None

    def create(self) -> None:
        """Create the containers, and a network of their own if there are several."""
        spec = self.spec
        labels = {INSTANCE_LABEL: spec.instance, JOB_LABEL: spec.job}
        if spec.count > 1:
            self._network = self._client.networks.create(spec.prefix, driver="bridge", internal=True, labels=labels)
        for host in spec.hosts:
            container = self._client.containers.create(
                spec.image,
                list(spec.command) if spec.command is not None else None,
                entrypoint=list(spec.entrypoint) if spec.entrypoint is not None else None,
                name=f"{spec.prefix}-{host}",
                hostname=host,
                environment=dict(spec.environment),
                network_mode=self._first_network(),
                networking_config=self._aliases(host),
                extra_hosts={host: "127.0.0.1"} if self._first_network() == "none" else None,
                shm_size=SHARED_MEMORY,
                labels=labels,
            )
            self.containers.append(container)
            if self._network is not None and spec.network is not None:
                self._client.networks.get(spec.network).connect(container)

    def _first_network(self) -> str:
        """Return the network of eth0: the one in which the hosts of a job reach each other."""
        if self._network is not None:
            return self.spec.prefix
        return self.spec.network or "none"

    def _aliases(self, host: str) -> dict[str, Any] | None:
        if self._network is None:
            return None
        return {self.spec.prefix: self._client.api.create_endpoint_config(aliases=[host])}

    def put(self, host: int, archive: IO[bytes]) -> None:
        """Unpack an archive at the root of a container."""
        self.containers[host].put_archive("/", archive)

    def start(self) -> None:
        """Start all containers."""
        for container in self.containers:
            container.start()

    def exit_codes(self) -> list[int | None]:
        """Return the exit code of each container, None while it runs."""
        codes: list[int | None] = []
        for container in self.containers:
            container.reload()
            state = container.attrs["State"]
            codes.append(None if state["Status"] in {"running", "created", "paused"} else int(state["ExitCode"]))
        return codes

    def out_of_memory(self) -> bool:
        """Return whether the kernel killed one of them for its memory, as of the last `exit_codes`."""
        return any(container.attrs["State"]["OOMKilled"] for container in self.containers)

    def terminate(self, grace_s: float) -> None:
        """Send SIGTERM to all running containers, and SIGKILL when the grace period is over."""
        running = [container for container in self.containers if self._signal(container, "SIGTERM")]
        for container in running:
            try:
                container.wait(timeout=max(grace_s, 0.1))
            except NotFound:
                continue
            except OSError:  # the client's time-outs are OSErrors
                self._signal(container, "SIGKILL")
                container.wait(timeout=30)

    def _signal(self, container: Container, name: str) -> bool:
        try:
            container.kill(name)
        except docker.errors.APIError:  # it has ended
            return False
        return True

    def fetch(self, host: int, path: str) -> IO[bytes] | None:
        """Return a folder or file of a container as a tar stream, or None if it is not there."""
        try:
            chunks, _ = self.containers[host].get_archive(path)
        except NotFound:
            return None
        return stream(iter(chunks))

    def logs(self, host: int) -> Iterator[bytes]:
        """Yield what a container writes, until it ends."""
        chunks: Iterator[bytes] = self.containers[host].logs(stream=True, follow=True, stdout=True, stderr=True)
        return chunks

    def written_bytes(self) -> int:
        """Return how much the container with the most data has written beside its image."""
        listed = self._client.api.containers(all=True, size=True, filters={"label": f"{JOB_LABEL}={self.spec.job}"})
        return max((int(one.get("SizeRw") or 0) for one in listed), default=0)

    def remove(self) -> None:
        """Remove the containers and their network."""
        remove_containers(self.containers)
        self.containers = []
        if self._network is not None:
            with suppress(NotFound):
                self._network.remove()
            self._network = None
