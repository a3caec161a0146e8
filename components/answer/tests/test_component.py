"""The contract and the program agree: flags, types, defaults."""

import pytest
from ckgqa_answer.evaluate import EvaluateSettings
from ckgqa_answer.indexing import IndexSettings

from ckgqa.bundle.components.answer import component
from ckgqa.runtime.settings import flags_of

KFP_TYPES = {str: "String", int: "Integer", float: "Float", bool: "Boolean"}
each_command = pytest.mark.parametrize(
    ("task", "settings"), [(component.evaluate, EvaluateSettings), (component.index, IndexSettings)]
)


@each_command
def test_contract_and_program_agree(task, settings):
    flags = flags_of(settings)
    spec = task.component_spec
    names = {
        kind: {flag.name for flag in flags if flag.kind == kind} for kind in ("input", "output", "value", "setting")
    }
    assert spec.inputs.keys() == names["input"] | names["setting"]
    assert spec.outputs.keys() == names["output"] | names["value"]
    for flag in flags:
        if flag.kind == "setting":
            parameter = spec.inputs[flag.name]
            assert (parameter.type, parameter.default) == (KFP_TYPES[flag.type], flag.default)


@each_command
def test_each_flag_gets_its_own_value(task, settings):
    words = task.component_spec.implementation.container.args
    options = {flag.option: flag.name for flag in flags_of(settings)}
    pairs = list(zip(words[::2], words[1::2], strict=True))
    assert {option for option, _ in pairs} == options.keys()
    for option, place in pairs:
        name = place.input_name if hasattr(place, "input_name") else place.output_name
        assert name == options[option]
