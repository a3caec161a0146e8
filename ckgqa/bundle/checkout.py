"""Which commit the code is of, for labels and records."""

import subprocess

from ckgqa.bundle import ROOT


def commit() -> str:
    """Return the checkout's commit, with `-dirty` where files differ from it; empty for an installed wheel."""
    if not (ROOT / "components").is_symlink():
        return ""  # a wheel may well lie below somebody else's checkout
    command = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (FileNotFoundError, subprocess.CalledProcessError):  # no git on this machine, or no repository
        return ""
