"""The private points of MiniStack, in localaws' own environment."""

import os
import subprocess

import pytest
from localaws.base import PRIVATE_POINTS

from .server import SOURCES

MOVE = {
    "gone": "del module.enforce",
    "other parameters": "module.enforce = lambda key: None",
}


def check(python: str, change: str = "") -> subprocess.CompletedProcess[str]:
    """Check the points in a process of their own, after a change to `ministack.core.iam_evaluator`."""
    code = (
        "import ministack.core.iam_evaluator as module\n"
        f"{change}\n"
        "from localaws.base import check_private_points\n"
        "check_private_points()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=False, env=environment)


def test_every_point_stands(python):
    assert check(python).stderr == ""


@pytest.mark.parametrize("change", MOVE.values(), ids=MOVE.keys())
def test_a_point_that_moves_is_named(python, change):
    done = check(python, change)
    assert done.returncode == 1
    assert "these points have moved: ministack.core.iam_evaluator:enforce" in done.stderr


def test_another_version_is_refused(python):
    done = check(python, "from importlib import metadata; metadata.version = lambda name: '1.6.0'")
    assert "MiniStack 1.6.0 is installed, localaws needs 1.5.33" in done.stderr


def test_no_other_module_reaches_ministack():
    files = [file for file in SOURCES.rglob("*.py") if file.name != "base.py"]
    assert len(files) > 50
    assert [
        file for file in files if "import ministack" in (text := file.read_text()) or "from ministack" in text
    ] == []
    assert all(point.startswith("ministack.") for point in PRIVATE_POINTS)
