"""Which images there are, what goes into each, and the hash that says whether it is still the same program.

An image is a folder with a Dockerfile: those of images/, which several stages build FROM, and one per stage. Its hash
covers what its program is made of and nothing else: the Dockerfile, the files that the Dockerfile takes, and the hash
of the image that it builds FROM. A README, a test, a contract or the command line is no part of it. The same hash pins
the images of a compiled pipeline and tells a run in plain processes which steps a changed program touches.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import ckgqa
from ckgqa.bundle import ROOT, find_stages
from ckgqa.runtime.errors import InputError

REPOSITORY = "ckgqa"
HASH_CHARS = 16  # of a tag: 64 bits, far from any collision between the builds of one machine
BASE = "base"
SHARED_PARTS = ("__init__.py", "runtime", "graph", "reporting", "training")  # of the package ckgqa: what stages import
PARENT_LINE = re.compile(r"^ARG PARENT=(\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Image:
    """One image: what it builds FROM, what goes in, and the tag that these two give it."""

    name: str
    """As in its tag: a stage's name with hyphens."""
    parent: str
    """What it builds FROM: the name of another image here, or a reference to a public one."""
    context: Mapping[str, Path]
    """What its build receives and its hash covers: name in the build's context -> file."""
    tests: Mapping[str, Path]
    """What the stage `test` of its build receives besides."""
    hash: str
    """SHA-256 in hex over the context and over what it builds FROM."""
    tests_hash: str
    """SHA-256 in hex over `hash` and the tests: equal to one that passed means passed."""

    @property
    def repository(self) -> str:
        """The image's name without a tag, as contracts give it."""
        return f"{REPOSITORY}/{self.name}"

    @property
    def tag(self) -> str:
        """The name that pins exactly this program."""
        return f"{self.repository}:{self.hash[:HASH_CHARS]}"

    @property
    def tests_tag(self) -> str:
        """The name of the image in which this program's tests passed; it exists only if they did."""
        return f"{self.repository}-tests:{self.tests_hash[:HASH_CHARS]}"


def plan_images(root: Path = ROOT, package: Path = Path(ckgqa.__file__).parent) -> dict[str, Image]:
    """Plan every image under `root`, each after the one that it builds FROM.

    Args:
        root: holds components/, images/ and constraints.txt.
        package: the folder of the package ckgqa, whose shared parts go into the base image.

    Returns:
        Image by name.

    Raises:
        InputError: a Dockerfile does not say what it builds FROM, or names an image of ours that is not there.
    """
    folders = {dockerfile.parent.name: dockerfile.parent for dockerfile in root.glob("images/*/Dockerfile")}
    folders |= {image_name(stage): root / "components" / stage for stage in find_stages(root)}
    images: dict[str, Image] = {}
    for name in sorted(folders):
        _plan(name, folders, root, package, images)
    return images


def image_name(stage: str) -> str:
    """Name a stage's image: `train_casrel` -> `train-casrel`."""
    return stage.replace("_", "-")


def program_hash(stage: str) -> str:
    """Return the hash of a stage's program, shared code and pinned packages included; needs no Docker."""
    return plan_images()[image_name(stage)].hash


def pinned(repository: str) -> str:
    """Pin an image as a contract names it: `ckgqa/train-casrel` -> `ckgqa/train-casrel:0123456789abcdef`.

    Raises:
        InputError: no image of ours has this name.
    """
    by_repository = {image.repository: image for image in plan_images().values()}
    if repository not in by_repository:
        raise InputError(f"there is no image {repository!r}; there are: {', '.join(by_repository)}")
    return by_repository[repository].tag


def _plan(name: str, folders: Mapping[str, Path], root: Path, package: Path, images: dict[str, Image]) -> Image:
    """Plan one image and, before it, what it builds FROM; both go into `images`."""
    if name in images:
        return images[name]
    folder = folders[name]
    parent, salt = _parent(folder / "Dockerfile"), ""
    if parent.startswith(f"{REPOSITORY}/"):
        parent = parent.removeprefix(f"{REPOSITORY}/")
        if parent not in folders:
            raise InputError(f"{folder}/Dockerfile: builds FROM {REPOSITORY}/{parent}, which is not in images/")
        salt = _plan(parent, folders, root, package, images).hash
    if name == BASE:
        context = _base_context(folder, root, package)
        salt = version("ckgqa")  # which the wheel inside carries
    else:
        context = _files(folder, ("Dockerfile", "requirements.txt", "src"))
    tests = _files(folder, ("tests",))
    content_hash = _hash(f"{parent}\0{salt}", context)
    images[name] = Image(name, parent, context, tests, content_hash, _hash(content_hash, tests))
    return images[name]


def _parent(dockerfile: Path) -> str:
    """Read what an image builds FROM: the default of its ARG PARENT."""
    if not dockerfile.is_file():
        raise InputError(f"{dockerfile}: missing; every stage has one")
    line = PARENT_LINE.search(dockerfile.read_text(encoding="utf-8"))
    if line is None:
        raise InputError(f"{dockerfile}: has no line `ARG PARENT=...`, which says what it builds FROM")
    return line[1]


def _base_context(folder: Path, root: Path, package: Path) -> dict[str, Path]:
    """Gather what the base image is made of: its folder, the pinned versions, and the shared parts of ckgqa."""
    shared = {f"{package.name}/{name}": file for name, file in _files(package, SHARED_PARTS).items()}
    return {**_files(folder, ("Dockerfile", "pyproject.toml")), "constraints.txt": root / "constraints.txt", **shared}


def _files(folder: Path, parts: Iterable[str]) -> dict[str, Path]:
    """Map relative name to file for the named parts of `folder`, without caches, hidden files and READMEs."""
    found: dict[str, Path] = {}
    for part in parts:
        path = folder / part
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            name = file.relative_to(folder)
            hidden = any(piece == "__pycache__" or piece.startswith(".") for piece in name.parts)
            if file.is_file() and not hidden and file.suffix not in {".pyc", ".md"}:
                found[name.as_posix()] = file
    return found


def _hash(salt: str, files: Mapping[str, Path]) -> str:
    """Hash names and bytes of files, whatever their order, after a string."""
    digest = hashlib.sha256(f"{salt}\n".encode())
    for name, file in sorted(files.items()):
        digest.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
