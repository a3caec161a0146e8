"""Run a task in a container, without the traps of KFP's own DockerRunner.

That one lets the engine remove the container by itself and takes a container that vanished for a success, keeps the
image's entry point, and runs as the image's user, who cannot write to the caller's folders. Here a container is
created, started, followed to its end, asked for its exit code, and then removed.
"""

import collections
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import requests
from docker import DockerClient
from docker.errors import DockerException
from docker.models.containers import Container

from ckgqa.bundle.pipelines import ir
from ckgqa.bundle.pipelines.targets.jobs import GRACE_S, Job, OnLine
from ckgqa.images.engine import is_there
from ckgqa.runtime.errors import InputError, ServiceError

RUN_LABEL = "ckgqa.run"
SHARED_MEMORY = "1g"
"""Torch's data loaders hand batches over in /dev/shm; Docker's default of 64 MB is too little for them."""

INHERITED = {"OMP_NUM_THREADS", "OMP_WAIT_POLICY"}
"""Variables that go into the container: who says how threads run means all stages, however they run."""


@dataclass(frozen=True)
class DockerWay:
    """Runs jobs in containers."""

    client: DockerClient
    """Of the Docker engine."""
    program_hash: Callable[[str], str]
    """Returns the hash of a stage's program, given the stage's name."""
    pin: Callable[[str], str]
    """Gives an image's bare name the tag of what the sources here would build."""
    grace_s: float = GRACE_S

    def program(self, image: str) -> str:
        """Return the hash of the stage's sources where the image was built from them, else the image's own tag."""
        try:
            ours = self.pin(image.removesuffix(ir.tag_of(image)).rstrip(":@")) == image
        except InputError:  # no stage of ours: its tag or digest says what it is
            ours = False
        return self.program_hash(ir.stage_of(image)) if ours else image

    def run(self, job: Job, on_line: OnLine) -> int:
        """Run the job in a container as the caller's user, without a network unless it needs one."""
        if not is_there(self.client, job.image):
            raise ServiceError(
                f"{job.task}: the image {job.image} is not here; `ckgqa images build` builds those of this checkout, "
                "or run with --target process"
            )
        try:
            container = self._create(job)
        except DockerException as error:
            raise ServiceError(f"{job.task}: Docker does not start {job.image} ({error})") from error
        try:
            return self._follow(container, on_line)
        except (DockerException, requests.RequestException) as error:
            raise ServiceError(f"{job.task}: the Docker engine went away ({error})") from error
        finally:
            container.remove(force=True)

    def clear(self, run_folder: Path) -> None:
        """Remove the containers that a killed run of this folder has left."""
        label = f"{RUN_LABEL}={run_folder}"
        for container in self.client.containers.list(all=True, filters={"label": label}):
            container.remove(force=True)

    def _create(self, job: Job) -> Container:
        return self.client.containers.create(
            job.image,
            list(job.command),
            entrypoint=[""],
            user=f"{os.getuid()}:{os.getgid()}",
            working_dir=str(job.folder),
            environment=self._environment(job),
            volumes=self._volumes(job),
            network_mode="host" if job.network else "none",
            shm_size=SHARED_MEMORY,
            labels={RUN_LABEL: str(job.run_folder), "ckgqa.task": job.task},
        )

    def _environment(self, job: Job) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name in INHERITED}
        return {"HOME": "/tmp", **inherited, **job.environment}  # noqa: S108 -- the caller has no home in the image

    def _volumes(self, job: Job) -> dict[str, dict[str, str]]:
        """Mount the run's folder, and what the job reads and writes elsewhere, under the same paths as outside."""
        shared = ",z" if any("selinux" in option for option in self.client.info().get("SecurityOptions") or []) else ""
        modes = {**dict.fromkeys(job.reads, "ro"), **dict.fromkeys((job.run_folder, *job.writes), "rw")}
        return {str(path): {"bind": str(path), "mode": mode + shared} for path, mode in modes.items()}

    def _follow(self, container: Container, on_line: OnLine) -> int:
        container.start()
        chunks = container.logs(stream=True, follow=True)
        try:
            for line in _lines(chunks):
                on_line(line)
        except BaseException:
            container.stop(timeout=int(self.grace_s))
            collections.deque(chunks, maxlen=0)  # read to its end, the stream closes its connection
            raise
        return int(container.wait()["StatusCode"])


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """Cut a stream of bytes into lines, whatever pieces it comes in."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in whole)
    if rest:
        yield rest.decode("utf-8", "replace")
