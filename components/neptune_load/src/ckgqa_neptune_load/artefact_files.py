"""The files that an artefact must have."""

from pathlib import Path

from ckgqa.runtime.errors import InputError


def required_file(folder: Path, name: str) -> Path:
    """Return the path of a file that an artefact must have.

    Raises:
        InputError: the file is missing.
    """
    if not (folder / name).is_file():
        raise InputError(f"{folder / name}: there is no such file; the artefact is not whole, make it again")
    return folder / name
