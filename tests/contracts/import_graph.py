"""The graph of imports inside a package: python tests/contracts/import_graph.py ckgqa_answer

Prints the number of modules, the edges between its top-level parts and the longest chain of parts that import each
other. A part is a module or a subpackage at the top of the package. Imports inside functions and under TYPE_CHECKING
count like all others. `--source FOLDER` reads a package that stands elsewhere.
"""

import argparse
import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Graph = Mapping[str, frozenset[str]]


def package_folder(package: str) -> Path:
    """Return the folder of a package: `ckgqa`, or the one of a stage."""
    return ROOT / package if package == "ckgqa" else next(ROOT.glob(f"components/*/src/{package}"))


def packages() -> list[str]:
    """Return `ckgqa` and the packages of the stages, sorted."""
    stages = (path.name for path in ROOT.glob("components/*/src/ckgqa_*") if (path / "__init__.py").is_file())
    return sorted({"ckgqa", *stages})


def module_graph(folder: Path) -> Graph:
    """Return the imports of each module of a package; names are relative, and a package is its `__init__`.

    Args:
        folder: the package's. Linked folders inside it are other packages.
    """
    paths = {_name(path, folder): path for path in sorted(_sources(folder))}
    return {name: frozenset(_imported(path, folder, paths)) - {name} for name, path in paths.items()}


def part_graph(modules: Graph) -> Graph:
    """Return the imports between the top-level parts of a package."""
    parts: dict[str, set[str]] = {part_of(name): set() for name in modules}
    for name, imported in modules.items():
        parts[part_of(name)] |= {part_of(other) for other in imported} - {part_of(name)}
    return {part: frozenset(others) for part, others in parts.items()}


def part_of(module: str) -> str:
    """Return the top-level part that a module belongs to."""
    return module.partition(".")[0]


def find_cycle(graph: Graph) -> list[str]:
    """Return a circle of imports; an empty list if there is none."""
    done: set[str] = set()

    def visit(node: str, path: list[str]) -> list[str]:
        if node in path:
            return [*path[path.index(node) :], node]
        if node in done:
            return []
        for other in sorted(graph[node]):
            if cycle := visit(other, [*path, node]):
                return cycle
        done.add(node)
        return []

    return next((cycle for node in sorted(graph) if (cycle := visit(node, []))), [])


def longest_chain(graph: Graph) -> list[str]:
    """Return the longest chain of imports of a graph without circles, the importing end first."""
    chains: dict[str, list[str]] = {}

    def chain_of(node: str) -> list[str]:
        if node not in chains:
            chains[node] = [node, *max((chain_of(other) for other in sorted(graph[node])), key=len, default=[])]
        return chains[node]

    return max((chain_of(node) for node in sorted(graph)), key=len, default=[])


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            yield from _sources(path)
        elif path.suffix == ".py":
            yield path


def _name(path: Path, folder: Path) -> str:
    parts = path.relative_to(folder).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _imported(path: Path, folder: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """Yield the modules of the package that a module imports."""
    prefix = f"{folder.name}."
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            targets = [f"{_origin(node, path, folder)}.{alias.name}" for alias in node.names]
        else:
            continue
        for target in targets:
            if target.startswith(prefix):
                name = target.removeprefix(prefix)
                # `from package.module import name` imports the module, `from package import module` too.
                yield from (each for each in (name, name.rpartition(".")[0]) if each in known)


def _origin(node: ast.ImportFrom, path: Path, folder: Path) -> str:
    """Return the absolute name of the module that is imported from."""
    if not node.level:
        return node.module or ""
    package = [folder.name, *path.relative_to(folder).parts[: -node.level]]
    return ".".join([*package, node.module] if node.module else package)


def main() -> None:
    """Print the figures of a package."""
    parser = argparse.ArgumentParser(description="The graph of imports inside a package.")
    parser.add_argument("package", help="such as ckgqa_answer")
    parser.add_argument("--source", type=Path, help="the package's folder, if it is not this checkout's")
    typed = parser.parse_args()
    modules = module_graph(typed.source or package_folder(typed.package))
    parts = part_graph(modules)
    chain = longest_chain(parts) if not find_cycle(parts) else ["a circle:", *find_cycle(parts)]
    print(f"modules={len(modules)} parts={len(parts)} edges={sum(map(len, parts.values()))}")  # noqa: T201 -- a program
    print(f"longest_chain={len(chain)}: {' > '.join(chain)}")  # noqa: T201 -- a program


if __name__ == "__main__":
    main()
