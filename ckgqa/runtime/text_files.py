"""Files of texts: which files of a folder or of a zip hold texts, shared by the command line and the extraction."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.zip_files import open_zip

logger = logging.getLogger(__name__)

KINDS = (".jsonl", ".json", ".txt")
ZIP = ".zip"
WANTED = f"files of texts ({', '.join(KINDS)})"
MACOS_FOLDER, MACOS_PREFIX = "__MACOSX", "._"
"""macOS adds a folder and files of these names to its zips; they hold no texts."""


@dataclass(frozen=True)
class TextFile:
    """One file of texts, on disk or in a zip."""

    path: Path
    """The file on disk: the file of texts itself, or the zip."""
    name: str
    """Its name relative to the folder that was given; in a zip, the name of the zip and its name inside."""
    member: str = ""
    """Its name inside the zip; empty for a file on disk."""


def text_files(path: Path) -> dict[str, Path]:
    """List the files on disk that hold texts, zips among them: one file, or those of a folder of any depth.

    Returns:
        Each file by its name relative to the folder, sorted; none for an empty folder.

    Raises:
        InputError: the path does not exist, is a file of another kind, or is a folder that holds only such files; or a
            zip is damaged or an attack.
    """
    return {name: files[0].path for name, files in _texts_by_name(path).items()}


def list_texts(path: Path) -> list[TextFile]:
    """List the files of texts, those inside zips too.

    Returns:
        The files, sorted by their names.

    Raises:
        InputError: as `text_files`.
    """
    return [file for files in _texts_by_name(path).values() for file in files]


@contextmanager
def open_text_file(path: Path) -> Iterator[Callable[[str], IO[bytes]]]:
    """Open a file on disk for the block; yield the function that opens a member of the zip, or the file itself for ''.

    Raises:
        InputError: the zip is damaged or an attack.
    """
    if path.suffix.lower() == ZIP:
        with open_zip(path, WANTED) as opened:
            yield opened.open
    else:
        yield lambda _: path.open("rb")


def _texts_by_name(path: Path) -> dict[str, list[TextFile]]:
    """Return the texts of each file on disk that holds some, by its name relative to the folder."""
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder of texts")
    root = path if path.is_dir() else path.parent
    there = sorted(file for file in path.rglob("*") if _is_file(file)) if path.is_dir() else [path]
    files = {file.relative_to(root).as_posix(): file for file in there}
    found = {name: _texts_of(file, name) for name, file in files.items()}
    texts = {name: of_file for name, of_file in found.items() if of_file}
    others = [name for name in files if name not in texts]
    if others and not texts:
        if path.suffix.lower() == ZIP:
            raise InputError(
                f"{path}: no file of texts in this zip; expected one of {', '.join(KINDS)}, not in a zip inside"
            )
        raise InputError(f"{path}: no file of texts but {others[0]}; expected one of {', '.join((*KINDS, ZIP))}")
    if others:
        logger.warning("%s: skipped, because they are not text files: %s", path, ", ".join(others))
    return texts


def _texts_of(file: Path, name: str) -> list[TextFile]:
    """Return the texts of a file on disk: the file itself, the files in a zip, or none."""
    if file.suffix.lower() in KINDS:
        return [TextFile(file, name)]
    if file.suffix.lower() != ZIP:
        return []
    with open_zip(file, WANTED) as opened:
        # Old Windows tools write backslashes between folders.
        members: dict[str, str] = {}
        for member in opened.names:
            inside = member.replace("\\", "/")
            if (other := members.setdefault(inside, member)) != member:
                raise InputError(f"{file}: {other} and {member} are both there; expected one file of each name")
        if len(members) < len(opened.names):
            repeated = next(member for member in opened.names if opened.names.count(member) > 1)
            raise InputError(f"{file}: {repeated} is there twice; expected one file of each name")
    return [TextFile(file, f"{name}/{inside}", members[inside]) for inside in sorted(members) if _is_text(inside)]


def _is_file(path: Path) -> bool:
    """Return whether a path in a folder is a file.

    Raises:
        InputError: it is a link to nothing, so that texts which the user expects would be left out.
    """
    if path.is_symlink() and not path.exists():
        raise InputError(f"{path}: a link to a file that does not exist; expected a file, or no link")
    return path.is_file()


def _is_text(member: str) -> bool:
    path = PurePosixPath(member)
    by_macos = path.parts[0] == MACOS_FOLDER or path.name.startswith(MACOS_PREFIX)
    return path.suffix.lower() in KINDS and not by_macos
