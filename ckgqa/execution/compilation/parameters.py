"""Check the values of a pipeline's parameters by the settings of the tasks that they reach, before a task runs."""

from collections.abc import Mapping
from pathlib import Path

from kfp.pipeline_spec.pipeline_spec_pb2 import PipelineSpec

from ckgqa.bundle import ROOT
from ckgqa.execution.compilation import ir
from ckgqa.execution.compilation.task_settings import require_storable, stage_flags
from ckgqa.runtime.errors import require
from ckgqa.runtime.settings import option_of, refusal

GATE_PREFIX = "min_"
"""Start of the names of the parameters that a gate compares a score with."""


def check_parameters(spec: PipelineSpec, values: Mapping[str, object], stages: Path = ROOT / "components") -> None:
    """Check each value within the bounds of every setting that it reaches, and each gate within 0 and 1.

    Args:
        spec: the compiled pipeline.
        values: typed value by the name of a parameter.
        stages: the folder of the stages, whose settings know the bounds.

    Raises:
        InputError: a value is not allowed.
    """
    for name, value in values.items():
        if name.startswith(GATE_PREFIX):
            is_share = isinstance(value, int | float) and 0 <= value <= 1
            require(is_share, refusal(option_of(name), value, "a number of at least 0 and of at most 1"))
    for name, task, input_name in ir.parameter_uses(spec):
        flag = stage_flags(spec, task, stages).get(input_name) if name in values and task.image else None
        if flag is not None:
            require(flag.allows(values[name]), refusal(option_of(name), values[name], flag.allowed))
    for name, value in values.items():
        require_storable(option_of(name), value)
