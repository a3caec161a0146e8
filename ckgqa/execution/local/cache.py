"""The cache of task results, so that a resumed run repeats only what changed.

A task's key is the hash of its program, its command line as compiled, the values of its parameters, and the contents of
its inputs; where it runs (process or container) and the paths of its files do not count.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_file, tree_hash
from ckgqa.runtime.jsonlines import canonical_json, write_json

DONE = "done.json"
KEY_CHARS = 16
"""Length of the hash in folder names: 64 bits distinguish the few results of a run."""


@dataclass(frozen=True)
class CachedResult:
    """The record of a task that succeeded, stored beside its outputs."""

    key: str
    seconds: float
    outputs: dict[str, str]
    """Output file or folder (relative) -> hash of what it held when the task ended."""
    files: dict[str, str]
    """Every file in the outputs (relative) -> hash of its bytes."""
    metrics: dict[str, float]


def task_key(
    program: str, words: Sequence[str], parameters: Mapping[str, object], contents: Mapping[str, str | list[str]]
) -> str:
    """Return the key of a task.

    Args:
        program: hash of the program.
        words: the compiled command line, its placeholders unreplaced.
        parameters: values of the input parameters.
        contents: input artefact -> hash of its content.
    """
    parts = [program, list(words), dict(parameters), dict(contents)]
    return hashlib.sha256(canonical_json(parts).encode()).hexdigest()


def folder_of(tasks: Path, task: str, key: str) -> Path:
    """Return the folder of a task's result with this key."""
    return tasks / task / key[:KEY_CHARS]


def find_result(folder: Path, key: str) -> CachedResult | None:
    """Return the result in a task's folder; None if there is none, or if its outputs have changed.

    Additional files do not matter, such as SQLite's own beside an open embedded graph.
    """
    try:
        content = json.loads((folder / DONE).read_text(encoding="utf-8"))
        result = CachedResult(**content)
        whole = result.key == key and all(tree_hash(folder / name) == known for name, known in result.files.items())
    except (FileNotFoundError, ValueError, TypeError, InputError):
        return None
    return result if whole else None


def store_result(
    folder: Path, key: str, seconds: float, outputs: Sequence[Path], metrics: Mapping[str, float]
) -> CachedResult:
    """Record that the task succeeded, so that `find_result` finds its result."""
    hashes = {path.relative_to(folder).as_posix(): tree_hash(path) for path in outputs}
    files = [file for path in outputs for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()]
    each = {file.relative_to(folder).as_posix(): tree_hash(file) for file in sorted(files)}
    result = CachedResult(key, seconds, hashes, each, dict(metrics))
    with atomic_file(folder / DONE) as work:
        write_json(work, asdict(result))
    return result


def fresh(folder: Path) -> Path:
    """Create the folder, emptied."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
