"""What people may give: the command line copies what a stage then reads, and both refuse in the same words."""

import logging
from pathlib import Path

from ckgqa.runtime.errors import InputError

logger = logging.getLogger(__name__)

KINDS = (".jsonl", ".json", ".txt")
HUB = "A BERT of the hub is fetched once, by `hf download NAME --local-dir FOLDER`, and then given as that folder"
"""What people are told who give a name on the hub, or a folder that is not there."""


def optional_input(path: Path | None) -> Path | None:
    """Return an input; None for one left out by an empty folder, as pipelines do, whose inputs are always there."""
    left_out = path is not None and path.is_dir() and not any(path.iterdir())
    return None if left_out else path


def text_files(path: Path) -> dict[str, Path]:
    """List the files of texts that `path` is or holds at any depth; none for an empty folder.

    Returns:
        File by its name relative to the folder that is given, sorted.

    Raises:
        InputError: it is not there, a file of another kind, or a folder of nothing but such files.
    """
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder of texts")
    root = path if path.is_dir() else path.parent
    there = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    files = {file.relative_to(root).as_posix(): file for file in there}
    texts = {name: file for name, file in files.items() if file.suffix.lower() in KINDS}
    others = [name for name in files if name not in texts]
    if others and not texts:
        raise InputError(f"{path}: no file of texts but {others[0]}; one of {', '.join(KINDS)} is expected")
    if others:
        logger.warning("%s: passed over, since they are no files of texts: %s", path, ", ".join(others))
    return texts
