"""The command line answers without the libraries that compute."""

import os
import subprocess
import sys

import pytest

HEAVY = ("torch", "numpy", "transformers", "safetensors", "tensorboard", "jinja2")
PROGRAM = """
import contextlib, io, sys
from ckgqa_train_casrel.__main__ import COMMANDS
from ckgqa.runtime.program import build_parser, main
parser = build_parser("ckgqa_train_casrel", "Extracts triples.", COMMANDS)
assert all(command.name in parser.format_help() for command in COMMANDS)
with contextlib.redirect_stderr(io.StringIO()) as said:
    code = main("ckgqa_train_casrel", "Extracts triples.", COMMANDS, sys.argv[2:])
assert code == 2, said.getvalue()
assert sys.argv[1] in said.getvalue(), said.getvalue()
print(*sys.modules)
"""
WORDS = {
    "train": "train --sentences . --model out --hidden-size 15",
    "evaluate": "evaluate --model . --sentences . --report out --f1 f1 --examples -1",
    "extract": "extract --model . --facts out --max-text-chars 0",
}
REFUSALS = {
    "train": "--hidden-size 15: expected an integer of at least 16, a multiple of 2",
    "evaluate": "--examples -1: expected an integer of at least 0",
    "extract": "--max-text-chars 0: expected an integer of at least 1",
}


@pytest.mark.parametrize("command", WORDS)
def test_help_and_a_refused_flag_import_no_library_that_computes(command: str):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    words = [sys.executable, "-c", PROGRAM, REFUSALS[command], *WORDS[command].split()]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert not set(HEAVY) & set(done.stdout.split())
