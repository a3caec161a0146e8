"""One container that serves a model."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Self

from docker.errors import APIError, NotFound
from docker.models.networks import Network

from localaws.arns import name_of, region_of
from localaws.containers.archive import InputArchive
from localaws.containers.engine import INSTANCE_LABEL, JOB_LABEL
from localaws.containers.group import ContainerGroup, GroupSpec
from localaws.credentials import RoleSession
from localaws.jobs.containers import LOG_END_S, container_prefix, gpu_notices, job_environment
from localaws.jobs.logs import LogShipper, LogStream
from localaws.platform import Platform
from localaws.serving.http import ModelServer
from localaws.serving.model_data import BadArchiveError

MODEL_FOLDER = "/opt/ml/model"
POLL_S = 0.2
GRACE_S = 30.0
"""Time between SIGTERM and SIGKILL. Source: "How Containers Serve Requests" in SageMaker's guide."""


@dataclass(frozen=True)
class ServingSpec:
    """What a serving container is made from."""

    arn: str
    """The job or endpoint that it serves for."""
    image: str
    """Image of the engine."""
    environment: Mapping[str, str]
    instance_type: str
    """Instance type of the request."""
    isolated: bool
    """The model has `EnableNetworkIsolation`."""
    log_group: str
    log_stream: str

    @property
    def name(self) -> str:
        """Name of the job or endpoint."""
        return name_of(self.arn)

    @property
    def region(self) -> str:
        """Region of the job or endpoint."""
        return region_of(self.arn)


class PingError(Exception):
    """The container did not become ready."""


class ServingContainer:
    """A container from its creation to its removal: enter it, `start`, `wait_until_ready`, use `server`, leave it.

    Localaws reaches it by its address in a Docker network, and therefore on Linux alone. A container that is isolated
    has an internal network of its own: it gets no credentials, and reaches neither other containers nor anything
    outside of this machine. It does reach what listens on all addresses of this machine, or on those of Docker's
    networks, localaws among them, which refuses requests without credentials.

    Every method may raise the engine's errors.
    """

    def __init__(self, platform: Platform, spec: ServingSpec, session: RoleSession) -> None:
        self._platform = platform
        self._spec = spec
        self._session = session
        self._prefix = container_prefix(platform, spec.name)
        self._network: Network | None = None
        self._group: ContainerGroup | None = None
        self._credentials = ""
        self._shipper: LogShipper | None = None
        self._server: ModelServer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def create(self, model: IO[bytes] | None) -> None:
        """Create the container with the model at `/opt/ml/model`.

        Args:
            model: `model.tar.gz`, at its start; None: the folder stays empty.

        Raises:
            BadArchiveError: it is no archive.
        """
        spec, instance = self._spec, self._platform.configuration.instance
        if spec.isolated:
            labels = {INSTANCE_LABEL: instance, JOB_LABEL: spec.arn}
            self._network = self._platform.engine.networks.create(self._prefix, internal=True, labels=labels)
        else:
            self._platform.link.ensure_proxy()
            self._credentials = self._platform.credentials.register(self._session)
        environment = job_environment(self._platform, spec.region, spec.instance_type, self._credentials or None)
        self._group = ContainerGroup(
            self._platform.engine,
            GroupSpec(
                instance=instance,
                job=spec.arn,
                image=spec.image,
                count=1,
                entrypoint=None,
                command=["serve"],
                environment={**environment, **spec.environment},
                network=self._network_name,
                prefix=self._prefix,
            ),
        )
        self._group.create()
        self._put(self._group, model)

    def _put(self, group: ContainerGroup, model: IO[bytes] | None) -> None:
        with InputArchive(self._platform.work) as archive:
            archive.add_folder(MODEL_FOLDER)
            group.put(0, archive.reader())
        if model is not None:
            try:
                group.containers[0].put_archive(MODEL_FOLDER, model)  # the engine decompresses it
            except APIError as error:
                raise BadArchiveError(str(error.explanation or error)) from error

    def start(self, on_line: Callable[[str], None] = lambda _: None) -> None:
        """Start the container, and send what it writes to CloudWatch Logs."""
        group, spec = self._started, self._spec
        group.start()
        client = self._platform.clients.of_role("logs", spec.region, self._session)
        stream = LogStream(client, spec.log_group, spec.log_stream)
        self._shipper = LogShipper(group.logs(0), stream, on_line, gpu_notices(spec.name, spec.instance_type))
        group.containers[0].reload()
        networks = group.containers[0].attrs["NetworkSettings"]["Networks"]
        if address := networks[self._network_name]["IPAddress"]:  # a container that has ended has none
            self._server = ModelServer(address)

    def wait_until_ready(self, deadline_s: float, cancelled: threading.Event) -> None:
        """Wait until `GET /ping` answers 200, or until the event is set.

        Raises:
            PingError: the container ended, or the time is over.
        """
        deadline = time.monotonic() + deadline_s
        while not cancelled.is_set():
            code = self.exit_code()
            if code is not None:
                raise PingError(f"the container ended with exit code {code}")
            if self._server is not None and self._server.ping():
                return
            if time.monotonic() >= deadline:
                raise PingError(f"GET /ping did not answer 200 within {deadline_s:g} s")
            cancelled.wait(POLL_S)

    @property
    def server(self) -> ModelServer:
        """The web server in the container, once it is ready."""
        assert self._server is not None, "the container has been started"
        return self._server

    def exit_code(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self._started.exit_codes()[0]

    def out_of_memory(self) -> bool:
        """Return whether the kernel killed it for its memory, as of the last `exit_code`."""
        return self._started.out_of_memory()

    def terminate(self, grace_s: float) -> None:
        """Send SIGTERM, and SIGKILL when the grace period is over."""
        self._started.terminate(grace_s)

    def remove(self) -> None:
        """Remove the container and its network, when the rest of its log has reached CloudWatch."""
        if self._credentials:
            self._platform.credentials.forget(self._credentials)
        if self._group is not None:
            if self._shipper is not None:
                self._group.terminate(0.0)
                self._shipper.join(LOG_END_S)
            self._group.remove()
        if self._network is not None:
            with suppress(NotFound):
                self._network.remove()

    @property
    def _network_name(self) -> str:
        return self._prefix if self._network is not None else self._platform.link.network

    @property
    def _started(self) -> ContainerGroup:
        assert self._group is not None, "the container has been created"
        return self._group
