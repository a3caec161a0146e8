"""One container task of a compiled pipeline with its inputs, as KFP's own functions describe it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kfp.pipeline_spec.pipeline_spec_pb2 import ComponentSpec, ExecutorInput, PipelineTaskSpec

from ckgqa.execution.kfp_compat import make_executor_input, resolve_executor_input
from ckgqa.execution.local.external_resources import ExternalResources


@dataclass(frozen=True)
class ContainerTask:
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
        return {variable.name: variable.value for variable in self.container.env}

    @property
    def artifacts(self) -> dict[str, Any]:
        """Its input artefacts, KFP's objects, by name."""
        return {
            name: self.arguments[name] for name in self.component.input_definitions.artifacts if name in self.arguments
        }

    @property
    def parameters(self) -> dict[str, object]:
        """The values of the input parameters, defaults included, integers as integers."""
        content = self.input_dict(self.executor_input(Path("/")))
        values: dict[str, object] = content.get("inputs", {}).get("parameterValues", {})
        return {name: value for name, value in values.items() if name in self.component.input_definitions.parameters}

    @property
    def external(self) -> ExternalResources:
        """The graph or the registry that the task changes outside of the run."""
        return ExternalResources.of(self.parameters)

    @property
    def is_cacheable(self) -> bool:
        """Whether an earlier result with the same key may replace a new one."""
        return self.spec.caching_options.enable_cache and not self.external

    def executor_input(self, folder: Path) -> ExecutorInput:
        """Return KFP's description of the task's inputs and outputs, the outputs in `folder`."""
        return make_executor_input(self.component, self.arguments, folder)

    def input_dict(self, executor_input: ExecutorInput) -> dict[str, Any]:
        """Return the same as a dictionary, integers cast and references between parameters followed."""
        return resolve_executor_input(executor_input, self.component, self.name)
