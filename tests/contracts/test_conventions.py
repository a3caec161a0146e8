"""Conventions that a reader relies on: importing does nothing, and a class name has one meaning."""

import ast
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from sources import modules

SAME_MEANING = {
    "EvaluateSettings": "the settings of a stage's command `evaluate`",
    "PredicateSignature": "the types that a schema allows for a predicate, as each side of `schema.json` reads them",
    "Schema": "what `schema.json` holds, as each side of it reads it",
    "ServeSettings": "the settings of a stage's command `serve`",
    "TrainSettings": "the settings of a stage's command `train`",
}
"""Public class names that several stages declare, with their one meaning."""


def test_importing_a_module_does_nothing():
    calls = [
        f"{path}:{statement.lineno}"
        for path, tree in modules()
        if not path.endswith("__main__.py")
        for statement in tree.body
        if isinstance(statement, ast.For | ast.While | ast.With | ast.Delete | ast.AugAssign)
        or (isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Constant))
    ]
    assert calls == []


def test_a_class_name_has_one_meaning():
    places: dict[str, list[str]] = defaultdict(list)
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path)
    homonyms = {name: paths for name, paths in places.items() if len(paths) > 1 and name not in SAME_MEANING}
    assert homonyms == {}
