"""The command line: it needs nothing heavy before a command runs."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import sys
from ckgqa_preprocess.__main__ import COMMANDS
from ckgqa.runtime.program import build_parser, main
build_parser("ckgqa_preprocess", "", COMMANDS).format_help()
code = main("ckgqa_preprocess", "", COMMANDS, sys.argv[1:])
heavy = {"orjson", "yaml", "numpy", "torch", "kfp"} & set(sys.modules)
sys.exit(f"imported: {sorted(heavy)}" if heavy else code)
"""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["duie", "--raw", ".", "--sentences", "out", "--validation-fraction", "1"],
            "--validation-fraction 1.0: expected a number above 0 and below 1",
        ),
        (
            ["questions", "--questions", "out", "--max-facts", "0"],
            "--max-facts 0: expected an integer of at least 1",
        ),
    ],
)
def test_a_refused_flag_imports_nothing_heavy(tmp_path, words: list[str], message: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=False, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert ended.returncode == 2, ended.stderr
    assert message in ended.stderr
    assert list(tmp_path.iterdir()) == []
