"""The images, the files that go into each, and the hash that identifies its program.

Every folder with a Dockerfile makes an image: those of images/, which several stages build FROM, and one per stage. A
stage whose Dockerfile names a SERVE_PARENT makes a second image, which serves a model without the training packages. An
image's hash covers its program alone: the Dockerfile, the files that the Dockerfile copies, and the hash of the image
that it builds FROM. READMEs, tests, contracts and the command line do not change it. The same hash pins the images of a
compiled pipeline, and a run in plain processes learns from it which steps a changed program affects.
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
from ckgqa.runtime.settings import refusal

REPOSITORY = "ckgqa"
HASH_CHARS = 16  # of a tag: 64 bits, far from any collision between the builds of one machine
BASE = "base"
# The parts of the package ckgqa that stages import.
SHARED_PARTS = (
    "__init__.py",
    "metrics.py",
    "runtime",
    "graph",
    "registry",
    "reporting",
    "serving",
    "training",
    "wording",
)
PARENT_LINE = re.compile(r"^ARG ((?:SERVE_)?PARENT)=(\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class ImageRole:
    """The part that an image plays among those of one Dockerfile."""

    argument: str
    """The build argument that names the image to build FROM."""
    target: str
    """The stage of the Dockerfile that is the image."""
    tests_target: str
    """The stage that runs its tests."""
    parts: tuple[str, ...]
    """The files of the folder that its build copies and its hash covers."""


# The serving stages come first in a Dockerfile, so that their build stops before the training packages; the build of
# the program passes through them and therefore needs their files.
PROGRAM = ImageRole("PARENT", "program", "test", ("Dockerfile", "requirements.txt", "requirements-serve.txt", "src"))
SERVE = ImageRole("SERVE_PARENT", "serve", "serve-test", ("Dockerfile", "requirements-serve.txt", "src"))


@dataclass(frozen=True)
class Image:
    """One image: its parent, its files, and the tag that follows from both."""

    name: str
    """As in its tag: a stage's name with hyphens."""
    parent: str
    """The image to build FROM: the name of another image of this project, or a reference to a public one."""
    parents: Mapping[str, str]
    """Every argument of its Dockerfile that names a parent -> the parent."""
    role: ImageRole
    """Which part of its Dockerfile it is."""
    of_stage: bool
    """Whether it is a stage's program, and not an image that several stages build FROM."""
    context: Mapping[str, Path]
    """The files that its build receives and its hash covers: name in the build context -> file."""
    tests: Mapping[str, Path]
    """The files that the stage `test` of its build receives in addition."""
    hash: str
    """SHA-256 in hex over the context and the parent's hash."""
    tests_hash: str
    """SHA-256 in hex over `hash` and the tests; a build in which they passed has it in its tag."""

    @property
    def repository(self) -> str:
        """The image's name without a tag, as contracts write it."""
        return f"{REPOSITORY}/{self.name}"

    @property
    def tag(self) -> str:
        """The name that pins exactly this program."""
        return f"{self.repository}:{self.hash[:HASH_CHARS]}"

    @property
    def tests_tag(self) -> str:
        """The name of the image in which this program's tests passed; it exists only if they passed."""
        return f"{self.repository}-tests:{self.tests_hash[:HASH_CHARS]}"


def plan_images(root: Path = ROOT, package: Path = Path(ckgqa.__file__).parent) -> dict[str, Image]:
    """Plan every image under `root`, each after the one that it builds FROM.

    Args:
        root: holds components/, images/ and constraints.txt.
        package: the folder of the package ckgqa, whose shared parts go into the base image.

    Returns:
        Image by name.

    Raises:
        InputError: a Dockerfile does not name the image to build FROM, or names a missing one of this project.
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
    """Return the names of the images that hold a stage's program."""
    return [name for name, image in images.items() if image.of_stage]


def image_name(stage: str) -> str:
    """Return the name of a stage's image: `train_casrel` -> `train-casrel`."""
    return stage.replace("_", "-")


def program_hash(stage: str) -> str:
    """Return the hash of a stage's program, including shared code and pinned packages; needs no Docker."""
    return plan_images()[image_name(stage)].hash


def pinned(repository: str) -> str:
    """Pin an image as a contract names it: `ckgqa/train-casrel` -> `ckgqa/train-casrel:0123456789abcdef`.

    Raises:
        InputError: no image of this project has this name.
    """
    by_repository = {image.repository: image for image in plan_images().values()}
    if repository not in by_repository:
        raise InputError(refusal("image", repository, f"one of {', '.join(by_repository)}"))
    return by_repository[repository].tag


def _plan(
    name: str, recipes: Mapping[str, tuple[Path, ImageRole]], root: Path, package: Path, images: dict[str, Image]
) -> Image:
    """Plan one image after its parent, and add both to `images`."""
    if name in images:
        return images[name]
    folder, role = recipes[name]
    parents = _parents(folder / "Dockerfile")
    parent, salt = parents[role.argument], ""
    if parent in recipes:
        salt = _plan(parent, recipes, root, package, images).hash
    if name == BASE:
        context = _base_context(folder, root, package)
        salt = version("ckgqa")  # the version of the wheel inside
    else:
        context = _files(folder, role.parts)
    tests = _files(folder, ("tests",))
    content_hash = _hash(f"{parent}\0{salt}", context)
    of_stage = folder.parent.name == "components"
    tests_hash = _hash(content_hash, tests)
    images[name] = Image(name, parent, parents, role, of_stage, context, tests, content_hash, tests_hash)
    return images[name]


def _parents(dockerfile: Path) -> dict[str, str]:
    """Read the parents of a Dockerfile's images: the defaults of its ARG PARENT and, if present, SERVE_PARENT."""
    if not dockerfile.is_file():
        raise InputError(f"{dockerfile}: missing; every stage has a Dockerfile")
    parents = dict(PARENT_LINE.findall(dockerfile.read_text(encoding="utf-8")))
    if PROGRAM.argument not in parents:
        raise InputError(f"{dockerfile}: expected a line `ARG PARENT=...` with the image to build FROM")
    known = {folder.name for folder in (dockerfile.parents[2] / "images").iterdir()}
    for argument, parent in parents.items():
        if parent.startswith(f"{REPOSITORY}/"):
            parents[argument] = parent.removeprefix(f"{REPOSITORY}/")
            if parents[argument] not in known:
                raise InputError(f"{dockerfile}: builds FROM {parent}, which is not in images/")
    return parents


def _base_context(folder: Path, root: Path, package: Path) -> dict[str, Path]:
    """Collect the files of the base image: its folder, the pinned versions, and the shared parts of ckgqa."""
    shared = {f"{package.name}/{name}": file for name, file in _files(package, SHARED_PARTS).items()}
    return {**_files(folder, ("Dockerfile", "pyproject.toml")), "constraints.txt": root / "constraints.txt", **shared}


def _files(folder: Path, parts: Iterable[str]) -> dict[str, Path]:
    """Map relative name to file for the named parts of `folder`, without caches, hidden files and READMEs."""
    files: dict[str, Path] = {}
    for part in parts:
        path = folder / part
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            name = file.relative_to(folder)
            hidden = any(piece == "__pycache__" or piece.startswith(".") for piece in name.parts)
            if file.is_file() and not hidden and file.suffix not in {".pyc", ".md"}:
                files[name.as_posix()] = file
    return files


def _hash(salt: str, files: Mapping[str, Path]) -> str:
    """Hash a string and the names and bytes of files, independent of their order."""
    digest = hashlib.sha256(f"{salt}\n".encode())
    for name, file in sorted(files.items()):
        digest.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
