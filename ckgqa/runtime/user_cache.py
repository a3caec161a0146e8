"""The user's cache folder, for files that programs can make again."""

import os
from pathlib import Path

CACHE_VARIABLE = "CKGQA_CACHE"
"""The variable that names another folder."""


def user_cache_dir() -> Path:
    """Return the folder: `$CKGQA_CACHE`, else `ckgqa` in `$XDG_CACHE_HOME` or in `~/.cache`; it need not exist."""
    override = os.environ.get(CACHE_VARIABLE)
    if override:
        return Path(override)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ckgqa"
