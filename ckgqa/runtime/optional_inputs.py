"""Checks of optional inputs, shared by the command line, which copies them, and the stages, which read them."""

from pathlib import Path

FETCH_REMEDY = (
    "Fetch a BERT of the Hugging Face hub once by `hf download NAME --local-dir FOLDER`, and name that folder"
)
"""The remedy in the message about a name on the Hugging Face hub, or about a folder that does not exist."""


def optional_input(path: Path | None) -> Path | None:
    """Return the path of an input, or None for an empty folder: a pipeline passes one for an input that it lacks."""
    left_out = path is not None and path.is_dir() and not any(path.iterdir())
    return None if left_out else path
