"""Read and edit a compiled pipeline: KFP's intermediate representation (IR), which every target executes."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from google.protobuf import json_format
from kfp.pipeline_spec.pipeline_spec_pb2 import (
    ComponentSpec,
    DagSpec,
    ParameterType,
    PipelineSpec,
    PipelineTaskSpec,
)

from ckgqa.execution.kfp_compat import ExecutorSpec, parse_executor
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.settings import read_bool, refusal


@dataclass(frozen=True)
class CompiledTask:
    """One task of a compiled pipeline that runs something: a container or an importer."""

    key: str
    """Its name in the IR; KFP makes it unique in the pipeline."""
    name: str
    """Its name for people, logs and folders: lower case, words joined by hyphens."""
    component: str
    """The component that it is an instance of."""
    image: str
    """The container's image; empty for an importer."""
    branches: tuple[str, ...]
    """The conditional groups around it, outermost first; empty if it always runs."""


def load_ir(path: Path) -> PipelineSpec:
    """Read a compiled pipeline and reject fields that KFP's schema does not have.

    Raises:
        InputError: there is no such file, it is not YAML, or not the IR of a pipeline.
    """
    try:
        document = next(iter(yaml.safe_load_all(path.read_text(encoding="utf-8"))), None)
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not YAML ({error})") from error
    if not isinstance(document, dict) or "deploymentSpec" not in document:
        raise InputError(f"{path}: not a compiled pipeline; `ckgqa compile` writes one")
    try:
        spec = json_format.ParseDict(document, PipelineSpec())
        executors(spec)
    except json_format.ParseError as error:
        raise InputError(f"{path}: not a compiled pipeline of KFP ({error})") from error
    return spec


def executors(spec: PipelineSpec) -> dict[str, ExecutorSpec]:
    """Return the executors by label, read as strictly as the rest."""
    return {label: parse_executor(one) for label, one in spec.deployment_spec["executors"].items()}


def task_spec(spec: PipelineSpec, key: str) -> PipelineTaskSpec:
    """Return the task of this name in the IR, whichever group it is in."""
    return next(dag.tasks[key] for _, _, dag in dags(spec) if key in dag.tasks)


def edit_text(text: str, change: Callable[[dict[str, Any]], None]) -> str:
    """Change the first document of a compiled pipeline; the comment at the top and further documents stay.

    Args:
        text: the YAML.
        change: changes the document in place.
    """
    documents = list(yaml.safe_load_all(text))
    change(documents[0])
    comment = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    return comment + yaml.safe_dump_all(documents, sort_keys=True, allow_unicode=True)


def dags(spec: PipelineSpec) -> Iterator[tuple[str, ComponentSpec, DagSpec]]:
    """Yield (name, component, graph) of the root and of every component that is a graph of tasks."""
    yield "root", spec.root, spec.root.dag
    for name, component in sorted(spec.components.items()):
        if component.WhichOneof("implementation") == "dag":
            yield name, component, component.dag


def tasks(spec: PipelineSpec) -> list[CompiledTask]:
    """Return every task that runs something, each after those that it depends on, importers first.

    Raises:
        InputError: two tasks have one name, or the pipeline has a loop.
    """
    found = list(_tasks_of(spec, spec.root.dag, ()))
    names = [task.name for task in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two tasks are named {name!r}; set unique names by set_display_name")
    return found


def _tasks_of(spec: PipelineSpec, dag: DagSpec, branches: tuple[str, ...]) -> Iterator[CompiledTask]:
    labels = executors(spec)
    for key in _in_order(dag):
        task = dag.tasks[key]
        component = spec.components[task.component_ref.name]
        if task.WhichOneof("iterator"):
            raise InputError(f"{key}: this runner has no loops (dsl.ParallelFor); write the tasks out")
        if component.WhichOneof("implementation") == "dag":
            inner = (*branches, key) if task.trigger_policy.condition else branches
            yield from _tasks_of(spec, component.dag, inner)
        else:
            image = labels[component.executor_label].container.image
            yield CompiledTask(key, _slug(task.task_info.name or key), task.component_ref.name, image, branches)


def _in_order(dag: DagSpec) -> Iterator[str]:
    """Yield the tasks' names, each after those that it depends on, else importers first and 2 before 10."""

    def rank(key: str) -> tuple[bool, int, str]:
        return not key.startswith("importer"), int(re.sub(r"\D", "", key) or 0), key

    left = {key: set(task.dependent_tasks) & set(dag.tasks) for key, task in dag.tasks.items()}
    while left:
        ready = [key for key, needs in left.items() if not needs & set(left)]
        if not ready:
            raise InputError(f"the tasks {', '.join(sorted(left))} form a cycle")
        key = min(ready, key=rank)
        del left[key]
        yield key


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def parameter_uses(spec: PipelineSpec) -> Iterator[tuple[str, CompiledTask, str]]:
    """Yield (parameter of the pipeline, task, input) for each input of a task that gets a parameter as it is."""
    by_key = {task.key: task for task in tasks(spec)}

    def walk(dag: DagSpec, parameters: Mapping[str, str]) -> Iterator[tuple[str, CompiledTask, str]]:
        for key, task in dag.tasks.items():
            passed = {
                name: parameters[source.component_input_parameter]
                for name, source in task.inputs.parameters.items()
                if source.component_input_parameter in parameters
            }
            component = spec.components[task.component_ref.name]
            if component.WhichOneof("implementation") == "dag":
                yield from walk(component.dag, passed)
            else:
                yield from ((parameter, by_key[key], name) for name, parameter in passed.items())

    yield from walk(spec.root.dag, {name: name for name in spec.root.input_definitions.parameters})


def stage_of(image: str) -> str:
    """Return the stage of an image: `train_casrel` for `registry:5000/ckgqa/train-casrel:1a2b`."""
    name = image.split("@", maxsplit=1)[0].rpartition("/")[2].split(":")[0]
    return name.replace("-", "_")


def tag_of(image: str) -> str:
    """Return the tag or the digest of an image; empty if it has neither."""
    if "@" in image:
        return image.partition("@")[2]
    return image.rpartition("/")[2].partition(":")[2]


def refuse_unknown(spec: PipelineSpec, arguments: Iterable[str]) -> None:
    """Reject names of arguments that the pipeline does not have.

    Raises:
        InputError: there is such an argument.
    """
    known = spec.root.input_definitions.parameters
    unknown = sorted(set(arguments) - set(known))
    if unknown:
        allowed = f"a parameter of the pipeline: {', '.join(sorted(known))}"
        raise InputError(refusal("--set", ", ".join(unknown), allowed))


READERS: dict[int, Callable[[str], Any]] = {
    ParameterType.NUMBER_INTEGER: int,
    ParameterType.NUMBER_DOUBLE: float,
    ParameterType.BOOLEAN: read_bool,
    ParameterType.LIST: json.loads,
    ParameterType.STRUCT: json.loads,
}
"""Parameter type -> function that reads a value from a text, except for texts."""
TYPE_NAMES: dict[int, str] = {
    ParameterType.STRING: "a text",
    ParameterType.NUMBER_INTEGER: "an integer",
    ParameterType.NUMBER_DOUBLE: "a number",
    ParameterType.BOOLEAN: "true or false",
    ParameterType.LIST: "a list in JSON",
    ParameterType.STRUCT: "an object in JSON",
}


def typed(spec: PipelineSpec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Turn texts into values of the types of the pipeline's parameters; other values stay as they are.

    Raises:
        InputError: a text is no value of the parameter's type.
    """
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        kind = spec.root.input_definitions.parameters[name].parameter_type
        read = READERS.get(kind) if isinstance(value, str) else None
        try:
            found[name] = read(value) if read else value
        except ValueError as error:
            raise InputError(refusal("--set", f"{name}={value}", TYPE_NAMES[kind])) from error
    return found


def defaults(spec: PipelineSpec) -> dict[str, object]:
    """Return the pipeline's parameters that have defaults, integers as integers."""
    found: dict[str, object] = {}
    for name, parameter in spec.root.input_definitions.parameters.items():
        if parameter.HasField("default_value"):
            value: object = json_format.MessageToDict(parameter.default_value)
            whole = parameter.parameter_type == ParameterType.NUMBER_INTEGER
            found[name] = int(value) if whole and isinstance(value, float) else value
    return dict(sorted(found.items()))
