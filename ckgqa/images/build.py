"""Build the images whose content changed, each after the one that it builds FROM."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import docker

from ckgqa.bundle.checkout import commit
from ckgqa.images.context import archived
from ckgqa.images.engine import HASH_LABEL, is_there, size
from ckgqa.images.plan import BASE, PROGRAM, Image, image_name, stage_images
from ckgqa.images.torch_source import pinned_version
from ckgqa.images.torch_wheel import TORCH_CPU, torch_wheel
from ckgqa.runtime.errors import InputError, ServiceError, StageError
from ckgqa.runtime.settings import refusal

STEP = re.compile(r"^Step (\d+)/(\d+) : (.*)")
LAST_LINES = 25  # of a failing step's output: enough for a traceback
# Messages of the engine and of pip about the machine or the network, and not about the Dockerfile or a test.
ENVIRONMENT_ERRORS = (
    "no space left on device",
    "pull access denied",
    "failed to resolve",
    "dial tcp",
    "i/o timeout",
    "TLS handshake timeout",
    "NewConnectionError",
    "ReadTimeoutError",
    "Temporary failure in name resolution",
    "toomanyrequests",
)

Report = Callable[[str, int, int, str], None]
"""Receives each step: the image's name, the number of the step, the number of steps, the instruction."""


@dataclass(frozen=True)
class BuiltImage:
    """An image that the engine holds after its build."""

    image: Image
    state: Literal["built", "tested", "up to date"]
    """Up to date: nothing was done. Tested: the image existed, and its changed tests passed."""
    size_bytes: int
    """Including the image that it builds FROM."""
    own_bytes: int
    """Excluding the image that it builds FROM."""
    seconds: float


@dataclass(frozen=True)
class BuildOptions:
    """The options of `ckgqa images build`."""

    tests: bool = True
    """Run each stage's tests in its build; its image gets its tag only if they pass."""
    torch_wheel: Path | None = None
    """A wheel of torch's CPU build; None lets pip download one."""
    rebuild: bool = False
    """Build every image without the engine's cache, to take a newer public image."""


@dataclass(frozen=True)
class DockerBuild:
    """The parameters of one `docker build`."""

    parents: Mapping[str, str]
    """Build argument -> the image to build FROM."""
    tag: str
    """The tag of the result."""
    target: str | None
    """The stage of the Dockerfile to build; None is the last."""
    no_cache: bool
    """Run every step, even if the engine has its result in its cache."""


def select_images(names: Iterable[str], images: Mapping[str, Image]) -> list[Image]:
    """Select the named images, or those of all stages, with everything that they build FROM, in build order.

    Raises:
        InputError: no image has this name.
    """
    chosen: set[str] = set()
    for name in [image_name(name) for name in names] or stage_images(images):
        if name not in images:
            raise InputError(refusal("NAMES", name, f"one of {', '.join(images)}"))
        link = name
        while link in images:
            chosen.add(link)
            link = images[link].parent
    return [image for name, image in images.items() if name in chosen]


def build_images(
    client: docker.DockerClient,
    chosen: Iterable[Image],
    images: Mapping[str, Image],
    options: BuildOptions,
    report: Report,
) -> Iterator[BuiltImage]:
    """Build the chosen images in order and yield each when it is ready.

    Raises:
        InputError: the torch wheel is a CUDA build.
        ServiceError: the machine or the network failed, or no wheel of torch is within reach.
        StageError: a step failed, for example the stage's tests; the message holds its last lines.
    """
    for image in chosen:
        started = time.monotonic()
        parents = {
            argument: images[parent].tag if parent in images else parent for argument, parent in image.parents.items()
        }
        state = _update(client, image, parents, options, report)
        client.images.get(image.tag).tag(image.repository, "latest")
        own = size(client, image.tag) - size(client, parents[image.role.argument])
        yield BuiltImage(image, state, size(client, image.tag), own, time.monotonic() - started)


def _update(
    client: docker.DockerClient, image: Image, parents: Mapping[str, str], options: BuildOptions, report: Report
) -> Literal["built", "tested", "up to date"]:
    """Build an image and run its tests, unless that was done for exactly this content."""
    test = options.tests and bool(image.tests) and (options.rebuild or not is_there(client, image.tests_tag))
    build = options.rebuild or not is_there(client, image.tag)
    if not (test or build):
        return "up to date"
    with _context(client, image, options) as files:
        if test:
            tests_build = DockerBuild(parents, image.tests_tag, image.role.tests_target, options.rebuild)
            _build(client, image, files, tests_build, report)
        if build:
            # After the tests every step is in the engine's cache; without tests the build must stop before them.
            target = None if test and image.role is PROGRAM else image.role.target
            program_build = DockerBuild(parents, image.tag, target, options.rebuild and not test)
            _build(client, image, files, program_build, report)
    return "built" if build else "tested"


@contextmanager
def _context(client: docker.DockerClient, image: Image, options: BuildOptions) -> Iterator[Mapping[str, Path]]:
    """Yield the files of a build: the image's own, its tests, and for torch-cpu the wheel of torch."""
    files = {**image.context, **image.tests}
    if image.name != TORCH_CPU:
        yield files
        return
    with torch_wheel(pinned_version(), client.version()["Arch"], options.torch_wheel) as wheel:
        yield {**files, f"wheels/{wheel.name}": wheel}


def _labels(image: Image) -> dict[str, str]:
    """Return the labels of an image's origin, which vary by commit and are therefore not part of the hash."""
    labels = {HASH_LABEL: image.hash, "org.opencontainers.image.version": version("ckgqa")}
    revision = commit()
    return labels | ({"org.opencontainers.image.revision": revision} if revision else {})


def _build(
    client: docker.DockerClient, image: Image, files: Mapping[str, Path], docker_build: DockerBuild, report: Report
) -> None:
    """Run one build and report each step; raise an error with the last lines of a step that fails."""
    arguments = {**docker_build.parents} | ({"CKGQA_VERSION": version("ckgqa")} if image.name == BASE else {})
    instruction, output = "sending the files", ""
    with archived(files) as archive:
        events = client.api.build(
            fileobj=archive,
            custom_context=True,
            tag=docker_build.tag,
            target=docker_build.target,
            nocache=docker_build.no_cache,
            buildargs=arguments,
            labels=_labels(image),
            network_mode="host",
            rm=True,
            forcerm=True,
            decode=True,
        )
        for event in events:
            if "error" in event:
                raise _failure(image, instruction, output, event["error"])
            text = event.get("stream", "")
            step = STEP.match(text)
            if step:
                instruction, output = step[3].strip(), ""
                report(image.name, int(step[1]), int(step[2]), instruction)
            else:
                output += text


def _failure(image: Image, instruction: str, output: str, error: str) -> StageError:
    """Make the error of a failed step: a ServiceError if the machine or the network is the cause."""
    lines = "\n".join([*output.strip().splitlines()[-LAST_LINES:], error.strip()])
    message = f"{image.tag} was not built; this step failed: {instruction}\n{lines}"
    from_environment = any(words in lines for words in ENVIRONMENT_ERRORS)
    return ServiceError(message) if from_environment else StageError(message)
