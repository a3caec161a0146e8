"""Help, contract and refusals need the settings alone; nothing heavy is imported for them."""

import os
import subprocess
import sys

CODE = """
import sys
import ckgqa_answer.__main__ as program
from ckgqa.runtime.program import build_parser
build_parser("ckgqa_answer", "", program.COMMANDS)
code = program.entry(["serve", "--graph", "/", "--endpoint", "qa", "--port", "70000"])
heavy = {"torch", "numpy", "fastapi", "pydantic", "uvicorn", "boto3", "aiohttp", "gremlin_python", "orjson", "jinja2",
         "prometheus_client", "pypinyin", "urllib3"} & set(sys.modules)
sys.exit(str(heavy) if heavy else code)
"""


def test_a_refused_flag_imports_nothing_heavy():
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, check=False, text=True)
    assert done.returncode == 2, done.stderr
    assert "--port 70000: expected an integer of at least 0 and of at most 65535" in done.stderr
