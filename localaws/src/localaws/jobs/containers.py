"""What training and processing jobs share: their environment, their containers, and their logs."""

import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from localaws.containers.archive import InputArchive
from localaws.containers.group import ContainerGroup, GroupSpec
from localaws.credentials import RoleSession
from localaws.jobs.logs import LogShipper, LogStream
from localaws.platform import Platform

logger = logging.getLogger(__name__)

LOG_END_S = 30.0
"""Longest time until the rest of a log has reached CloudWatch."""
NAME_LENGTH = 40
GPU_TYPE = re.compile(r"ml\.(p|g)\d")
"""Instance types with NVIDIA GPUs."""


@dataclass(frozen=True)
class JobContainers:
    """The containers that a job asks for."""

    arn: str
    image: str
    """Image of the engine."""
    count: int
    entrypoint: Sequence[str] | None
    command: Sequence[str] | None
    environment: dict[str, str]
    isolated: bool
    log_group: str
    instance_type: str

    @property
    def name(self) -> str:
        """The job's name."""
        return self.arn.rpartition("/")[2]

    @property
    def region(self) -> str:
        """The job's region."""
        return self.arn.split(":")[3]


@contextmanager
def job_containers(platform: Platform, wanted: JobContainers, session: RoleSession) -> Iterator[ContainerGroup]:
    """Create the containers of a job, for the time of the block.

    A job that is isolated gets no network, and therefore no credentials.
    """
    credentials = platform.credentials.register(session)
    environment = {**_environment(platform, wanted, credentials), **wanted.environment}
    configuration = platform.configuration
    # Names of two attempts differ, so that what a broken removal left is not in the way.
    unique = f"{configuration.instance}-{wanted.name[:NAME_LENGTH]}-{time.time_ns() % 10**9:09d}"
    spec = GroupSpec(
        instance=configuration.instance,
        job=wanted.arn,
        image=wanted.image,
        count=wanted.count,
        entrypoint=wanted.entrypoint,
        command=wanted.command,
        environment=environment,
        network=None if wanted.isolated else platform.link.network,
        prefix=unique,
    )
    group = ContainerGroup(platform.engine, spec)
    try:
        if not wanted.isolated:
            platform.link.ensure_proxy()
        group.create()
        yield group
    finally:
        platform.credentials.forget(credentials)
        group.remove()


def _environment(platform: Platform, wanted: JobContainers, credentials: str) -> dict[str, str]:
    region = {"AWS_REGION": wanted.region, "AWS_DEFAULT_REGION": wanted.region}
    if wanted.isolated:
        return region
    gpu = {"NVIDIA_VISIBLE_DEVICES": "void"} if GPU_TYPE.match(wanted.instance_type) else {}
    return {
        **region,
        **gpu,
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": credentials,
        "AWS_ENDPOINT_URL": platform.configuration.job_address,
        "AWS_EXECUTION_ENV": "AWS_ECS_EC2",
    }


@contextmanager
def shipped_logs(
    platform: Platform,
    wanted: JobContainers,
    session: RoleSession,
    group: ContainerGroup,
    on_line: Callable[[str], None],
) -> Iterator[None]:
    """Send the output of started containers to CloudWatch Logs, and wait for its end when the block ends."""
    client = platform.clients.of_role("logs", wanted.region, session)
    begun = int(time.time())
    notices = []
    if GPU_TYPE.match(wanted.instance_type):
        notices.append(f"[localaws] warning: {wanted.instance_type} has GPUs; this job runs on the CPU of this machine")
        logger.warning("%s: %s has GPUs; the job runs on the CPU", wanted.name, wanted.instance_type)
    shippers = [
        LogShipper(
            group.logs(host), LogStream(client, wanted.log_group, f"{wanted.name}/{name}-{begun}"), on_line, notices
        )
        for host, name in enumerate(group.spec.hosts)
    ]
    try:
        yield
    finally:
        for shipper in shippers:
            shipper.join(LOG_END_S)


def new_archives(platform: Platform, count: int) -> list[InputArchive]:
    """Return an empty archive for each container."""
    platform.work.mkdir(parents=True, exist_ok=True)
    return [InputArchive(platform.work) for _ in range(count)]
