"""Checks of optional inputs, shared by the command line, which copies them, and the stages, which read them."""

import logging
from pathlib import Path

from ckgqa.runtime.errors import InputError

logger = logging.getLogger(__name__)

KINDS = (".jsonl", ".json", ".txt")
FETCH_REMEDY = (
    "Fetch a BERT of the Hugging Face hub once by `hf download NAME --local-dir FOLDER`, and name that folder"
)
"""The remedy in the message about a name on the Hugging Face hub, or about a folder that does not exist."""


def optional_input(path: Path | None) -> Path | None:
    """Return the path of an input, or None for an empty folder: a pipeline passes one for an input that it lacks."""
    left_out = path is not None and path.is_dir() and not any(path.iterdir())
    return None if left_out else path


def text_files(path: Path) -> dict[str, Path]:
    """List the text files at `path`, which is one file or a folder of any depth; an empty folder has none.

    Returns:
        Each file by its name relative to the folder, sorted.

    Raises:
        InputError: the path does not exist, is a file of another kind, or is a folder that holds only such files.
    """
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder of texts")
    root = path if path.is_dir() else path.parent
    there = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    files = {file.relative_to(root).as_posix(): file for file in there}
    texts = {name: file for name, file in files.items() if file.suffix.lower() in KINDS}
    others = [name for name in files if name not in texts]
    if others and not texts:
        raise InputError(f"{path}: no file of texts but {others[0]}; expected one of {', '.join(KINDS)}")
    if others:
        logger.warning("%s: skipped, because they are not text files: %s", path, ", ".join(others))
    return texts
