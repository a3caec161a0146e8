"""The packages of the stage form layers: each imports only those below it, so that there is no cycle."""

import ast
import importlib
from pathlib import Path

import pytest

STAGE = "ckgqa_train_jointbert"
LAYERS = ("settings", "data", "model", "inference", "evaluation", "training", "export", "serving")


def imported_packages(file: Path) -> set[str]:
    """Return the packages of the stage that a module imports, anywhere in it."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    names = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.split(".")[1] for name in names if name.startswith(f"{STAGE}.")}


@pytest.mark.parametrize("package", LAYERS[1:])
def test_a_package_imports_only_lower_layers(package: str):
    (folder,) = importlib.import_module(f"{STAGE}.{package}").__path__
    allowed = set(LAYERS[: LAYERS.index(package) + 1])
    for file in Path(folder).glob("*.py"):
        assert imported_packages(file) <= allowed, file
