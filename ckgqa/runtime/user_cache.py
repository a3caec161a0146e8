"""The user's cache folder, where programs keep what they can make again."""

import os
from pathlib import Path

CACHE_VARIABLE = "CKGQA_CACHE"
"""Names the folder in the place of the usual one."""


def user_cache_dir() -> Path:
    """Return the folder: `$CKGQA_CACHE`, else `ckgqa` in `$XDG_CACHE_HOME` or in `~/.cache`; it need not exist."""
    override = os.environ.get(CACHE_VARIABLE)
    if override:
        return Path(override)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ckgqa"
