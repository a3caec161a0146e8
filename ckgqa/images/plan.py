"""Which images there are, what goes into each, and the hash that says whether it is still the same program.

An image is a folder with a Dockerfile: those of images/, which several stages build FROM, and one per stage; a stage
whose Dockerfile names a SERVE_PARENT has a second one, that serves without what trains. An image's hash covers what its
program is made of and nothing else: the Dockerfile, the files that the Dockerfile takes, and the hash of the image that
it builds FROM. A README, a test, a contract or the command line is no part of it. The same hash pins the images of a
compiled pipeline and tells a run in plain processes which steps a changed program touches.
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
# Of the package ckgqa: what stages import.
SHARED_PARTS = ("__init__.py", "runtime", "graph", "registry", "reporting", "serving", "training")
PARENT_LINE = re.compile(r"^ARG ((?:SERVE_)?PARENT)=(\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Role:
    """One of the images that a Dockerfile can make."""

    argument: str
    """The argument that names what it builds FROM."""
    target: str
    """The stage of the Dockerfile that is the image."""
    tests_target: str
    """The stage that runs its tests."""
    parts: tuple[str, ...]
    """What its build takes of the folder, and its hash covers."""


# The serving stages stand first in a Dockerfile, so that their build stops before anything that trains; the build of
# the program passes through them, and so needs their files.
PROGRAM = Role("PARENT", "program", "test", ("Dockerfile", "requirements.txt", "requirements-serve.txt", "src"))
SERVE = Role("SERVE_PARENT", "serve", "serve-test", ("Dockerfile", "requirements-serve.txt", "src"))


@dataclass(frozen=True)
class Image:
    """One image: what it builds FROM, what goes in, and the tag that these two give it."""

    name: str
    """As in its tag: a stage's name with hyphens."""
    parent: str
    """What it builds FROM: the name of another image here, or a reference to a public one."""
    parents: Mapping[str, str]
    """Every argument of its Dockerfile that names such a parent -> the parent."""
    role: Role
    """Which part of its Dockerfile it is."""
    of_stage: bool
    """Whether it is a stage's program, and not what several stages build FROM."""
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
    recipes = {file.parent.name: (file.parent, PROGRAM) for file in root.glob("images/*/Dockerfile")}
    for stage in find_stages(root):
        folder = root / "components" / stage
        recipes[image_name(stage)] = folder, PROGRAM
        if SERVE.argument in _parents(folder / "Dockerfile"):
            recipes[f"{image_name(stage)}-serve"] = folder, SERVE
    images: dict[str, Image] = {}
    for name in sorted(recipes):
        _plan(name, recipes, root, package, images)
    return images


def stage_images(images: Mapping[str, Image]) -> list[str]:
    """Name the images that are a stage's program and not what others build FROM."""
    return [name for name, image in images.items() if image.of_stage]


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


def _plan(
    name: str, recipes: Mapping[str, tuple[Path, Role]], root: Path, package: Path, images: dict[str, Image]
) -> Image:
    """Plan one image and, before it, what it builds FROM; both go into `images`."""
    if name in images:
        return images[name]
    folder, role = recipes[name]
    parents = _parents(folder / "Dockerfile")
    parent, salt = parents[role.argument], ""
    if parent in recipes:
        salt = _plan(parent, recipes, root, package, images).hash
    if name == BASE:
        context = _base_context(folder, root, package)
        salt = version("ckgqa")  # which the wheel inside carries
    else:
        context = _files(folder, role.parts)
    tests = _files(folder, ("tests",))
    content_hash = _hash(f"{parent}\0{salt}", context)
    of_stage = folder.parent.name == "components"
    tests_hash = _hash(content_hash, tests)
    images[name] = Image(name, parent, parents, role, of_stage, context, tests, content_hash, tests_hash)
    return images[name]


def _parents(dockerfile: Path) -> dict[str, str]:
    """Read what the images of a Dockerfile build FROM: the defaults of its ARG PARENT and, perhaps, SERVE_PARENT."""
    if not dockerfile.is_file():
        raise InputError(f"{dockerfile}: missing; every stage has one")
    found = dict(PARENT_LINE.findall(dockerfile.read_text(encoding="utf-8")))
    if PROGRAM.argument not in found:
        raise InputError(f"{dockerfile}: has no line `ARG PARENT=...`, which says what it builds FROM")
    here = {folder.name for folder in (dockerfile.parents[2] / "images").iterdir()}
    for argument, parent in found.items():
        if parent.startswith(f"{REPOSITORY}/"):
            found[argument] = parent.removeprefix(f"{REPOSITORY}/")
            if found[argument] not in here:
                raise InputError(f"{dockerfile}: builds FROM {parent}, which is not in images/")
    return found


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
