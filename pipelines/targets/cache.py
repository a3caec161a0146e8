"""What a task's result is kept under, so that a run that goes on repeats only what changed.

A task's key is the hash of its program, its command line as compiled, the values of its parameters, and the contents of
its inputs; where it runs (process or container) and where its files are is no part of it.
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
"""Of the hash, in names of folders: 64 bits tell a run's few results apart."""


@dataclass(frozen=True)
class Result:
    """That a task ended well, kept beside its outputs."""

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
        contents: input artefact -> hash of what it holds.
    """
    told = [program, list(words), dict(parameters), dict(contents)]
    return hashlib.sha256(canonical_json(told).encode()).hexdigest()


def folder_of(tasks: Path, task: str, key: str) -> Path:
    """Return the folder of a task's result with this key."""
    return tasks / task / key[:KEY_CHARS]


def find_result(folder: Path, key: str) -> Result | None:
    """Return the result kept in a task's folder; None where there is none, or its outputs are not what they were.

    A file that came later does no harm, such as SQLite's own beside an embedded graph that someone has open.
    """
    try:
        found = json.loads((folder / DONE).read_text(encoding="utf-8"))
        result = Result(**found)
        whole = result.key == key and all(tree_hash(folder / name) == kept for name, kept in result.files.items())
    except (FileNotFoundError, ValueError, TypeError, InputError):
        return None
    return result if whole else None


def keep_result(
    folder: Path, key: str, seconds: float, outputs: Sequence[Path], metrics: Mapping[str, float]
) -> Result:
    """Note that the task ended well; from now on `find_result` finds it."""
    hashes = {path.relative_to(folder).as_posix(): tree_hash(path) for path in outputs}
    files = [file for path in outputs for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()]
    each = {file.relative_to(folder).as_posix(): tree_hash(file) for file in sorted(files)}
    result = Result(key, seconds, hashes, each, dict(metrics))
    with atomic_file(folder / DONE) as work:
        write_json(work, asdict(result))
    return result


def fresh(folder: Path) -> Path:
    """Make the folder anew, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
