"""Every stage's contract and program agree: commands, flags, types, defaults, and which value goes to which flag."""

import ast
import importlib
import sys
from pathlib import Path

import pytest

from ckgqa.bundle import ROOT, STAGES
from ckgqa.runtime.program import Command
from ckgqa.runtime.settings import Flag, flags_of

sys.path.insert(0, str(Path(__file__).parent))
import generate

KFP_TYPES = {str: "String", Path: "String", int: "Integer", float: "Float", bool: "Boolean"}
CASES = [
    pytest.param(stage, command, id=f"{stage} {command.name}")
    for stage in STAGES
    for command in importlib.import_module(f"ckgqa_{stage}.__main__").COMMANDS
    if command.is_task
]
each_command = pytest.mark.parametrize(("stage", "command"), CASES)
each_stage = pytest.mark.parametrize("stage", STAGES)


def spec_of(stage: str, command: Command):
    contract = importlib.import_module(f"ckgqa.bundle.components.{stage}.component")
    return getattr(contract, command.name.replace("-", "_")).component_spec


def default_of(flag: Flag) -> object:
    """Give the default as KFP can write it: a setting that may be absent is empty."""
    return "" if flag.default is None and not flag.required else flag.default


@each_command
def test_inputs_outputs_types_and_defaults_are_the_programs(stage: str, command: Command):
    flags, spec = flags_of(command.settings), spec_of(stage, command)
    assert spec.inputs.keys() == {flag.name for flag in flags if flag.kind in {"input", "setting"}}
    assert (spec.outputs or {}).keys() == {flag.name for flag in flags if flag.kind in {"output", "value"}}
    for flag in flags:
        if flag.kind == "setting":
            parameter = spec.inputs[flag.name]
            assert (flag.name, parameter.type, parameter.default) == (flag.name, KFP_TYPES[flag.type], default_of(flag))


@each_command
def test_each_flag_gets_its_own_value(stage: str, command: Command):
    container = spec_of(stage, command).implementation.container
    assert container.command == ["python", "-m", f"ckgqa_{stage}", command.name]
    options = {flag.option: flag.name for flag in flags_of(command.settings)}
    pairs = list(zip(container.args[::2], container.args[1::2], strict=True))
    assert [option for option, _ in pairs if option not in options] == []
    given = {option: getattr(place, "input_name", None) or place.output_name for option, place in pairs}
    assert given == options


@each_stage
def test_a_contract_names_every_task_and_the_stages_image(stage: str):
    contract = importlib.import_module(f"ckgqa.bundle.components.{stage}.component")
    commands = {
        command.name.replace("-", "_")
        for command in importlib.import_module(f"ckgqa_{stage}.__main__").COMMANDS
        if command.is_task
    }
    assert {name for name in vars(contract) if hasattr(getattr(contract, name), "component_spec")} == commands
    assert f"ckgqa/{stage.replace('_', '-')}" == contract.IMAGE


@pytest.mark.parametrize("stage", generate.generated_stages())
def test_a_generated_contract_is_what_the_settings_say(stage: str):
    written = (generate.ROOT / "components" / stage / "component.py").read_text(encoding="utf-8")
    assert written == generate.contract(stage), "run `make contracts`"


@each_stage
def test_a_contract_imports_kfp_and_the_standard_library_only(stage: str):
    tree = ast.parse((ROOT / "components" / stage / "component.py").read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported - {"kfp"} <= sys.stdlib_module_names
