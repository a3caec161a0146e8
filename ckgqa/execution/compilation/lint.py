"""Find faults in a compiled pipeline that KFP's compiler accepts and a run would fail on.

KFP accepts components without a command, outputs that nobody writes, dependencies on missing tasks, and broken
conditions; its local runner silently skips a lone `dsl.If`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import celpy
from kfp.pipeline_spec.pipeline_spec_pb2 import ComponentSpec, DagSpec, PipelineSpec

from ckgqa.execution.compilation import ir
from ckgqa.runtime.errors import InputError

PINNED = re.compile(r":[0-9a-f]{12,64}$|@sha256:[0-9a-f]{64}$")
_PARAMETER = re.compile(r"inputs\.parameter_values\['([^']+)'\]")


def check(path: Path) -> PipelineSpec:
    """Read a compiled pipeline and reject it with every fault.

    Raises:
        InputError: it cannot be read, or has faults.
    """
    spec = ir.load_ir(path)
    faults = find_faults(spec)
    if faults:
        raise InputError(f"{path}: " + "; ".join(faults))
    return spec


def find_faults(spec: PipelineSpec) -> list[str]:
    """Return every fault as one sentence without a full stop, in the order of the pipeline."""
    return [
        *_executor_faults(spec),
        *(fault for name, _, dag in ir.dags(spec) for fault in _dag_faults(name, dag, spec)),
    ]


def _executor_faults(spec: PipelineSpec) -> Iterator[str]:
    """Check that each container has a command, a pinned image, and an argument for each output."""
    found = ir.executors(spec)
    used = {component.executor_label: component for component in spec.components.values() if component.executor_label}
    for label, component in sorted(used.items()):
        if label not in found:
            yield f"{label}: no such executor"
            continue
        if found[label].WhichOneof("spec") != "container":
            continue
        container = found[label].container
        if not container.command:
            yield f"{label}: no command; the backend ignores the image's entry point"
        if not PINNED.search(container.image):
            yield f"{label}: the image {container.image} is not pinned by a content-hash tag or a digest"
        yield from _unwritten(label, component, " ".join([*container.command, *container.args]))


def _unwritten(label: str, component: ComponentSpec, words: str) -> Iterator[str]:
    outputs = component.output_definitions
    kinds = {"artifacts": sorted(outputs.artifacts), "parameters": sorted(outputs.parameters)}
    for kind, names in kinds.items():
        for name in names:
            if f"$.outputs.{kind}['{name}']" not in words:
                yield f"{label}: the output {name} is declared, but no argument says where it goes"


def _dag_faults(name: str, dag: DagSpec, spec: PipelineSpec) -> Iterator[str]:
    """Check the tasks of one graph: their dependencies, their components, and their conditions."""
    conditions: dict[str, str] = {}
    for key, task in sorted(dag.tasks.items()):
        if task.component_ref.name not in spec.components:
            yield f"{name}: the task {key} is of {task.component_ref.name}, which does not exist"
        for other in sorted(set(task.dependent_tasks) - set(dag.tasks)):
            yield f"{name}: the task {key} depends on {other}, which does not exist"
        condition = task.trigger_policy.condition
        if condition:
            conditions[key] = condition
            yield from _condition_faults(f"{name}: the condition of {key}", condition, set(task.inputs.parameters))
    if conditions and not _has_else(list(conditions.values())):
        yield f"{name}: {', '.join(conditions)} may be skipped silently; add a dsl.Else"


def _condition_faults(where: str, condition: str, known: set[str]) -> Iterator[str]:
    try:
        celpy.Environment().compile(condition)
    except celpy.CELParseError as error:
        yield f"{where} is not CEL: {str(error).splitlines()[0]}"
    for name in sorted(set(_PARAMETER.findall(condition)) - known):
        yield f"{where} reads {name}, which the task does not get"


def _has_else(conditions: list[str]) -> bool:
    """Return whether one branch runs if no other does, as KFP compiles `dsl.Else`: `!(a) && !(b)`.

    The positive branches are `a` and `!(a) && b`: what remains of each after the negations of those before it.
    """
    ordered = sorted(conditions, key=len)
    negations: list[str] = []
    for condition in ordered:
        if negations and condition == " && ".join(negations):
            return True
        own = condition.removeprefix(" && ".join(negations) + " && ") if negations else condition
        negations.append(f"!({own})")
    return False
