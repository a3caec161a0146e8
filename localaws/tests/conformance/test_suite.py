"""The suite itself: every offered operation has a whole case, and the README's table is made from it."""

import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest

from . import table
from .offered import CASES, OFFERED, each

NEED_NOTHING = {"CreateModelPackageGroup", "BatchDescribeModelPackage"}
"""Operations that no missing resource makes fail."""
MODEL = botocore.session.Session().get_service_model("sagemaker")


def test_every_offered_operation_has_one_case():
    assert sorted(case.operation for case in CASES) == sorted(OFFERED)


@each(CASES)
def test_a_case_leaves_nothing_out(case):
    members = MODEL.operation_model(case.operation).input_shape.members
    # The smallest page of tags holds all that a resource may have.
    assert bool(case.pages) == ("NextToken" in members and members["MaxResults"].metadata["min"] == 1)
    assert bool(case.tagged) == (case.operation.startswith("Create") and "Tags" in members)
    assert case.role == bool({"RoleArn", "ExecutionRoleArn"} & members.keys())
    assert case.missing is not None or case.operation.startswith("List") or case.operation in NEED_NOTHING


@pytest.mark.parametrize("column", table.COLUMNS)
def test_every_column_of_the_table_has_a_test(column):
    folder = Path(__file__).parent
    assert any(f"def {table.COLUMNS[column]}(" in file.read_text() for file in folder.glob("test_*.py"))


def test_the_table_in_the_readme_is_what_the_suite_would_write():
    script = Path(table.__file__)
    done = subprocess.run(
        [sys.executable, script, "--check"], cwd=script.parents[3], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"run `python localaws/tests/conformance/table.py`: {done.stdout[-2000:]}"
