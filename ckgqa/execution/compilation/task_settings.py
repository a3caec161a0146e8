"""Set any setting of any task in a compiled pipeline: `--set TASK.NAME=VALUE` makes that input a constant in the IR."""

import difflib
import importlib
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from kfp.pipeline_spec.pipeline_spec_pb2 import ComponentSpec, ParameterType, PipelineSpec, PipelineTaskSpec

from ckgqa.bundle import ROOT
from ckgqa.execution.compilation import ir
from ckgqa.runtime.errors import InputError, require
from ckgqa.runtime.program import Command
from ckgqa.runtime.settings import Flag, flags_of, option_of, refusal

SETTABLE = {
    ParameterType.STRING,
    ParameterType.NUMBER_INTEGER,
    ParameterType.NUMBER_DOUBLE,
    ParameterType.BOOLEAN,
}
SET_BY_RUNNER = {
    "checkpoint_dir": "the run chooses the folder of its checkpoints",
    "tensorboard_dir": "the run keeps the curves of a training in its folder logs/tensorboard",
    "run": "the run passes its own name",
    "url": "--graph-url sets the address of the graph, which the runner checks and lets containers reach",
    "registry": "--registry sets the registry, which the runner checks and lets containers reach",
}
"""Settings of tasks that cannot be set one by one, with the reason."""


LARGEST_INTEGER = 2**53
"""A compiled pipeline holds every number as a double, which holds no larger integer exactly."""


@dataclass(frozen=True)
class TaskSetting:
    """One setting of one task of a compiled pipeline."""

    task: str
    """Name of the task for people, such as `train`."""
    name: str
    """Name of the setting, such as `seed`."""
    kind: int
    """KFP's type of the parameter."""
    value: str
    """Where the value comes from if it is not set: a value, or the pipeline parameter that is passed on."""
    help: str
    """The text that the component's contract has about it."""

    @property
    def id(self) -> str:
        """What stands before the `=`, such as `train.seed`."""
        return f"{self.task}.{self.name}"

    @property
    def type(self) -> str:
        """The type in words."""
        return ir.TYPE_NAMES[self.kind]


def require_storable(option: str, value: object) -> None:
    """Reject a number that a compiled pipeline does not hold as it is: an infinity, or an integer that a double rounds.

    Args:
        option: the flag that sets it, for the refusal.
        value: of any type.

    Raises:
        InputError: it is such a number.
    """
    if isinstance(value, float):
        require(math.isfinite(value), refusal(option, value, "a finite number"))
    elif isinstance(value, int):
        allowed = f"an integer between {-LARGEST_INTEGER} and {LARGEST_INTEGER}"
        require(abs(value) <= LARGEST_INTEGER, refusal(option, value, allowed))


def list_settings(spec: PipelineSpec) -> list[TaskSetting]:
    """Return everything that `--set` may change, in the order of the pipeline's tasks, then by name."""
    return [
        setting
        for task in ir.tasks(spec)
        if task.image
        for setting in _settings_of(task, spec)
        if setting.name not in SET_BY_RUNNER
    ]


def read_settings(
    spec: PipelineSpec, texts: Mapping[str, str], stages: Path = ROOT / "components"
) -> dict[str, str | int | float | bool]:
    """Turn `TASK.NAME` -> text into typed values within the bounds of the stage's own settings.

    A path becomes absolute, since tasks run in folders of their own.

    Args:
        spec: the compiled pipeline.
        texts: value by `TASK.NAME`.
        stages: the folder of the stages, whose settings know the bounds.

    Raises:
        InputError: there is no such task or setting, it cannot be set, or the value is not allowed.
    """
    found: dict[str, str | int | float | bool] = {}
    for id_, text in texts.items():
        task, setting = _find(spec, id_)
        flag = stage_flags(spec, task, stages).get(setting.name)
        found[setting.id] = _value(setting, flag, text)
    return found


def apply_settings(document: dict[str, Any], spec: PipelineSpec, settings: Mapping[str, object]) -> None:
    """Make settings constants of their tasks.

    Args:
        document: the compiled pipeline as YAML has it; it is changed.
        spec: the same pipeline, read.
        settings: typed value by `TASK.NAME`, as `read_settings` returns them.
    """
    keys = {task.name: task.key for task in ir.tasks(spec)}
    graphs = [document["root"]["dag"], *(one["dag"] for one in document["components"].values() if "dag" in one)]
    for id_, value in settings.items():
        task, _, name = id_.partition(".")
        (graph,) = (graph for graph in graphs if keys[task] in graph["tasks"])
        parameters = graph["tasks"][keys[task]].setdefault("inputs", {}).setdefault("parameters", {})
        parameters[name] = {"runtimeValue": {"constant": value}}


def _find(spec: PipelineSpec, id_: str) -> tuple[ir.CompiledTask, TaskSetting]:
    """Find what is to be set, or explain why it cannot be."""
    name, _, setting_name = id_.partition(".")
    setting_name = setting_name.replace("-", "_")
    tasks = {task.name: task for task in ir.tasks(spec) if task.image}
    if name not in tasks:
        raise InputError(refusal("--set", id_, f"a task of this pipeline: {', '.join(tasks)}{_close(name, tasks)}"))
    task = tasks[name]
    component = spec.components[task.component]
    if setting_name in SET_BY_RUNNER and setting_name in component.input_definitions.parameters:
        raise InputError(refusal("--set", id_, f"another setting, since {SET_BY_RUNNER[setting_name]}"))
    for kind, artifacts in (
        ("input", component.input_definitions.artifacts),
        ("output", component.output_definitions.artifacts),
        ("output", component.output_definitions.parameters),
    ):
        if setting_name in artifacts:
            raise InputError(
                refusal("--set", id_, f"a setting; {setting_name} is an {kind}, which the pipeline connects")
            )
    settings = {setting.name: setting for setting in _settings_of(task, spec) if setting.name not in SET_BY_RUNNER}
    if setting_name not in settings:
        names = ", ".join(settings) or "none"
        message = f"a setting of {name}: {names}{_close(setting_name, settings)}"
        raise InputError(refusal("--set", id_, message))
    return task, settings[setting_name]


def _close(name: str, names: Mapping[str, object]) -> str:
    matches = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {matches[0]}?" if matches else ""


def _settings_of(task: ir.CompiledTask, spec: PipelineSpec) -> Iterator[TaskSetting]:
    component, inputs = spec.components[task.component], ir.task_spec(spec, task.key)
    for name, parameter in sorted(component.input_definitions.parameters.items()):
        if parameter.parameter_type in SETTABLE and not _is_output_of_task(inputs, name):
            value = _source(name, component, inputs)
            yield TaskSetting(task.name, name, parameter.parameter_type, value, " ".join(parameter.description.split()))


def _is_output_of_task(task: PipelineTaskSpec, name: str) -> bool:
    return name in task.inputs.parameters and task.inputs.parameters[name].HasField("task_output_parameter")


def _source(name: str, component: ComponentSpec, task: PipelineTaskSpec) -> str:
    """Describe the value that a setting has unless it is set."""
    parameter = component.input_definitions.parameters[name]
    if name in task.inputs.parameters:
        source = task.inputs.parameters[name]
        if source.HasField("component_input_parameter"):
            passed = source.component_input_parameter.rpartition("pipelinechannel--")[2]
            return option_of(passed)
        value: object = json_format.MessageToDict(source.runtime_value.constant)
    else:
        value = json_format.MessageToDict(parameter.default_value) if parameter.HasField("default_value") else ""
    whole = parameter.parameter_type == ParameterType.NUMBER_INTEGER
    shown = int(value) if whole and isinstance(value, float) else value
    return str(shown).lower() if isinstance(shown, bool) else str(shown)


def _value(setting: TaskSetting, flag: Flag | None, text: str) -> str | int | float | bool:
    shown = f"{setting.id}={text}"
    allowed = setting.type if flag is None else flag.allowed
    try:
        value: str | int | float | bool = ir.READERS.get(setting.kind, str)(text)
    except ValueError as error:
        raise InputError(refusal("--set", shown, allowed)) from error
    if flag is not None and flag.is_path and text:
        require(Path(text).exists(), refusal("--set", shown, "an existing file or folder"))
        return str(Path(text).absolute())
    require(flag is None or flag.allows(value), refusal("--set", shown, allowed))
    require_storable(f"--set {setting.id}", value)
    return value


def stage_flags(spec: PipelineSpec, task: ir.CompiledTask, stages: Path) -> dict[str, Flag]:
    """Return the flags of the task's own program by name; empty if it cannot be imported here, as without its packages.

    The program then checks the bounds itself when the task runs.
    """
    command = stage_command(spec, task, stages)
    return {} if command is None else {flag.name: flag for flag in flags_of(command.settings)}


def stage_command(spec: PipelineSpec, task: ir.CompiledTask, stages: Path) -> Command | None:
    """Return the command that the task runs; None if it cannot be imported here, as without its packages."""
    words = ir.executors(spec)[spec.components[task.component].executor_label].container.command
    package = next((word for word in words if word.startswith("ckgqa_")), "")
    sources = stages / package.removeprefix("ckgqa_") / "src"
    if not package or not sources.is_dir():
        return None
    with _importable(sources):
        try:
            commands: Sequence[Command] = importlib.import_module(f"{package}.__main__").COMMANDS
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("ckgqa"):
                raise
            return None
    return next((command for command in commands if command.name == words[-1]), None)


@contextmanager
def _importable(sources: Path) -> Iterator[None]:
    sys.path.insert(0, str(sources))
    try:
        yield
    finally:
        sys.path.remove(str(sources))
