"""A stage's requirement files name everything that the stage and its tests import."""

import ast
import re
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from ckgqa.bundle import STAGES

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"^[\w.-]+")
SHARED = "annotated-types"  # what ckgqa itself needs without extras


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def with_dependencies(name: str) -> frozenset[str]:
    """Return a package and everything that it brings along on this machine."""
    packages, new = {name}, [name]
    while new:
        try:
            lines = requires(new.pop()) or []
        except PackageNotFoundError:  # for another platform
            continue
        needed = [one for one in map(Requirement, lines) if one.marker is None or one.marker.evaluate({"extra": ""})]
        names = {normalized(requirement.name) for requirement in needed} - packages
        packages |= names
        new += names
    return frozenset(packages)


def required(*files: Path) -> set[str]:
    """Return the packages that the files name and what these bring along."""
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    names = {normalized(found[0]) for found in map(NAME.match, lines) if found} | {SHARED}
    return {package for name in names for package in with_dependencies(name)}


def imported(folder: Path) -> dict[str, str]:
    """Return the top-level modules that a folder's files import from elsewhere -> one of these files."""
    modules: dict[str, str] = {}
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            modules |= {name.partition(".")[0]: file.relative_to(ROOT).as_posix() for name in names}
    own = {path.stem for path in folder.rglob("*.py")} | {path.name for path in folder.rglob("*") if path.is_dir()}
    return {name: file for name, file in modules.items() if name not in sys.stdlib_module_names and name not in own}


def missing(stage: str, folder: Path, *files: Path) -> dict[str, str]:
    """Return the modules that no requirement brings -> a file that imports each."""
    packages = required(*files)
    distributions = packages_distributions()
    ours = {"ckgqa", f"ckgqa_{stage}"}
    return {
        name: file
        for name, file in imported(folder).items()
        if name not in ours and not packages & {normalized(one) for one in distributions.get(name, [])}
    }


@pytest.mark.parametrize("stage", STAGES)
def test_the_program_imports_what_it_requires(stage: str) -> None:
    folder = ROOT / "components" / stage
    assert missing(stage, folder / "src", folder / "requirements.txt") == {}


@pytest.mark.parametrize("stage", STAGES)
def test_the_tests_import_what_they_require_and_their_own_folder(stage: str) -> None:
    folder = ROOT / "components" / stage
    files = [folder / "requirements.txt", *sorted((folder / "tests").rglob("requirements.txt"))]
    apart = missing(stage, folder / "tests", *files)
    if apart.pop("components", None):  # the pictures run as a module of the checkout
        assert_only_own_folder(stage)
    assert apart == {}


def assert_only_own_folder(stage: str) -> None:
    for file in (ROOT / "components" / stage / "tests").rglob("*.py"):
        for name in re.findall(r"(?:from|import) components\.(\w+)", file.read_text(encoding="utf-8")):
            assert name == stage, file


def test_a_tests_requirements_include_pytest_and_the_timeout() -> None:
    for stage in STAGES:
        lines = (ROOT / "components" / stage / "tests/requirements.txt").read_text(encoding="utf-8").splitlines()
        assert {"pytest", "pytest-timeout"} <= set(lines)
        assert lines == sorted(lines)
