"""The checks that take too long for every change: fresh environments, a first run, and the public indexes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ckgqa.bundle import STAGES
from ckgqa.images.torch_source import CPU_INDEX, choose_torch, find_versions, pinned_version

sys.path.insert(0, str(Path(__file__).parents[1] / "images"))
from package_index import resolve

ROOT = Path(__file__).parents[2]
TRAINING = {"train_casrel", "train_jointbert"}
pytestmark = [pytest.mark.nightly, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clone the repository: the files as they are committed, and no environment."""
    folder = tmp_path_factory.mktemp("clone") / "ckgqa"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, folder], check=True)
    return folder


def make(folder: Path, *words: str) -> str:
    """Run make in the clone, without the variables of a make around this test, and return its output."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", f"PYTHON={sys.executable}", *words],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_passes_its_tests_in_an_environment_of_its_own(clone: Path, stage: str) -> None:
    printed = make(clone, "test", f"STAGE={stage}")
    assert " passed" in printed
    assert not (clone / ".venv").exists()
    (packages,) = (clone / "build/venvs" / stage / "lib").glob("python3*/site-packages")
    assert (packages / "torch").exists() == (stage in TRAINING)


def test_the_demonstration_answers_its_questions(clone: Path) -> None:
    printed = make(clone, "demo")
    assert "冯小刚" in printed  # who directed 《一九四二》
    assert "徐帆" in printed  # and whom he is married to


@pytest.mark.parametrize("build", ["cpu", "cuda"])
def test_the_public_indexes_hold_both_builds(monkeypatch: pytest.MonkeyPatch, build: str) -> None:
    """pip reads no configuration of this machine here, other than its certificates."""
    for name in [name for name in os.environ if name.startswith("PIP_") and name != "PIP_CERT"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    if build == "cpu" and not find_versions(("--no-index", "--find-links", f"{CPU_INDEX}/torch/")):
        pytest.skip(f"{CPU_INDEX} does not answer")
    source = choose_torch(pinned_version(), build)
    version, address = resolve(source.pip_arguments, sys.executable, "--ignore-installed")["torch"]
    assert version == {"cpu": f"{pinned_version()}+cpu", "cuda": pinned_version()}[build]
    assert ("pytorch.org" in address) == (build == "cpu")
