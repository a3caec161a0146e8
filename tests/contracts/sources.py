"""The modules of the package `ckgqa`, of the pipelines and of the stages, as syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield the path below the repository and the syntax tree of each module that is shipped, sorted by path."""
    folders = [ROOT / "ckgqa", ROOT / "pipelines", *sorted((ROOT / "components").glob("*/src"))]
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            relative = path.relative_to(ROOT)
            if "bundle" not in relative.parts or relative.parts[-2] == "bundle":  # its links lead to the other folders
                yield relative.as_posix(), ast.parse(path.read_text(encoding="utf-8"))
