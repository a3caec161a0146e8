""".ci/run, with stand-ins for make and the services: its table of times, its exit code, and what it stops."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^(\w+) +\d+ s(?:  (.*))?$", re.MULTILINE)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy .ci/run, and put a `make` on the path that notes its words and fails for the target in FAILS."""
    checkout = tmp_path / "checkout"
    (checkout / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci/run", checkout / ".ci")
    program(tmp_path / "bin/make", f'echo "$*" >> {tmp_path}/calls; [ "$1" != "$FAILS" ] || exit 3')
    return checkout


def program(file: Path, script: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def run(checkout: Path, fails: str = "") -> tuple[int, dict[str, str], list[str]]:
    """Return the exit code, the rows of the table, and the calls of the stand-ins."""
    environment = {"PATH": f"{checkout.parent}/bin:{os.environ['PATH']}", "FAILS": fails}
    done = subprocess.run(
        [checkout / ".ci/run"], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    table = done.stdout[done.stdout.index("part ") :]
    return done.returncode, dict(ROW.findall(table)), (checkout.parent / "calls").read_text().splitlines()


def test_the_table_has_every_part(checkout: Path) -> None:
    code, table, calls = run(checkout)
    assert code == 0
    assert table == {**dict.fromkeys(("environment", "lint", "types", "test"), "passed"), "total": ""}
    assert calls == [".venv/.dev", "lint", "types", "test REQUIRE=all"]


def test_a_part_that_fails_ends_the_run_with_its_code_and_the_table(checkout: Path) -> None:
    code, table, calls = run(checkout, fails="types")
    assert code == 3
    assert table == {"environment": "passed", "lint": "passed", "types": "failed (3)", "total": ""}
    assert calls[-1] == "types"


def test_services_are_started_before_the_tests_and_stopped_after_a_failure(checkout: Path) -> None:
    calls = checkout.parent / "calls"
    program(checkout.parent / "bin/dpkg", "exit 0")
    program(checkout.parent / "shared/ci/docker.sh", f'echo "docker $*" >> {calls}')
    program(checkout.parent / "shared/ci/gremlin-server.sh", f'echo "gremlin $*" >> {calls}; echo "ws://$3"')
    code, table, noted = run(checkout, fails="test")
    assert code == 3
    assert list(table) == ["packages", "docker", "gremlin", "environment", "lint", "types", "test", "total"]
    assert noted[:3] == ["docker up", "gremlin up 3.7 8182", "gremlin up 3.8 8183"]
    assert noted[-2:] == ["gremlin down 8182", "gremlin down 8183"]
    assert not [call for call in noted if "nightly" in call]
