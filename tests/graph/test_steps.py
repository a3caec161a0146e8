"""The table of steps is written down: importing modules, in whatever order, neither makes nor changes it."""

import json
import subprocess
import sys

import pytest

from ckgqa.graph import machine
from ckgqa.graph.steps.table import STEPS

MODULES = ["branch", "filters", "navigate", "shortcuts", "transform", "write"]
SCRIPT = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
from ckgqa.graph.steps.table import STEPS
print(json.dumps([[name, one.evaluate.__qualname__, one.summary, getattr(one.check, "__name__", "")]
                  for name, one in STEPS.items()]))
"""


def table_after(*modules):
    """Return the table as a new interpreter sees it that has imported these modules first."""
    words = [sys.executable, "-c", SCRIPT, *modules]
    return json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("order", [MODULES, MODULES[::-1]], ids=["forwards", "backwards"])
def test_modules_imported_in_any_order_give_the_same_table(order):
    assert table_after(*(f"ckgqa.graph.steps.{name}" for name in order)) == table_after()
    assert [row[0] for row in table_after()] == list(STEPS)


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        STEPS["other"] = STEPS["count"]
    assert not hasattr(machine, "STEPS")
