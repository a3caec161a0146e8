"""The server's virtual environment: its own, because MiniStack's botocore does not resolve with the project's.

It is made once, under a name that changes with the packages. Beside them it holds the service models of AWS that the
server validates requests against.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ckgqa.bundle import ROOT
from ckgqa.localaws.instances import localaws_home
from ckgqa.localaws.server_settings import SOURCES
from ckgqa.runtime.errors import ServiceError
from ckgqa.runtime.files import atomic_folder
from ckgqa.runtime.progress import Progress

PACKAGES = ROOT / "localaws" / "requirements.txt"
MODELS = ROOT / "localaws" / "requirements-models.txt"
SERVICES = (
    "application-autoscaling",
    "codebuild",
    "codecommit",
    "ecr",
    "neptune",
    "neptunedata",
    "sagemaker",
    "sagemaker-metrics",
    "sagemaker-runtime",
)
"""The services whose models are kept; localaws/Dockerfile names the same."""
HASH_CHARS = 12
PIP_WORDS = ("install", "--no-deps", "--no-user", "--no-input", "--disable-pip-version-check")
"""Both files pin everything that is needed, so that pip has nothing to resolve."""
COLLECTED = "Collecting "
"""Begins pip's line about each package."""


@dataclass(frozen=True)
class ServerProgram:
    """What starts a server."""

    command: tuple[str, ...]
    """The words of its command line before the file of its configuration."""
    models: Path
    """The folder of the service models."""

    def environment(self) -> dict[str, str]:
        """Return its environment: the caller's, in which no other package is in reach."""
        kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONPATH"}}
        return {**kept, "PYTHONPATH": str(SOURCES), "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True)
class Installer:
    """The commands that make an environment."""

    venv: tuple[str, ...] = (sys.executable, "-I", "-m", "venv")
    """Makes a virtual environment in the folder that follows."""
    pip: tuple[str, ...] = ("bin/python", "-I", "-m", "pip")
    """Runs pip; the first word is a path in the environment. `-I` hides the caller's packages from pip; pip's own
    configuration files and variables still apply."""


def installed_program(installer: Installer = Installer()) -> ServerProgram:
    """Return the server's program, after its environment was made if it was not there.

    The caller holds the lock `one_at_a_time`.

    Raises:
        ServiceError: the environment cannot be made.
    """
    folder = environment_folder()
    if not folder.is_dir():
        _make(folder, installer)
    return ServerProgram((str(folder / "bin" / "python"), "-m", "localaws"), folder / "models" / "botocore" / "data")


def environment_folder() -> Path:
    """Return the folder of the environment; its name changes with its content and the Python version."""
    made_from = [PACKAGES.read_bytes(), MODELS.read_bytes(), " ".join(SERVICES).encode()]
    made_from += [f"{platform.python_implementation()} {platform.python_version()} {sys.base_prefix}".encode()]
    digest = hashlib.sha256(b"\0".join(made_from)).hexdigest()
    return localaws_home() / f"env-{digest[:HASH_CHARS]}"


def _make(folder: Path, installer: Installer) -> None:
    """Make the environment under another name; only a whole one gets its own."""
    sys.stderr.write("Installing localaws' environment (once, about a minute)...\n")
    log, started = localaws_home() / "install.log", time.monotonic()
    with atomic_folder(folder) as work, log.open("w", encoding="utf-8") as output:
        _run([*installer.venv, str(work)], output)
        site_configuration = Path(sys.prefix) / "pip.conf"  # pip reads the one of the environment that it runs in
        if site_configuration.is_file():
            shutil.copy(site_configuration, work)
        pip = [str(work / installer.pip[0]), *installer.pip[1:], *PIP_WORDS]
        unpacked = work / "unpacked"
        with Progress(sum(map(_count, (PACKAGES, MODELS))), "packages", "localaws") as progress:
            _run([*pip, "-r", str(PACKAGES)], output, progress)
            _run([*pip, "--no-compile", "--target", str(unpacked), "-r", str(MODELS)], output, progress)
        _keep_models(unpacked / "botocore" / "data", work / "models" / "botocore" / "data")
        shutil.rmtree(unpacked)
    log.unlink()
    sys.stderr.write(f"Installed in {time.monotonic() - started:.0f} s.\n")


def _run(command: Sequence[str], output: IO[str], progress: Progress | None = None) -> None:
    """Run one command to its end, with its output in the log, and count the packages that pip collects.

    Raises:
        ServiceError: it fails; the message holds its last line.
    """
    last = ""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                output.write(line)
                last = line.strip() or last
                if progress and line.startswith(COLLECTED):
                    progress.advance()
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        reason = last.removeprefix("ERROR: ") or f"exit code {process.returncode}"
        raise ServiceError(f"localaws' environment cannot be installed: {reason} (the whole output: {output.name})")


def _count(requirements: Path) -> int:
    return len([line for line in requirements.read_text(encoding="utf-8").splitlines() if "==" in line])


def _keep_models(everything: Path, kept: Path) -> None:
    kept.mkdir(parents=True)
    for service in SERVICES:
        (everything / service).rename(kept / service)
