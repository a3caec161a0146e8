"""The files of a raw archive: each role takes the file of its standard name, or the one that the user names.

A backslash in a name separates folders, as PowerShell 5.1 packs zips. Upper and lower case make no difference, as on
the machines where most archives are packed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.settings import option_of, refusal
from ckgqa.runtime.white_space import trimmed

MAX_LISTED = 20  # files that a refusal names
MACOS_FOLDER = "__MACOSX"


@dataclass(frozen=True)
class ArchiveLayout:
    """The files of one kind of archive."""

    roles: dict[str, tuple[str, ...]]
    """Role of a file -> the names that it may have."""
    depth: int
    """Maximum number of parts of a file's path: 2 allows a file in one folder."""
    record: str
    """What a line of its files holds, for messages."""
    is_json: bool = False
    """Whether every file has one JSON object a line, and a setting of the role's name may name another file."""

    @property
    def wanted(self) -> str:
        """The names of its files, for messages."""
        return ", ".join(names[0] for names in self.roles.values())


@dataclass(frozen=True)
class ArchiveFile:
    """One file of an archive, or a file that a user names."""

    name: str
    """The name as it stands in the archive, or as the user typed it."""

    @cached_property
    def path(self) -> PurePosixPath:
        """The path that the name stands for."""
        return PurePosixPath(trimmed(self.name).replace("\\", "/"))

    @cached_property
    def folded(self) -> PurePosixPath:
        """The path without the difference of upper and lower case."""
        return PurePosixPath(str(self.path).casefold())


def find_roles(
    path: Path, files: Sequence[ArchiveFile], layout: ArchiveLayout, chosen: Mapping[str, str]
) -> dict[str, str]:
    """Find the file of each role, and skip what macOS adds.

    Args:
        path: the archive, for messages.
        files: all its files.
        layout: the roles.
        chosen: role -> name or path of the file that the user names; empty for the layout's names.

    Returns:
        Role -> name of the file in the archive.

    Raises:
        InputError: a file is missing, two files stand for one role, or one file for two roles.
    """
    there = [file for file in files if file.path.parts and file.path.parts[0] != MACOS_FOLDER]
    found: dict[str, ArchiveFile] = {}
    missing: list[str] = []
    for role, known in layout.roles.items():
        name = trimmed(chosen.get(role, ""))
        candidates = _named(path, there, role, name) if name else _standard(there, known, layout.depth)
        if len(candidates) > 1:
            raise _ambiguous(path, candidates, role)
        if candidates:
            found[role] = candidates[0]
        else:
            missing.append(f"{role} file ({' or '.join(known)})")
    if missing:
        folders = "one folder" if layout.depth == 2 else "a folder"
        hint = f"; {_options(layout)} name files of other names; {_listed(there)}" if layout.is_json else ""
        raise InputError(f"{path}: no {', no '.join(missing)}, neither at the top nor in {folders}{hint}")
    _reject_shared(path, found)
    return {role: file.name for role, file in found.items()}


def is_known(file: ArchiveFile, layout: ArchiveLayout, chosen: Mapping[str, str]) -> bool:
    """Return whether a file has a standard name or one that the user names."""
    standard = {name.casefold() for names in layout.roles.values() for name in names}
    named = {ArchiveFile(name).folded.name for name in chosen.values()} - {""}
    return file.folded.name in standard | named


def _standard(files: Iterable[ArchiveFile], known: Sequence[str], depth: int) -> list[ArchiveFile]:
    """List the files with one of the standard names, at the top or in folders down to a depth."""
    names = {name.casefold() for name in known}
    return [file for file in files if file.folded.name in names and len(file.path.parts) <= depth]


def _named(path: Path, files: Sequence[ArchiveFile], role: str, name: str) -> list[ArchiveFile]:
    """List the files that a user's name or path fits best.

    Raises:
        InputError: there is none.
    """
    wanted = ArchiveFile(name)
    levels = (
        [file for file in files if file.path == wanted.path],
        [file for file in files if file.folded == wanted.folded],
        [file for file in files if file.path.name == str(wanted.path)],
        [file for file in files if file.folded.name == str(wanted.folded)],
    )
    best = next(filter(None, levels), None)
    if best is None:
        raise InputError(refusal(option_of(role), name, f"the name of a file in {path}; {_listed(files)}"))
    return best


def _ambiguous(path: Path, candidates: Sequence[ArchiveFile], role: str) -> InputError:
    first, second, *_ = (file.name for file in candidates)
    names = f"two files are named {first}" if first == second else f"{first} and {second} are both there"
    return InputError(f"{path}: {names}; expected one {role} file")


def _reject_shared(path: Path, found: Mapping[str, ArchiveFile]) -> None:
    """Raise InputError if one file has two roles: a test on the training sentences tests nothing."""
    roles: dict[str, str] = {}
    for role, file in found.items():
        if (other := roles.setdefault(file.name, role)) != role:
            raise InputError(f"{path}: {file.name} is both the {other} file and the {role} file; expected two files")


def _options(layout: ArchiveLayout) -> str:
    return ", ".join(map(option_of, layout.roles))


def _listed(files: Sequence[ArchiveFile]) -> str:
    """Return the files that are there, for a refusal."""
    names = [str(file.path) for file in files]
    more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
    return f"there are {', '.join(names[:MAX_LISTED])}{more}" if names else "there is no file in it"
