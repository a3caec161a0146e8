"""Run a task in a container, without the traps of KFP's own DockerRunner.

KFP's runner lets the engine remove the container and takes a container that vanished for a success, keeps the entry
point of the image, and runs as the user of the image, who cannot write to the caller's folders. This executor creates
a container, starts it, follows its log to the end, reads its exit code, and then removes it.
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

from ckgqa.execution.compilation import ir
from ckgqa.execution.local.executor import GRACE_S, JobSpec, OnLine
from ckgqa.images.engine import is_there
from ckgqa.runtime.errors import InputError, ServiceError

RUN_LABEL = "ckgqa.run"
SHARED_MEMORY = "1g"
"""Data loaders of torch pass batches through /dev/shm, for which Docker's default of 64 MB is too small."""

INHERITED = {"OMP_NUM_THREADS", "OMP_WAIT_POLICY"}
"""Variables of the caller that hold for every stage, also in containers."""


@dataclass(frozen=True)
class DockerExecutor:
    """Runs jobs in containers."""

    client: DockerClient
    """Client of the Docker engine."""
    program_hash: Callable[[str], str]
    """Returns the hash of the program of the stage with this name."""
    pin: Callable[[str], str]
    """Returns the name of an image with the tag of a build from the sources here."""
    grace_s: float = GRACE_S

    def program(self, image: str) -> str:
        """Return the hash of the stage's sources if the image was built from them, otherwise the image's own tag."""
        try:
            ours = self.pin(image.removesuffix(ir.tag_of(image)).rstrip(":@")) == image
        except InputError:  # not a stage of ours: its tag or digest identifies it
            ours = False
        return self.program_hash(ir.stage_of(image)) if ours else image

    def run(self, job: JobSpec, on_line: OnLine) -> int:
        """Run the job in a container as the caller's user, without a network unless it needs one."""
        if not is_there(self.client, job.image):
            raise ServiceError(
                f"{job.task}: the engine does not have the image {job.image}; build it with `ckgqa images build`, "
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

    def _create(self, job: JobSpec) -> Container:
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

    def _environment(self, job: JobSpec) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name in INHERITED}
        return {"HOME": "/tmp", **inherited, **job.environment}  # noqa: S108 -- the caller has no home in the image

    def _volumes(self, job: JobSpec) -> dict[str, dict[str, str]]:
        """Mount the run's folder, and what the job reads and writes elsewhere, under the same paths as on the host."""
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
    """Split a stream of byte chunks into lines."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in whole)
    if rest:
        yield rest.decode("utf-8", "replace")
