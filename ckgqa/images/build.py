"""Build images in the order in which they stand on each other, and only those whose content changed."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import docker

from ckgqa.bundle import ROOT
from ckgqa.bundle.checkout import commit
from ckgqa.images.context import TORCH_CPU, archived, torch_wheel
from ckgqa.images.engine import HASH_LABEL, is_there, size
from ckgqa.images.plan import BASE, PROGRAM, Image, image_name, stage_images
from ckgqa.runtime.errors import InputError, ServiceError, StageError

STEP = re.compile(r"^Step (\d+)/(\d+) : (.*)")
LAST_LINES = 25  # of a failing step's output: enough for a traceback
# What the engine and pip say when the machine or the network refuses, not the Dockerfile or a test.
REFUSALS = (
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
"""Hears of each step: image's name, number of the step, number of steps, its instruction."""


@dataclass(frozen=True)
class Built:
    """One image that is there now."""

    image: Image
    state: Literal["built", "tested", "up to date"]
    """Up to date: nothing was done. Tested: the image stood, and its tests, which had changed, passed."""
    size_bytes: int
    """With everything that it builds FROM."""
    own_bytes: int
    """Without what it shares with the image that it builds FROM."""
    seconds: float


@dataclass(frozen=True)
class Options:
    """How to build."""

    tests: bool = True
    """Run each stage's tests in its build; its image is named only when they pass."""
    torch_wheel: Path | None = None
    """torch's CPU wheel; None lets pip find it."""
    rebuild: bool = False
    """Build even what is up to date, without the engine's cache: for news of the public image."""


@dataclass(frozen=True)
class Goal:
    """What one build of a Dockerfile is for."""

    parents: Mapping[str, str]
    """Build argument -> the image that is built FROM."""
    tag: str
    """The name of the result."""
    target: str | None
    """The stage to build; None is the last."""
    no_cache: bool
    """Run every step again."""


def select(names: Iterable[str], images: Mapping[str, Image]) -> list[Image]:
    """Choose the named images, or those of all stages, with everything that they build FROM, in order.

    Raises:
        InputError: no image has this name.
    """
    chosen: set[str] = set()
    for name in [image_name(name) for name in names] or stage_images(images):
        if name not in images:
            raise InputError(f"there is no image {name!r}; there are: {', '.join(images)}")
        link = name
        while link in images:
            chosen.add(link)
            link = images[link].parent
    return [image for name, image in images.items() if name in chosen]


def build_images(
    client: docker.DockerClient, chosen: Iterable[Image], images: Mapping[str, Image], options: Options, report: Report
) -> Iterator[Built]:
    """Build the chosen images one by one; each is given as soon as it is there.

    Raises:
        InputError: the torch wheel is a CUDA build.
        ServiceError: the machine or the network refused.
        StageError: a step failed, the stage's tests for instance; the message holds its last lines.
    """
    for image in chosen:
        started = time.monotonic()
        parents = {
            argument: images[parent].tag if parent in images else parent for argument, parent in image.parents.items()
        }
        state = _bring_up_to_date(client, image, parents, options, report)
        found = client.images.get(image.tag)
        found.tag(image.repository, "latest")
        own = size(client, image.tag) - size(client, parents[image.role.argument])
        yield Built(image, state, size(client, image.tag), own, time.monotonic() - started)


def _bring_up_to_date(
    client: docker.DockerClient, image: Image, parents: Mapping[str, str], options: Options, report: Report
) -> Literal["built", "tested", "up to date"]:
    """Build an image and run its tests, each only where it was not done for exactly this content."""
    test = options.tests and bool(image.tests) and (options.rebuild or not is_there(client, image.tests_tag))
    build = options.rebuild or not is_there(client, image.tag)
    if not (test or build):
        return "up to date"
    with _context(client, image, options) as files:
        if test:
            goal = Goal(parents, image.tests_tag, image.role.tests_target, options.rebuild)
            _build(client, image, files, goal, report)
        if build:
            # After the tests everything is in the engine's cache; without them the build must stop before them.
            target = None if test and image.role is PROGRAM else image.role.target
            _build(client, image, files, Goal(parents, image.tag, target, options.rebuild and not test), report)
    return "built" if build else "tested"


@contextmanager
def _context(client: docker.DockerClient, image: Image, options: Options) -> Iterator[Mapping[str, Path]]:
    """Give the files of a build: the image's own, its tests, and torch's wheel where it takes one."""
    files = {**image.context, **image.tests}
    if image.name != TORCH_CPU:
        yield files
        return
    with torch_wheel(_torch_pin(), client.version()["Arch"], options.torch_wheel) as wheel:
        yield {**files, f"wheels/{wheel.name}": wheel}


def _torch_pin() -> str:
    """Read torch's exact version from constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("torch=="))


def _labels(image: Image) -> dict[str, str]:
    """Label an image with its origin, which varies by commit and is therefore no part of the hash."""
    labels = {HASH_LABEL: image.hash, "org.opencontainers.image.version": version("ckgqa")}
    revision = commit()
    return labels | ({"org.opencontainers.image.revision": revision} if revision else {})


def _build(client: docker.DockerClient, image: Image, files: Mapping[str, Path], goal: Goal, report: Report) -> None:
    """Run one build, telling `report` of each step; raise with the failing step's last lines."""
    arguments = {**goal.parents} | ({"CKGQA_VERSION": version("ckgqa")} if image.name == BASE else {})
    instruction, output = "sending the files", ""
    with archived(files) as archive:
        events = client.api.build(
            fileobj=archive,
            custom_context=True,
            tag=goal.tag,
            target=goal.target,
            nocache=goal.no_cache,
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
    """Make the error of a failed step: whose fault it is decides the exit code."""
    lines = "\n".join([*output.strip().splitlines()[-LAST_LINES:], error.strip()])
    message = f"{image.tag} was not built; this step failed: {instruction}\n{lines}"
    refused = any(words in lines for words in REFUSALS)
    return ServiceError(message) if refused else StageError(message)
