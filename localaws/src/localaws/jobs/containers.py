"""What training and processing jobs share: their environment, their containers, and their logs."""

import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from localaws.arns import name_of, region_of
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
        return name_of(self.arn)

    @property
    def region(self) -> str:
        """The job's region."""
        return region_of(self.arn)


@contextmanager
def job_containers(platform: Platform, wanted: JobContainers, session: RoleSession) -> Iterator[ContainerGroup]:
    """Create the containers of a job, for the time of the block.

    A job that is isolated gets no network, and therefore no credentials.
    """
    credentials = platform.credentials.register(session)
    environment = job_environment(
        platform, wanted.region, wanted.instance_type, None if wanted.isolated else credentials
    )
    spec = GroupSpec(
        instance=platform.configuration.instance,
        job=wanted.arn,
        image=wanted.image,
        count=wanted.count,
        entrypoint=wanted.entrypoint,
        command=wanted.command,
        environment={**environment, **wanted.environment},
        network=None if wanted.isolated else platform.link.network,
        prefix=container_prefix(platform, wanted.name),
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


def container_prefix(platform: Platform, name: str) -> str:
    """Return the start of the names of the containers of one attempt of a job.

    Names of two attempts differ, so that what a broken removal left is not in the way.
    """
    return f"{platform.configuration.instance}-{name[:NAME_LENGTH]}-{time.time_ns() % 10**9:09d}"


def job_environment(platform: Platform, region: str, instance_type: str, credentials: str | None) -> dict[str, str]:
    """Return the environment that every container gets.

    Args:
        platform: the running localaws.
        region: region of the job.
        instance_type: instance type of the request.
        credentials: path of the container's credentials; None: it is isolated and gets none.
    """
    environment = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    if credentials is None:
        return environment
    gpu = {"NVIDIA_VISIBLE_DEVICES": "void"} if GPU_TYPE.match(instance_type) else {}
    return {
        **environment,
        **gpu,
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": credentials,
        "AWS_ENDPOINT_URL": platform.configuration.job_address,
        "AWS_EXECUTION_ENV": "AWS_ECS_EC2",
    }


def gpu_notices(name: str, instance_type: str) -> list[str]:
    """Return the first lines of a job's log: a warning if it asks for GPUs, which localaws logs too."""
    if not GPU_TYPE.match(instance_type):
        return []
    logger.warning("%s: %s has GPUs; the job runs on the CPU", name, instance_type)
    return [f"[localaws] warning: {instance_type} has GPUs; this job runs on the CPU of this machine"]


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
    notices = gpu_notices(wanted.name, wanted.instance_type)
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
