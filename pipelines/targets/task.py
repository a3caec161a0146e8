"""One container task of a compiled pipeline with its inputs, as KFP's own functions describe it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kfp.local import executor_input_utils, placeholder_utils
from kfp.pipeline_spec.pipeline_spec_pb2 import ComponentSpec, ExecutorInput, PipelineTaskSpec

from ckgqa.bundle.pipelines.targets.outside import Outside


@dataclass(frozen=True)
class Task:
    """One container task as the IR and its inputs describe it."""

    name: str
    spec: PipelineTaskSpec
    component: ComponentSpec
    container: Any
    arguments: dict[str, Any]

    @property
    def words(self) -> list[str]:
        """The command line as compiled, its placeholders unreplaced."""
        return [*self.container.command, *self.container.args]

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that the pipeline sets for it."""
        return {one.name: one.value for one in self.container.env}

    @property
    def artifacts(self) -> dict[str, Any]:
        """Its input artefacts, KFP's objects, by name."""
        return {
            name: self.arguments[name] for name in self.component.input_definitions.artifacts if name in self.arguments
        }

    @property
    def parameters(self) -> dict[str, object]:
        """The values of the input parameters, defaults included, integers as integers."""
        told = self.input_dict(self.executor_input(Path("/")))
        values: dict[str, object] = told.get("inputs", {}).get("parameterValues", {})
        return {name: value for name, value in values.items() if name in self.component.input_definitions.parameters}

    @property
    def outside(self) -> Outside:
        """What it works on outside of the run."""
        return Outside.of(self.parameters)

    @property
    def may_be_kept(self) -> bool:
        """Whether an earlier result of the same key may stand for a new one."""
        return self.spec.caching_options.enable_cache and not self.outside

    def executor_input(self, folder: Path) -> ExecutorInput:
        """Return KFP's description of the task's inputs and outputs, the outputs in `folder`."""
        return executor_input_utils.construct_executor_input(
            self.component, self.arguments, str(folder), block_input_artifact=False
        )

    def input_dict(self, executor_input: ExecutorInput) -> dict[str, Any]:
        """Return the same as a dictionary, integers cast and references between parameters followed."""
        told = executor_input_utils.executor_input_to_dict(executor_input, self.component)
        return placeholder_utils.resolve_self_references_in_executor_input(told, "", self.name, "", "", "")
