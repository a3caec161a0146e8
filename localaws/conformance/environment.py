"""The environment of the foreign clients: made once for all checkouts, in the user's cache folder.

    python localaws/conformance/environment.py

makes it if it is not there, and prints the path of its Python.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from ckgqa.runtime.files import atomic_folder
from ckgqa.runtime.locks import exclusive_lock
from ckgqa.runtime.user_cache import user_cache_dir

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
INSTALL_S = 600.0
"""Longest wait for another process that makes the environment."""
HASH_CHARS = 12
PIP_WORDS = ("install", "--quiet", "--no-deps", "--no-compile", "--no-input", "--disable-pip-version-check")
"""Everything is pinned, so that pip has nothing to resolve. Compiling the packages would take longer than they run."""


def clients_python() -> Path:
    """Return the Python of the environment, after the environment was made if it was not there.

    Raises:
        subprocess.CalledProcessError: it cannot be made; pip has printed why.
        BlockingIOError: another process has been making it for too long.
    """
    folder = environment_folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = folder.with_suffix(".lock")
    lock.touch()
    with exclusive_lock(lock, timeout_s=INSTALL_S):
        if not folder.is_dir():
            _make(folder)
    return folder / "bin" / "python"


def environment_folder() -> Path:
    """Return the folder of the environment; its name changes with the packages and the version of Python."""
    made_from = [REQUIREMENTS.read_bytes(), f"{platform.python_version()} {sys.base_prefix}".encode()]
    digest = hashlib.sha256(b"\0".join(made_from)).hexdigest()
    return user_cache_dir() / "localaws" / f"conformance-{digest[:HASH_CHARS]}"


def _make(folder: Path) -> None:
    """Make the environment under another name; only a whole one gets its own.

    The programs in its `bin` name the folder in which they were made, so that clients are run as modules: `-m awscli`.
    """
    with atomic_folder(folder) as work:
        subprocess.run([sys.executable, "-I", "-m", "venv", work], check=True)
        site_configuration = Path(sys.prefix) / "pip.conf"  # pip reads the one of the environment that it runs in
        if site_configuration.is_file():
            shutil.copy(site_configuration, work)
        subprocess.run([work / "bin" / "python", "-I", "-m", "pip", *PIP_WORDS, "-r", REQUIREMENTS], check=True)


if __name__ == "__main__":
    sys.stdout.write(f"{clients_python()}\n")
