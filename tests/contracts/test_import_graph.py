"""Packages import in one direction: no circles, and in the answerer no layer imports one above it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import import_graph

ANSWER = "ckgqa_answer"
# From the entrance down; parts of one layer do not import each other.
LAYERS = (
    ("__main__",),
    ("commands",),
    ("api", "evaluation", "factory"),
    ("application",),
    ("generation",),
    ("confidence",),
    ("retrieval",),
    ("understanding",),
    ("dialogue", "linking"),
    ("question_model",),
    ("errors", "settings"),
    ("__init__",),
)
MAX_TOP_MODULES = 6
each_package = pytest.mark.parametrize("package", import_graph.packages())


@each_package
def test_no_modules_import_each_other_in_a_circle(package):
    modules = import_graph.module_graph(import_graph.package_folder(package))
    assert import_graph.find_cycle(modules) == []


@each_package
def test_no_parts_of_a_package_import_each_other_in_a_circle(package):
    modules = import_graph.module_graph(import_graph.package_folder(package))
    assert import_graph.find_cycle(import_graph.part_graph(modules)) == []


def test_no_layer_of_the_answerer_imports_one_above_it():
    parts = import_graph.part_graph(import_graph.module_graph(import_graph.package_folder(ANSWER)))
    level = {part: number for number, layer in enumerate(LAYERS) for part in layer}
    assert parts.keys() == level.keys()
    upward = [f"{part} > {other}" for part, others in parts.items() for other in others if level[other] <= level[part]]
    assert upward == []


def test_the_top_of_the_answerer_stays_small():
    folder = import_graph.package_folder(ANSWER)
    assert len(list(folder.glob("*.py"))) <= MAX_TOP_MODULES


@pytest.fixture
def package(tmp_path):
    """A package whose imports can be followed by hand."""
    folder = tmp_path / "made"
    sources = {
        "__init__.py": "",
        "top.py": "from made.low import deep\nfrom made import side\n",
        "side.py": "def late():\n    import made.low.deep\n",
        "low/__init__.py": "",
        "low/deep.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .other import thing\n",
        "low/other.py": "import os\nthing = os\n",
    }
    for name, source in sources.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source)
    return folder


def test_every_kind_of_import_is_an_edge(package):
    assert import_graph.module_graph(package) == {
        "__init__": set(), "top": {"low", "low.deep", "side"}, "side": {"low", "low.deep"}, "low": set(),
        "low.deep": {"low.other"}, "low.other": set(),
    }  # fmt: skip
    parts = import_graph.part_graph(import_graph.module_graph(package))
    assert parts == {"__init__": set(), "top": {"low", "side"}, "side": {"low"}, "low": set()}
    assert import_graph.longest_chain(parts) == ["top", "side", "low"]


def test_a_circle_is_found(package):
    assert import_graph.find_cycle(import_graph.module_graph(package)) == []
    (package / "low" / "other.py").write_text("def late():\n    from made import top\n")
    assert import_graph.find_cycle(import_graph.module_graph(package)) == ["low.deep", "low.other", "top", "low.deep"]
