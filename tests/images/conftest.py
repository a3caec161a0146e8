"""A copy of everything that images are made of, to be changed at will."""

import shutil
from pathlib import Path

import pytest

import ckgqa
from ckgqa.bundle import ROOT


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Copy components/, images/ and constraints.txt."""
    root = tmp_path / "root"
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("components", "images"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    shutil.copy(ROOT / "constraints.txt", root)
    return root


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Copy the package ckgqa without the bundle."""
    return Path(
        shutil.copytree(
            Path(ckgqa.__file__).parent, tmp_path / "ckgqa", ignore=shutil.ignore_patterns("__pycache__", "bundle")
        )
    )
