"""Read a compiled pipeline: KFP's intermediate representation (IR), which every target executes."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from google.protobuf import json_format
from kfp.local import utils as kfp_utils
from kfp.pipeline_spec.pipeline_spec_pb2 import (
    ComponentSpec,
    DagSpec,
    ParameterType,
    PipelineDeploymentConfig,
    PipelineSpec,
)

from ckgqa.runtime.errors import InputError

ExecutorSpec: TypeAlias = PipelineDeploymentConfig.ExecutorSpec


@dataclass(frozen=True)
class Task:
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
    """The conditional groups that it stands in, outermost first; empty where it always runs."""


def load_ir(path: Path) -> PipelineSpec:
    """Read a compiled pipeline, refusing every field that KFP's schema does not know.

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
    return {label: kfp_utils.struct_to_executor_spec(one) for label, one in spec.deployment_spec["executors"].items()}


def dags(spec: PipelineSpec) -> Iterator[tuple[str, ComponentSpec, DagSpec]]:
    """Yield (name, component, graph) of the root and of every component that is a graph of tasks."""
    yield "root", spec.root, spec.root.dag
    for name, component in sorted(spec.components.items()):
        if component.WhichOneof("implementation") == "dag":
            yield name, component, component.dag


def tasks(spec: PipelineSpec) -> list[Task]:
    """Return every task that runs something, each after those that it depends on, importers first.

    Raises:
        InputError: two tasks have one name, or the pipeline has a loop.
    """
    found = list(_tasks_of(spec, spec.root.dag, ()))
    names = [task.name for task in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two tasks are named {name!r}; give each its own name by set_display_name")
    return found


def _tasks_of(spec: PipelineSpec, dag: DagSpec, branches: tuple[str, ...]) -> Iterator[Task]:
    labels = executors(spec)
    for key in _in_order(dag):
        task = dag.tasks[key]
        component = spec.components[task.component_ref.name]
        if task.WhichOneof("iterator"):
            raise InputError(f"{key}: loops (dsl.ParallelFor) are not run by this runner; write the tasks out")
        if component.WhichOneof("implementation") == "dag":
            inner = (*branches, key) if task.trigger_policy.condition else branches
            yield from _tasks_of(spec, component.dag, inner)
        else:
            image = labels[component.executor_label].container.image
            yield Task(key, _slug(task.task_info.name or key), task.component_ref.name, image, branches)


def _in_order(dag: DagSpec) -> Iterator[str]:
    """Yield the tasks' names, each after those that it depends on, else importers first and 2 before 10."""

    def rank(key: str) -> tuple[bool, int, str]:
        return not key.startswith("importer"), int(re.sub(r"\D", "", key) or 0), key

    left = {key: set(task.dependent_tasks) & set(dag.tasks) for key, task in dag.tasks.items()}
    while left:
        ready = [key for key, needs in left.items() if not needs & set(left)]
        if not ready:
            raise InputError(f"the tasks {', '.join(sorted(left))} depend on each other in a circle")
        key = min(ready, key=rank)
        del left[key]
        yield key


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def stage_of(image: str) -> str:
    """Return the stage whose image this is: `registry:5000/ckgqa/train-casrel:1a2b` gives `train_casrel`."""
    name = image.split("@", maxsplit=1)[0].rpartition("/")[2].split(":")[0]
    return name.replace("-", "_")


def tag_of(image: str) -> str:
    """Return the tag or the digest of an image, an empty text where it has neither."""
    if "@" in image:
        return image.partition("@")[2]
    return image.rpartition("/")[2].partition(":")[2]


def refuse_unknown(spec: PipelineSpec, arguments: Iterable[str]) -> None:
    """Refuse arguments, given by name, that the pipeline does not have.

    Raises:
        InputError: there is such an argument.
    """
    known = spec.root.input_definitions.parameters
    unknown = sorted(set(arguments) - set(known))
    if unknown:
        raise InputError(f"the pipeline has no parameter {', '.join(unknown)}; it has: {', '.join(sorted(known))}")


def _truth(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError(text)
    return text == "true"


READERS: dict[int, Callable[[str], Any]] = {
    ParameterType.NUMBER_INTEGER: int,
    ParameterType.NUMBER_DOUBLE: float,
    ParameterType.BOOLEAN: _truth,
    ParameterType.LIST: json.loads,
    ParameterType.STRUCT: json.loads,
}
"""What makes of a text the value of a parameter that is no string."""


def typed(spec: PipelineSpec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Turn texts into what the pipeline's parameters are; what is no text is taken as it is.

    Raises:
        InputError: a text is no such thing.
    """
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        kind = spec.root.input_definitions.parameters[name].parameter_type
        read = READERS.get(kind) if isinstance(value, str) else None
        try:
            found[name] = read(value) if read else value
        except ValueError as error:
            what = ParameterType.ParameterTypeEnum.Name(kind)
            raise InputError(f"--set {name}={value}: {name} is a {what}") from error
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
