"""A parameter of a pipeline has the default of the component parameters that it is passed to."""

import pytest

from ckgqa.execution.compilation import ir
from ckgqa.execution.compilation.compiler import PIPELINES


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_the_default_of_a_pipeline_parameter_is_that_of_the_components(pipeline):
    spec = PIPELINES[pipeline].pipeline_spec
    passed = {}
    for task in ir.tasks(spec):
        declared = spec.components[task.component].input_definitions.parameters
        for name, source in ir.task_spec(spec, task.key).inputs.parameters.items():
            parameter = source.component_input_parameter.removeprefix("pipelinechannel--")
            if name in declared and parameter and declared[name].HasField("default_value"):
                value = declared[name].default_value
                passed[f"{parameter} -> {task.name}.{name}"] = ir.defaults(spec)[parameter], value
    assert passed
    for connection, (ours, theirs) in passed.items():
        assert ours == (theirs.string_value if theirs.WhichOneof("kind") == "string_value" else theirs.number_value), (
            connection
        )
