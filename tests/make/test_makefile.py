"""The Makefile, without running a target: its help, its independence of one machine, and the stages' environments."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ckgqa.bundle import STAGES

ROOT = Path(__file__).parents[2]
TRAINING = {"train_casrel", "train_jointbert"}
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/\)])/[a-z]\w*")
ADDRESS = re.compile(r"\w+://[\w.:/-]+")


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """Copy to an empty folder the files that the Makefile reads."""
    for path in [ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / "constraints.txt"]:
        shutil.copy(path, tmp_path)
    for path in [*ROOT.glob("components/*/component.py"), *ROOT.glob("components/*/**/requirements.txt")]:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return tmp_path


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make without the variables of a make around this test."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "TORCH"))}
    return subprocess.run(
        ["make", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def dry_run(folder: Path, *words: str) -> str:
    """Return the commands that make would run."""
    done = make(folder, "-n", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_help_lists_every_target(fresh: Path) -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = TARGET.findall(text)
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony
    listed = [line.split()[0] for line in make(fresh, "help").stdout.splitlines()]
    assert listed == targets
    assert sorted(phony[1].split()) == sorted(targets)
    assert make(fresh).stdout == make(fresh, "help").stdout


@pytest.mark.parametrize("words", [["demo"], ["test"], ["test", "REQUIRE=all"], ["nightly"], ["test", "STAGE=answer"]])
def test_a_fresh_checkout_names_no_path_and_no_index_of_one_machine(fresh: Path, words: list[str]) -> None:
    commands = dry_run(fresh, *words)
    assert " -m venv " in commands
    assert ABSOLUTE_PATH.findall(commands) == []
    assert set(ADDRESS.findall(commands)) <= {"http://127.0.0.1:8000"}


def test_torch_is_installed_alone_before_everything_else(fresh: Path) -> None:
    lines = dry_run(fresh, "demo").splitlines()
    installations = [line for line in lines if " pip install " in line]
    assert "ckgqa.images.torch_source" in installations[0]
    assert installations[0].endswith("-c constraints.txt $source")
    assert all("torch" not in line for line in installations[1:])


def test_another_value_of_torch_installs_the_other_build(fresh: Path) -> None:
    assert "touch .venv/.torch-default" in dry_run(fresh, "demo")
    assert "touch .venv/.torch-cuda" in dry_run(fresh, "demo", "TORCH=cuda")


@pytest.mark.parametrize("stage", STAGES)
def test_one_stage_is_tested_in_an_environment_of_its_own(fresh: Path, stage: str) -> None:
    commands = dry_run(fresh, "test", f"STAGE={stage}")
    folder = f"build/venvs/{stage}"
    assert f"-m venv {folder} " in commands
    assert f" -e . -r components/{stage}/requirements.txt -r components/{stage}/tests/requirements.txt" in commands
    assert ("torch_source" in commands) == (stage in TRAINING)
    assert f"{folder}/bin/python -m pytest" in commands
    assert f"testpaths=components/{stage}" in commands
    assert ".venv/" not in commands


def test_one_stage_and_all_stages_leave_out_the_same_marks(fresh: Path) -> None:
    marks = [re.search(r'-m "(not .*)"', dry_run(fresh, "test", *words)) for words in ([], ["STAGE=answer"])]
    assert marks[0][1] == marks[1][1]
    assert {"gpu", "slow", "nightly"} <= set(re.findall(r"not (\w+)", marks[0][1]))


def test_an_unknown_stage_is_rejected_with_the_list(fresh: Path) -> None:
    done = make(fresh, "test", "STAGE=notfy")
    assert done.returncode == 2
    assert f"STAGE notfy: expected one of {' '.join(STAGES)}" in done.stderr
