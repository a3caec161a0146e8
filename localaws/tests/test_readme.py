"""The commands of the README's "A first job" run as they stand, in the order in which they stand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conformance.foreign import clients_python

pytestmark = pytest.mark.docker

README = Path(__file__).parents[1] / "README.md"


def test_the_first_job(shared, tmp_path):
    if shared.runs():
        shared.stop()
    section = README.read_text().partition("## A first job")[2].partition("\n## ")[0]
    blocks = re.findall(r"```bash\n(.*?)```", section, re.DOTALL)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, command in (
        ("ckgqa", f'{sys.executable} -m ckgqa.cli "$@"'),
        ("aws", f'{clients_python()} -m awscli "$@"'),
    ):
        (programs / name).write_text(f"#!/bin/sh\nexec {command}\n")
        (programs / name).chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "CKGQA_CACHE": os.environ.get("CKGQA_CACHE", str(Path.home() / ".cache" / "ckgqa")),
    }
    script = "set -e\n" + "".join(f"echo '--- {number}'\n{block}" for number, block in enumerate(blocks))
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    outputs = done.stdout.split("--- ")
    assert outputs[5].endswith("Completed\n14\n"), done.stdout
    assert "AlgorithmError: the factor is 0, exit code: 1\nnumbers=2\n" in outputs[6], done.stdout
    assert outputs[7].endswith("refused\n"), done.stdout
    assert "Could not assume role arn:aws:iam::000000000000:role/nobody." in done.stderr
