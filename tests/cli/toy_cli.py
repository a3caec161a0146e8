"""`ckgqa` with the toy pipeline in place of the real ones: everything round it is the program's own."""

import contextlib
import importlib.util
import os
import sys
from pathlib import Path

from ckgqa.cli.main import main
from ckgqa.execution import run as running
from ckgqa.execution.compilation import compiler as compiling
from ckgqa.execution.local.process_executor import ProcessExecutor

TOY = Path(__file__).parents[1] / "execution" / "toy"


@contextlib.contextmanager
def toy_executor(name: str, lock: int):
    """Run the toy's stages; a test changes their program through the environment."""
    assert name == "process"
    yield ProcessExecutor(TOY / "stages", lambda stage: stage + os.environ.get("TOY_PROGRAM", ""), (lock,), grace_s=5.0)


def install() -> None:
    """Put the toy beside the real pipelines, and its stages in place of theirs."""
    spec = importlib.util.spec_from_file_location("ckgqa_tests_toy_pipeline", TOY / "pipeline.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    compiling.PIPELINES["toy"] = module.toy
    running.open_executor = toy_executor


if __name__ == "__main__":
    install()
    sys.exit(main(sys.argv[1:]))
