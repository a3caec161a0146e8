"""A copy of the images' files that a test may change, and a local stand-in for the package indexes."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ckgqa
from ckgqa.bundle import ROOT
from ckgqa.images import torch_source

sys.path.insert(0, str(Path(__file__).parent))
from package_index import PackageIndex, package_index


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


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PackageIndex]:
    """Configure pip and the choice for the local server alone, on a machine without a GPU."""
    for name in [name for name in os.environ if name.startswith("PIP_") or name == "TORCH"]:
        monkeypatch.delenv(name)
    with package_index(tmp_path / "index") as served:
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
        monkeypatch.setenv("PIP_INDEX_URL", served.pypi)
        monkeypatch.setenv("TORCH_CPU_INDEX", served.cpu)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(torch_source, "has_nvidia_gpu", lambda: False)
        yield served


@pytest.fixture
def gpu(index: PackageIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_source, "has_nvidia_gpu", lambda: True)
