"""The layout of the registry's folder, its lock, and the versions that were assigned.

models/
  registry.json                       marks the folder as a registry
  question-model/  extraction-model/  one folder per group, and in it one per version: see ckgqa.registry.package
    1/ 2/ ...
    last                              the highest version ever assigned, so that none is assigned twice
"""

import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ckgqa.runtime.artefacts import MODEL_REGISTRY, REGISTRY_JSON
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.files import atomic_file
from ckgqa.runtime.jsonlines import read_json, write_json
from ckgqa.runtime.locks import exclusive_lock

DEFAULT_REGISTRY = Path("models")
"""The default folder of the registry on the command line."""
MARK = {"format": MODEL_REGISTRY.name, "format_version": MODEL_REGISTRY.version}
LAST_FILE = "last"
LOCK_TIMEOUT_S = 300.0  # far longer than the largest model takes to copy


def registry_words(folder: Path) -> str:
    """Return the words that name a registry in a suggested command; empty for the default one."""
    return "" if folder.absolute() == DEFAULT_REGISTRY.absolute() else f" --registry {shlex.quote(str(folder))}"


def refuse_other(folder: Path) -> None:
    """Reject a folder that holds something else; an empty or missing folder is a registry without packages.

    Raises:
        InputError: it is a file, another program's folder, or a registry of another version.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f"{folder}: expected the folder of a registry of models, not a file")
    mark = folder / REGISTRY_JSON
    if mark.is_file():
        if read_json(mark) != MARK:
            raise InputError(f"{mark}: not a registry that this version reads ({MODEL_REGISTRY})")
    elif any(not entry.name.startswith(".") for entry in folder.iterdir()):  # the mark itself, while it is written
        raise InputError(f"{folder}: expected a registry of models or a new folder, but it holds something else")


@contextmanager
def locked(folder: Path, timeout_s: float, *, make: bool = False) -> Iterator[None]:
    """Hold the lock of the registry for the block, so that no other program registers or decides.

    Args:
        folder: of the registry.
        timeout_s: longest wait for another program, in seconds.
        make: create the registry if it does not exist.

    Raises:
        InputError: the folder holds something else.
        ServiceError: another program holds the lock for too long.
    """
    refuse_other(folder)
    if make:
        folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(exclusive_lock(folder, timeout_s))
        except BlockingIOError as error:
            message = f"{folder}: another program has been registering or deciding for over {timeout_s:g} s"
            raise ServiceError(f"{message}; wait for it, or stop it first") from error
        if make and not (folder / REGISTRY_JSON).exists():
            with atomic_file(folder / REGISTRY_JSON) as work:
                write_json(work, MARK)
        yield


def versions_in(group: Path) -> list[str]:
    """Return the versions in a group's folder, the newest last; none if there is no such folder."""
    names = [entry.name for entry in group.iterdir() if entry.name.isdecimal()] if group.is_dir() else []
    return sorted(names, key=int)


def last_version(group: Path) -> int:
    """Return the highest version that was ever assigned in a group; 0 for none.

    Raises:
        InputError: the file with that version is damaged.
    """
    file = group / LAST_FILE
    text = file.read_text(encoding="utf-8").strip() if file.is_file() else "0"
    if not text.isdecimal():
        raise InputError(f"{file}: expected the highest version that was ever assigned, not {text!r}")
    return max(int(text), *map(int, versions_in(group)), 0)


def note_last_version(group: Path, version: int) -> None:
    """Record an assigned version, so that it is not assigned again when its folder is gone."""
    with atomic_file(group / LAST_FILE) as work:
        work.write_text(f"{version}\n", encoding="utf-8")
