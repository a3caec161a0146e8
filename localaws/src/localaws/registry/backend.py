"""Runs the registry's storage: ready when it is entered, started again when it dies, ended when it is left."""

import hashlib
import logging
import shutil
import threading
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import docker

from localaws.configuration import Configuration
from localaws.errors import LocalawsError
from localaws.registry.address import StorageAddress
from localaws.registry.container import RegistryContainer
from localaws.registry.keys import read_or_create_key
from localaws.registry.program import PROGRAM, RegistryProgram

logger = logging.getLogger(__name__)

READY_TIMEOUT_S = 30.0
READY_POLL_S = 0.05
RESTART_PAUSE_S = 0.5


class StorageServer(Protocol):
    """A process or a container that can be started again."""

    poll_s: float

    @property
    def address(self) -> StorageAddress:
        """Where it answers."""
        ...

    def start(self) -> None:
        """Start it."""
        ...

    def running(self) -> bool:
        """Return whether it runs."""
        ...

    def reason(self) -> str:
        """Return why it ended."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


class RegistryBackend:
    """The registry's storage, as a context manager.

    Args:
        configuration: the settings of localaws.
        engine: client of the Docker engine, for a machine without the program `docker-registry`.

    Raises:
        LocalawsError: neither the program nor the image can be had, or the storage does not start.
    """

    def __init__(self, configuration: Configuration, engine: docker.DockerClient | None = None) -> None:
        self._server = _choose_server(configuration, engine)
        self._ending = threading.Event()
        self._started = threading.Event()
        self._failure: LocalawsError | None = None
        # One thread starts every process, because a process ends with the thread that started it.
        self._supervisor = threading.Thread(target=self._supervise, name="registry", daemon=True)

    @property
    def address(self) -> StorageAddress:
        """Where the storage answers. It can change when the storage is started again."""
        return self._server.address

    def __enter__(self) -> Self:
        self._supervisor.start()
        self._started.wait()
        if self._failure:
            self._supervisor.join()
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.set()
        self._supervisor.join()

    def _supervise(self) -> None:
        try:
            self._start()
        except LocalawsError as error:
            self._failure = error
            self._ending.set()
        self._started.set()
        while not self._ending.wait(self._server.poll_s):
            if not self._server.running():
                self._restart()
        self._server.stop()

    def _start(self) -> None:
        """Start the storage and wait until it answers."""
        self._server.start()
        for _ in range(int(READY_TIMEOUT_S / READY_POLL_S)):
            if self._server.address.answers() or self._ending.wait(READY_POLL_S):
                return
            if not self._server.running():
                raise LocalawsError(f"the registry does not start: {self._server.reason()}")
        raise LocalawsError(f"the registry does not answer within {READY_TIMEOUT_S:.0f} s")

    def _restart(self) -> None:
        logger.warning("the registry's storage ended, it is started again: %s", self._server.reason())
        try:
            self._start()
        except LocalawsError as error:
            logger.warning("%s", error)
            self._ending.wait(RESTART_PAUSE_S)


def _choose_server(configuration: Configuration, engine: docker.DockerClient | None) -> StorageServer:
    """Return the program if it is installed, otherwise the container."""
    state = Path(configuration.state)
    secret = hashlib.sha256(read_or_create_key(state / "registry" / "secret")).hexdigest()
    if executable := shutil.which(PROGRAM):
        return RegistryProgram(executable, state / "registry", state / "logs" / "registry.log", secret)
    if engine is None:
        raise LocalawsError(
            f"the registry needs the program {PROGRAM} (on Debian: apt-get install {PROGRAM}), or a Docker engine with "
            f"the image {configuration.registry_image}; neither is here"
        )
    return RegistryContainer(engine, configuration.registry_image, configuration.instance, secret)
