"""The registry's storage as a container of the image `registry:2`, for a machine without `docker-registry`."""

import io
import tarfile

import docker
import docker.errors

from localaws.configuration import LOOPBACK
from localaws.errors import LocalawsError
from localaws.registry.address import StorageAddress
from localaws.registry.program import PROGRAM
from localaws.registry.settings import registry_settings

LABEL = "localaws.instance"
_PORT = "5000/tcp"
_ROOT = "/var/lib/registry"
_SETTINGS = "/etc/docker/registry/config.yml"
"""File that the image's default command reads."""


class RegistryContainer:
    """One container of the registry's image. Its layers are in a volume, which outlives it.

    Args:
        engine: client of the Docker engine.
        image: the registry's image.
        instance: name of this localaws, which names and labels the container and the volume.
        secret: see `registry_settings`.
    """

    poll_s = 2.0

    def __init__(self, engine: docker.DockerClient, image: str, instance: str, secret: str) -> None:
        self._engine = engine
        self._image = image
        self._instance = instance
        self._secret = secret
        self._address = StorageAddress("")

    @property
    def address(self) -> StorageAddress:
        """Its address. Docker chooses another port at every start."""
        return self._address

    def start(self) -> None:
        """Start a container, in place of one that an earlier localaws left.

        Raises:
            LocalawsError: the engine has no such image and cannot get it, or does not start it.
        """
        try:
            self.stop()
            self._start()
        except docker.errors.DockerException as error:
            raise LocalawsError(
                f"the registry needs the program {PROGRAM} (on Debian: apt-get install {PROGRAM}), which is not here, "
                f"or the image {self._image}, which the Docker engine does not start: {error}"
            ) from error

    def running(self) -> bool:
        """Return whether the container runs."""
        try:
            return self._engine.containers.get(self._name).status == "running"
        except docker.errors.DockerException:
            return False

    def reason(self) -> str:
        """Return the last lines of the container's log."""
        try:
            lines = self._engine.containers.get(self._name).logs(tail=3).decode(errors="replace").strip()
        except docker.errors.DockerException as error:
            return f"the container {self._name} is gone: {error}"
        return f"the container {self._name} ended: {lines!r}"

    def stop(self) -> None:
        """Remove the container. The volume stays."""
        try:
            self._engine.containers.get(self._name).remove(force=True, v=True)
        except docker.errors.NotFound:
            return

    @property
    def _name(self) -> str:
        return f"{self._instance}-registry"

    def _start(self) -> None:
        try:
            self._engine.images.get(self._image)
        except docker.errors.ImageNotFound:
            self._engine.images.pull(self._image)
        labels = {LABEL: self._instance}
        self._engine.volumes.create(self._name, labels=labels)
        container = self._engine.containers.create(
            self._image,
            name=self._name,
            labels=labels,
            ports={_PORT: (LOOPBACK, 0)},
            volumes={self._name: {"bind": _ROOT, "mode": "rw"}},
        )
        container.put_archive("/", _archive(_SETTINGS, registry_settings(_ROOT, "tcp", ":5000", self._secret)))
        container.start()
        container.reload()
        bindings = container.ports.get(_PORT)
        if not bindings:
            raise LocalawsError(f"the registry does not start: {self.reason()}")
        self._address = StorageAddress(f"http://{LOOPBACK}:{bindings[0]['HostPort']}")


def _archive(path: str, text: str) -> bytes:
    """Return a tar with one file."""
    content = text.encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(path.lstrip("/"))
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
