"""The private names of KFP that we use are those of the pinned version, and no other module of ours uses any."""

import ast
import inspect
from importlib.metadata import version
from pathlib import Path

from kfp.local import config
from kfp.local.orchestrator import task_executor

import ckgqa
from ckgqa.execution import kfp_compat

PACKAGE = Path(ckgqa.__file__).parent


def imported(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_the_installed_version_is_the_one_that_was_read():
    assert version("kfp") == kfp_compat.KFP_VERSION
    constraints = (PACKAGE / "bundle" / "constraints.txt").read_text(encoding="utf-8")
    assert f"kfp=={kfp_compat.KFP_VERSION}\n" in constraints


def test_the_function_that_is_replaced_has_the_signature_that_we_implement():
    replaced = inspect.signature(task_executor.execute_single_task)
    ours = inspect.signature(kfp_compat.ExecuteTask.__call__)
    assert list(replaced.parameters) == [name for name in ours.parameters if name != "self"]
    assert hasattr(config.LocalExecutionConfig, "instance")


def test_the_orchestrator_is_as_before_after_the_block(tmp_path):
    function, configuration = task_executor.execute_single_task, config.LocalExecutionConfig.instance
    with kfp_compat.orchestrate_with(lambda *_: ({}, kfp_compat.Status.SUCCESS), tmp_path):
        assert task_executor.execute_single_task is not function
    assert task_executor.execute_single_task is function
    assert config.LocalExecutionConfig.instance is configuration


def test_no_other_module_reaches_into_kfp_local():
    files = [file for file in PACKAGE.rglob("*.py") if "bundle" not in file.relative_to(PACKAGE).parts]
    private = {
        file.relative_to(PACKAGE).as_posix()
        for file in files
        if any(name.startswith("kfp.local") for name in imported(file))
    }
    assert private == {"execution/kfp_compat.py"}
