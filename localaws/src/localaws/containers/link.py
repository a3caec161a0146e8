"""The network of the jobs: their way to localaws on its gateway, and to their credentials at 169.254.170.2."""

import logging
import urllib.request
from importlib import resources

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.models.containers import Container
from docker.types import IPAMConfig, IPAMPool

from localaws.configuration import CREDENTIALS_HOST, GATEWAY, LOOPBACK, SUBNET, Configuration
from localaws.containers.engine import INSTANCE_LABEL, remove_all
from localaws.errors import LocalawsError

logger = logging.getLogger(__name__)

STATUS_TIMEOUT_S = 3.0


class Link:
    """The network and its proxy, for the time of a localaws."""

    def __init__(self, client: docker.DockerClient, configuration: Configuration) -> None:
        self._client = client
        self._configuration = configuration
        self._proxy: Container | None = None
        self.network = configuration.instance

    def up(self) -> None:
        """Make the network; the gateway's address exists from then on.

        Raises:
            LocalawsError: another localaws has the network's addresses.
        """
        pool = IPAMPool(subnet=SUBNET, gateway=GATEWAY)
        self._make_way()
        try:
            self._client.networks.create(
                self.network,
                driver="bridge",
                ipam=IPAMConfig(pool_configs=[pool]),
                labels={INSTANCE_LABEL: self._configuration.instance},
                check_duplicate=True,
            )
        except APIError as error:
            raise LocalawsError(f"Docker does not make the network {SUBNET}: {error.explanation}") from error

    def ensure_proxy(self) -> None:
        """Start the proxy for credentials, unless it runs.

        Raises:
            LocalawsError: its image is not there.
        """
        if self._proxy is not None:
            try:
                self._proxy.reload()
            except NotFound:
                self._proxy = None
            else:
                if self._proxy.status == "running":
                    return
                self._proxy.remove(force=True)
        self._proxy = self._start_proxy()

    def _start_proxy(self) -> Container:
        image = self._configuration.proxy_image
        self._require(image)
        program = resources.files(__package__).joinpath("proxy.py").read_text(encoding="utf-8")
        container = self._client.containers.create(
            image,
            ["python", "-c", program, GATEWAY, str(self._configuration.port)],
            name=f"{self._configuration.instance}-credentials",
            entrypoint=[],
            user="0",
            labels={INSTANCE_LABEL: self._configuration.instance},
            network_mode="none",
        )
        self._client.networks.get("none").disconnect(container)
        self._client.networks.get(self.network).connect(container, ipv4_address=CREDENTIALS_HOST)
        container.start()
        return container

    def _require(self, image: str) -> None:
        try:
            self._client.images.get(image)
        except ImageNotFound:
            try:
                self._client.images.pull(image)
            except DockerException as error:
                raise LocalawsError(
                    f"the engine neither has nor pulls the image {image}, in which the proxy for credentials runs; "
                    "--proxy-image names another image with Python"
                ) from error

    def _make_way(self) -> None:
        """Remove the network of a localaws that was killed, and refuse that of one that runs."""
        for network in self._client.networks.list():
            pools = (network.attrs.get("IPAM") or {}).get("Config") or []
            if not any(pool.get("Subnet") == SUBNET for pool in pools):
                continue
            instance = (network.attrs.get("Labels") or {}).get(INSTANCE_LABEL)
            if instance is None:
                raise LocalawsError(
                    f"the Docker network {network.name} has the addresses {SUBNET} that AWS's SDKs expect"
                )
            if instance != self._configuration.instance and _answers(instance):
                port = instance.rpartition("-")[2]
                raise LocalawsError(
                    f"{instance} has the addresses {SUBNET}, which AWS's SDKs expect: one localaws for one Docker "
                    f"engine; `ckgqa localaws down --port {port}` ends the other"
                )
            remove_all(self._client, instance)


def _answers(instance: str) -> bool:
    port = instance.rpartition("-")[2]
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/localaws/status", timeout=STATUS_TIMEOUT_S) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
