"""The README's table of steps is the engine's."""

from pathlib import Path

from ckgqa import graph
from ckgqa.graph.predicates import SUPPORTED
from ckgqa.graph.steps.table import steps_table


def test_the_readme_lists_the_steps_and_predicates_that_the_engine_knows():
    readme = (Path(graph.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert steps_table() in readme
    assert ", ".join(f"`{name}`" for name in sorted(SUPPORTED, key=str.lower)) in readme
