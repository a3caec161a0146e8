"""The private parts of KFP's SDK that the local execution needs; no other module imports them.

KFP makes no promise about `kfp.local.*` and `kfp.local.orchestrator.*`. The SDK is pinned exactly to `KFP_VERSION`, and
`tests/execution/test_kfp_compat.py` fails if another version is installed or if one of these names has moved.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from google.protobuf.struct_pb2 import Struct
from kfp import local
from kfp.dsl import Artifact
from kfp.local import (
    config,
    executor_input_utils,
    executor_output_utils,
    importer_handler,
    placeholder_utils,
    utils,
)
from kfp.local.io import IOStore
from kfp.local.orchestrator import task_executor
from kfp.local.orchestrator.orchestrator_utils import OrchestratorUtils
from kfp.local.status import Status
from kfp.pipeline_spec.pipeline_spec_pb2 import (
    ComponentSpec,
    ExecutorInput,
    PipelineDeploymentConfig,
    PipelineTaskSpec,
    TaskInputsSpec,
)

__all__ = [
    "KFP_VERSION",
    "ExecuteTask",
    "ExecutorSpec",
    "IOStore",
    "Status",
    "fill_placeholders",
    "import_artifact",
    "make_executor_input",
    "orchestrate_with",
    "parse_executor",
    "read_outputs",
    "resolve_executor_input",
    "task_arguments",
]

KFP_VERSION = "2.17.0"
"""The version whose private modules this file was written for, as in constraints.txt."""

ExecutorSpec: TypeAlias = PipelineDeploymentConfig.ExecutorSpec


class ExecuteTask(Protocol):
    """The signature of `kfp.local.orchestrator.task_executor.execute_single_task`."""

    def __call__(  # noqa: PLR0917 -- the orchestrator's own signature
        self,
        task_name: str,
        task_spec: PipelineTaskSpec,
        pipeline_resource_name: str,
        components: Mapping[str, ComponentSpec],
        executors: Mapping[str, ExecutorSpec],
        io_store: IOStore,
        pipeline_root: str,
        runner: object,
        unique_pipeline_id: str,
        fail_stack: list[str],
    ) -> tuple[dict[str, Any], Status]:
        """Run one task and return its outputs and its status."""


def parse_executor(content: Struct) -> ExecutorSpec:
    """Read one executor of a compiled pipeline and reject unknown fields."""
    return utils.struct_to_executor_spec(content)


def task_arguments(inputs: TaskInputsSpec, store: IOStore) -> dict[str, Any]:
    """Collect the arguments of a task from the outputs of earlier tasks and the pipeline's parameters."""
    return dict(OrchestratorUtils.make_task_arguments(inputs, store))


def make_executor_input(component: ComponentSpec, arguments: dict[str, Any], folder: Path) -> ExecutorInput:
    """Describe the inputs of a task, and its outputs in `folder`."""
    return executor_input_utils.construct_executor_input(component, arguments, str(folder), block_input_artifact=False)


def resolve_executor_input(content: ExecutorInput, component: ComponentSpec, task: str) -> dict[str, Any]:
    """Return the inputs and outputs as a dictionary, integers cast and references between parameters followed."""
    found = executor_input_utils.executor_input_to_dict(content, component)
    return dict(placeholder_utils.resolve_self_references_in_executor_input(found, "", task, "", "", ""))


def fill_placeholders(  # noqa: PLR0917 -- all that a placeholder may name
    words: Sequence[str], executor_input: dict[str, Any], pipeline: str, task: str, root: str, pipeline_id: str
) -> list[str]:
    """Replace the placeholders in a command line."""
    return list(placeholder_utils.replace_placeholders(list(words), executor_input, pipeline, task, root, pipeline_id))


def read_outputs(executor_input: ExecutorInput, component: ComponentSpec) -> dict[str, Any]:
    """Read the outputs of a task that has ended.

    Raises:
        ValueError: the value of an output parameter is not of the type that the component declares.
    """
    return dict(executor_output_utils.get_outputs_for_task(executor_input, component))


def import_artifact(
    component_name: str, component: ComponentSpec, executor: ExecutorSpec, arguments: dict[str, Any], root: Path
) -> tuple[dict[str, Any], Path]:
    """Run an importer and return its outputs and the path of its artefact."""
    outputs, _ = importer_handler.run_importer("", component_name, component, executor, arguments, str(root), "")
    artifact: Artifact = outputs["artifact"]
    return dict(outputs), Path(artifact.path)


@contextmanager
def orchestrate_with(execute: ExecuteTask, root: Path) -> Iterator[None]:
    """Let KFP's local orchestrator run each single task by `execute` for the time of the block.

    Args:
        execute: replaces the orchestrator's function for one task.
        root: the folder below which KFP places outputs.
    """
    function, configuration = task_executor.execute_single_task, config.LocalExecutionConfig.instance
    # KFP requires one of its own runners, which is never called, because `execute` runs the tasks.
    local.init(local.SubprocessRunner(use_venv=False), pipeline_root=str(root), raise_on_error=False)
    task_executor.execute_single_task = execute
    try:
        yield
    finally:
        task_executor.execute_single_task = function
        config.LocalExecutionConfig.instance = configuration
