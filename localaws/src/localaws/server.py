"""Put the parts of one localaws together, serve, and take them apart."""

import asyncio
import logging
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import docker
from hypercorn.asyncio import serve
from hypercorn.config import Config

from localaws.base import VERSION, Base, Caller, load_base
from localaws.clients import Clients
from localaws.configuration import GATEWAY, LOOPBACK, Configuration
from localaws.containers.engine import connect, remove_all
from localaws.containers.janitor import Janitor
from localaws.containers.link import Link
from localaws.credentials import CredentialsEndpoint
from localaws.errors import AwsError, LocalawsError
from localaws.front import Front
from localaws.jobs.images import JobImages
from localaws.jobs.supervisor import Supervisor
from localaws.platform import Platform
from localaws.registry.backend import RegistryBackend
from localaws.registry.images import ImageStore
from localaws.registry.service import RegistryService, build_registry
from localaws.roles import Roles
from localaws.sagemaker.recovery import fail_lost_jobs
from localaws.sagemaker.service import sagemaker_service
from localaws.service_model import load_service_model
from localaws.state import Saver, locked
from localaws.store import Store

logger = logging.getLogger(__name__)

KEEP_ALIVE_S = 75


def run(configuration: Configuration) -> None:
    """Run one localaws until SIGTERM or SIGINT.

    Raises:
        LocalawsError: it cannot start.
    """
    state = Path(configuration.state)
    with ExitStack() as stack:
        stack.enter_context(locked(state))
        _refuse_taken_port(configuration.port)
        shutil.rmtree(state / "tmp")  # of jobs that were killed
        (state / "tmp").mkdir()
        engine = connect(configuration)
        stack.callback(engine.close)
        base = load_base(configuration)
        link = Link(engine, configuration)
        link.up()
        stack.callback(remove_all, engine, configuration.instance)
        link.ensure_proxy()
        store = Store(state / "localaws.db")
        stack.callback(store.close)
        clients = Clients(configuration)
        registry = stack.enter_context(_registry(configuration, engine, base))
        images = ImageStore(configuration, engine)
        stack.callback(images.remove_pulled)
        platform = Platform(
            configuration=configuration,
            base=base,
            store=store,
            clients=clients,
            roles=Roles(configuration, base, clients),
            credentials=CredentialsEndpoint(),
            supervisor=Supervisor(),
            engine=engine,
            link=link,
            images=JobImages(images, registry.tokens),
        )
        fail_lost_jobs(platform)
        model = load_service_model(Path(configuration.models), "sagemaker")
        base.add_service("sagemaker", sagemaker_service(platform, model).handle, model.target_prefix)
        targets = (f"{model.target_prefix}.".encode(),) if configuration.auth else ()
        front = Front(base, registry.front, platform.credentials, Status(platform).answer, targets)
        janitor = Janitor(engine, configuration.instance, platform.supervisor.running)
        janitor.start()
        stack.callback(janitor.end)
        with _saving(base.save, front):
            asyncio.run(_serve(front, platform, registry))


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise LocalawsError(
                f"the port {port} of {LOOPBACK} is taken ({error.strerror}); --port names another"
            ) from None


@contextmanager
def _registry(configuration: Configuration, engine: docker.DockerClient, base: Base) -> Iterator[RegistryService]:
    """Run ECR's registry, with the permissions of whoever a password was issued to."""

    def authorize(access_key: str, action: str, repository: str) -> str | None:
        arn = f"arn:aws:ecr:{configuration.region}:{configuration.account}:repository/{repository}"
        caller = Caller(access_key, "", configuration.account, configuration.region)
        try:
            base.authorize(caller, action, arn, {})
        except AwsError as error:
            return error.message
        return None

    with RegistryBackend(configuration, engine) as backend:
        service = build_registry(
            configuration,
            backend,
            handler=base.service("ecr"),
            authorize=authorize,
            principal_of=lambda headers, query: base.caller(headers, query).access_key,
        )
        base.add_service("ecr", service.ecr)
        try:
            yield service
        finally:
            service.catalog.close()


@contextmanager
def _saving(save: Callable[[], None], front: Front) -> Iterator[None]:
    saver = Saver(save, front.changed)
    saver.start()
    try:
        yield
    finally:
        saver.end()


async def _serve(front: Front, platform: Platform, registry: RegistryService) -> None:
    """Serve on the loopback interface and on the gateway of the jobs' network, until a signal."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    config = Config()
    config.bind = [f"{address}:{platform.configuration.port}" for address in (LOOPBACK, GATEWAY)]
    config.keep_alive_timeout = KEEP_ALIVE_S
    config.graceful_timeout = 5
    config.errorlog = logging.getLogger("hypercorn.error")

    async def until_ended() -> None:
        await ended.wait()
        # The jobs end first: their last calls need the server.
        await asyncio.to_thread(platform.supervisor.shut_down)

    await serve(front, config, shutdown_trigger=until_ended)
    await registry.storage.close()


class Status:
    """What `GET /localaws/status` answers."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._since = time.time()

    def answer(self) -> dict[str, Any]:
        """Return the state of this localaws; nothing in it is secret."""
        configuration = self._platform.configuration
        return {
            "ready": True,
            "instance": configuration.instance,
            "address": configuration.address,
            "job_address": configuration.job_address,
            "state": configuration.state,
            "since": self._since,
            "account": configuration.account,
            "region": configuration.region,
            "auth": configuration.auth,
            "base": f"MiniStack {VERSION}",
            "docker": self._engine(),
            "registry": configuration.registry,
            "running_jobs": self._platform.supervisor.running(),
        }

    def _engine(self) -> str | None:
        try:
            return str(self._platform.engine.version()["Version"])
        except Exception:  # noqa: BLE001 -- whatever it is, the engine does not answer
            return None
