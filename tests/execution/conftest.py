import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from kfp import compiler

from ckgqa.execution.local.orchestrator import run_compiled
from ckgqa.execution.local.process_executor import ProcessExecutor
from ckgqa.execution.records.record import RunRecord

TOY = Path(__file__).parent / "toy"


@pytest.fixture(scope="session")
def toy_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ckgqa_tests_toy_pipeline", TOY / "pipeline.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def toy_yaml(toy_module, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("toy") / "toy.yaml"
    compiler.Compiler().compile(toy_module.toy, str(path))
    return path


class Toy:
    """The toy pipeline in a run's folder of its own, run again and again as `ckgqa run --resume` does."""

    def __init__(self, folder: Path, pipeline: Path):
        self.folder, self.pipeline = folder / "run", pipeline
        self.folder.mkdir()
        self.raw = self.folder / "raw.txt"
        self.raw.write_text("1 2 3")
        self.program_hash: Callable[[str], str] = lambda stage: f"program of {stage}"
        self.record: RunRecord | None = None

    def run(self, executor=None, **arguments) -> bool:
        given = {"raw_uri": str(self.raw), **arguments}
        self.record = RunRecord(self.folder, "toy", "process", given)
        executor = executor or ProcessExecutor(TOY / "stages", self.program_hash, grace_s=5.0)
        return run_compiled(self.pipeline, given, executor, self.record)

    def edit_argument(self, component: str, flag: str, value: str) -> None:
        """Change one argument in the compiled YAML, which from now on is what runs."""
        document = yaml.safe_load(self.pipeline.read_text())
        words = document["deploymentSpec"]["executors"][f"exec-{component}"]["container"]["args"]
        words[words.index(flag) + 1] = value
        self.pipeline = self.folder.parent / "edited.yaml"
        self.pipeline.write_text(yaml.safe_dump(document))

    @property
    def states(self) -> dict[str, str]:
        return {name: task.state for name, task in self.record.tasks.items()}

    def read(self, task: str, output: str, file: str) -> str:
        return (self.record.output(task, output) / file).read_text()


@pytest.fixture
def toy(tmp_path, toy_yaml) -> Toy:
    return Toy(tmp_path, toy_yaml)
