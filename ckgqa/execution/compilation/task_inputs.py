"""Where each input of each task of a compiled pipeline comes from, as far as that is known before the run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from google.protobuf import json_format
from kfp.pipeline_spec.pipeline_spec_pb2 import ComponentSpec, DagSpec, ParameterType, PipelineSpec, PipelineTaskSpec

from ckgqa.execution.compilation import ir

IMPORTED_URI = "uri"
"""The parameter of an importer that holds the path of its artefact."""
PLACEHOLDER = "{{$"
"""Begins a part of a text that KFP fills in when the task runs."""


@dataclass(frozen=True)
class TaskInputs:
    """The inputs of one task that are known before the run."""

    task: ir.CompiledTask
    values: Mapping[str, object] = field(default_factory=dict)
    """Value of each parameter that is known."""
    pipeline_parameters: Mapping[str, str] = field(default_factory=dict)
    """Parameter -> the parameter of the pipeline that it passes on."""
    artefacts: Mapping[str, str] = field(default_factory=dict)
    """Artefact -> the parameter of the pipeline with its path, such as `raw_uri`; empty if another task makes it."""


def find_task_inputs(spec: PipelineSpec, arguments: Mapping[str, object]) -> list[TaskInputs]:
    """Trace the inputs of every container task to the pipeline's parameters, constants and defaults.

    Args:
        spec: the compiled pipeline.
        arguments: value by the name of a pipeline parameter, defaults included.
    """
    by_key = {task.key: task for task in ir.tasks(spec)}
    root = {name: name for name in spec.root.input_definitions.parameters}
    return [
        _task_inputs(by_key[key], spec.components[task.component_ref.name], task, scope, arguments)
        for key, task, scope in _walk(spec, spec.root.dag, _Scope(root, {}, spec.root.dag))
        if by_key[key].image
    ]


@dataclass(frozen=True)
class _Scope:
    """What the inputs of a graph of tasks stand for."""

    parameters: Mapping[str, str]
    """Parameter of the graph -> parameter of the pipeline."""
    artefacts: Mapping[str, str]
    """Artefact of the graph -> parameter of the pipeline with its path; empty if a task makes it."""
    dag: DagSpec


def _walk(spec: PipelineSpec, dag: DagSpec, scope: _Scope) -> Iterator[tuple[str, PipelineTaskSpec, _Scope]]:
    """Yield (key, task, scope) of every task, those of inner graphs too."""
    for key, task in dag.tasks.items():
        component = spec.components[task.component_ref.name]
        if component.WhichOneof("implementation") == "dag":
            yield from _walk(
                spec, component.dag, _Scope(_passed_on(task, scope), _artefacts(task, scope), component.dag)
            )
        else:
            yield key, task, scope


def _passed_on(task: PipelineTaskSpec, scope: _Scope) -> dict[str, str]:
    """Return parameter of the task -> parameter of the pipeline that it passes on."""
    return {
        name: scope.parameters[source.component_input_parameter]
        for name, source in task.inputs.parameters.items()
        if source.component_input_parameter in scope.parameters
    }


def _artefacts(task: PipelineTaskSpec, scope: _Scope) -> dict[str, str]:
    """Return artefact of the task -> parameter of the pipeline with its path, empty if a task makes it."""
    found = {}
    for name, source in task.inputs.artifacts.items():
        if source.component_input_artifact:
            found[name] = scope.artefacts.get(source.component_input_artifact, "")
        else:
            producer = scope.dag.tasks[source.task_output_artifact.producer_task]
            uri = dict(producer.inputs.parameters).get(IMPORTED_URI)
            found[name] = "" if uri is None else scope.parameters.get(uri.component_input_parameter, "")
    return found


def _task_inputs(
    task: ir.CompiledTask,
    component: ComponentSpec,
    spec: PipelineTaskSpec,
    scope: _Scope,
    arguments: Mapping[str, object],
) -> TaskInputs:
    passed = _passed_on(spec, scope)
    values: dict[str, object] = {}
    for name, parameter in component.input_definitions.parameters.items():
        source = dict(spec.inputs.parameters).get(name)
        if name in passed:
            if passed[name] in arguments:
                values[name] = arguments[passed[name]]
        elif source is None:
            if parameter.HasField("default_value"):
                values[name] = _typed(json_format.MessageToDict(parameter.default_value), parameter.parameter_type)
        elif source.HasField("runtime_value"):
            value = json_format.MessageToDict(source.runtime_value.constant)
            if not (isinstance(value, str) and PLACEHOLDER in value):
                values[name] = _typed(value, parameter.parameter_type)
    return TaskInputs(task, values, passed, _artefacts(spec, scope))


def _typed(value: object, kind: int) -> object:
    """Return a value of the IR, an integer as an integer: the IR holds every number as a float."""
    return int(value) if kind == ParameterType.NUMBER_INTEGER and isinstance(value, float) else value
