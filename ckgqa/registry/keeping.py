"""The registry's folder: what says that it is one, the lock on it, and which versions were given.

models/
  registry.json                       says what this folder is
  question-model/  extraction-model/  one folder a group, and in it one a version: see ckgqa.registry.package
    1/ 2/ ...
    last                              the highest version ever given, so that none is given twice
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ckgqa.runtime.artefacts import MODEL_REGISTRY
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.files import atomic_file
from ckgqa.runtime.jsonlines import read_json, write_json
from ckgqa.runtime.locks import exclusive_lock

USUAL = Path("models")
"""Where the command line keeps the registry, unless told otherwise."""
MARK = {"format": MODEL_REGISTRY.name, "format_version": MODEL_REGISTRY.version}
MARK_FILE, LAST_FILE = "registry.json", "last"
LOCK_TIMEOUT_S = 300.0  # far longer than the largest model takes to copy


def refuse_other(folder: Path) -> None:
    """Refuse a folder that holds something else; one that is empty or not there holds no packages yet.

    Raises:
        InputError: it is a file, another program's folder, or a registry of another version.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f"{folder}: a file; the folder of a registry of models is expected")
    mark = folder / MARK_FILE
    if mark.is_file():
        if read_json(mark) != MARK:
            raise InputError(f"{mark}: not a registry that this version reads ({MODEL_REGISTRY})")
    elif any(not one.name.startswith(".") for one in folder.iterdir()):  # the mark itself, while it is written
        raise InputError(f"{folder}: no registry of models, and not empty; name a registry or a new folder")


@contextmanager
def locked(folder: Path, timeout_s: float, *, make: bool = False) -> Iterator[None]:
    """Keep other programs from registering and deciding for the block.

    Args:
        folder: of the registry.
        timeout_s: longest wait for another program.
        make: make the registry where there is none.

    Raises:
        InputError: the folder holds something else.
        ServiceError: another program keeps it for too long.
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
        if make and not (folder / MARK_FILE).exists():
            with atomic_file(folder / MARK_FILE) as work:
                write_json(work, MARK)
        yield


def versions_in(group: Path) -> list[str]:
    """Return the versions that stand in a group's folder, the newest last; none where it is not there."""
    names = [one.name for one in group.iterdir() if one.name.isdecimal()] if group.is_dir() else []
    return sorted(names, key=int)


def last_version(group: Path) -> int:
    """Return the highest version that was ever given in a group's folder; 0 for none.

    Raises:
        InputError: the file that says so is damaged.
    """
    file = group / LAST_FILE
    given = file.read_text(encoding="utf-8").strip() if file.is_file() else "0"
    if not given.isdecimal():
        raise InputError(f"{file}: {given!r} is no number; write the highest version that was ever given there")
    return max(int(given), *map(int, versions_in(group)), 0)


def note_last_version(group: Path, version: int) -> None:
    """Write down the version that was given, which outlives its folder."""
    with atomic_file(group / LAST_FILE) as work:
        work.write_text(f"{version}\n", encoding="utf-8")
