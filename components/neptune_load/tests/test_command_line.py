"""The command line is light: what it does not need is not imported."""

import json
import subprocess
import sys

import pytest

HEAVY = {"duckdb", "gremlin_python", "aiohttp", "pypinyin", "orjson"}
SCRIPT = """
import contextlib, io, json, sys
from ckgqa.runtime.program import main
from ckgqa_neptune_load.__main__ import COMMANDS
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main("ckgqa_neptune_load", "", COMMANDS, json.loads(sys.argv[1]))
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["add", "--help"],
        ["csv", "--graph-csv", "out", "--facts", ".", "--memory-mb", "10"],
        ["csv", "--graph-csv", "out"],
        ["load", "--graph-csv", "nothing", "--graph", "out"],
    ],
    ids=" ".join,
)
def test_help_and_a_refused_flag_import_nothing_heavy(words, tmp_path):
    command = [sys.executable, "-c", SCRIPT, json.dumps(words)]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    modules = {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}
    assert "ckgqa_neptune_load" in modules
    assert modules & HEAVY == set()
    assert ("--help" in words) or ": expected " in done.stderr
