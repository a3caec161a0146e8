"""oneDNN keeps no more kernels than it is told, and the caller's own word wins."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ckgqa.training.kernels import VARIABLE

ROOT = Path(__file__).parents[2]
# A convolution of 100 shapes, and then of the first one again: is its kernel still there?
PROGRAM = """
import torch
from ckgqa.training.kernels import limit_kernel_cache
limit_kernel_cache()
convolution = torch.nn.Conv1d(32, 32, 3)
with torch.inference_mode():
    for width in [*range(400, 500), 400]:
        convolution(torch.ones(2, 32, width))
"""


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this torch computes without oneDNN")
@pytest.mark.parametrize(("given", "found"), [({}, "cache_miss"), ({VARIABLE: "1024"}, "cache_hit")])
def test_a_kernel_of_long_ago_is_compiled_anew_unless_the_caller_has_more_kept(given: dict[str, str], found: str):
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    environment |= {"PYTHONPATH": str(ROOT), "ONEDNN_VERBOSE": "profile_create"} | given
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    made = [line for line in done.stdout.splitlines() if "convolution" in line]
    assert len(made) == 101
    assert f"create:{found}" in made[-1]
