"""Decide which build of torch pip installs, and from which source.

    pip install $(python -m ckgqa.images.torch_source)

The program prints the arguments that make pip install torch and nothing else, and explains the choice in one line on
standard error. It needs the standard library alone, so that it runs in an environment that is still empty.

PyPI's torch for Linux brings several GB of CUDA, which a machine without an NVIDIA GPU cannot use. PyTorch publishes
CPU builds of the same version, marked by the local version `+cpu`, on an index of its own. The rules, in this order:

1. The find-links of pip's own configuration (`PIP_FIND_LINKS` for instance) hold the pinned version: take it.
2. The machine has an NVIDIA GPU: take what pip's own index holds, on PyPI the CUDA build.
3. The index of CPU builds answers: take the CPU build from there.
4. Otherwise take what pip's own index holds, and warn unless that is a CPU build.

`TORCH=cpu` and `TORCH=cuda` replace the look at the GPU, and rule 1 then holds for a wheel of that build alone.
`TORCH_CPU_INDEX` names a mirror of the index of CPU builds.

The index of CPU builds also carries numpy, Jinja2 and other packages. Therefore torch is installed alone, without its
dependencies, from that index's page of torch (`--no-index --find-links`); a second call of pip adds the dependencies
from pip's own index.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ckgqa.bundle import ROOT
from ckgqa.runtime.errors import InputError, StageError
from ckgqa.runtime.log import without_credentials

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
INDEX_VARIABLE = "TORCH_CPU_INDEX"
BUILD_VARIABLE = "TORCH"
DRIVER = Path("/proc/driver/nvidia")  # the kernel's NVIDIA driver, where it is loaded
NVIDIA_SMI_S = 20  # the first call on a machine loads the driver
ANSWER_S = 3  # an index that answers later counts as absent
PROBE_S = 30  # for a whole call of pip, whatever its indexes do
VERSIONS = re.compile(r"^Available versions: (.*)$", re.MULTILINE)

TorchBuild = Literal["cpu", "cuda"]


@dataclass(frozen=True)
class TorchSource:
    """Where pip takes torch from."""

    requirement: str
    """Which builds pip may choose: `torch==2.13.0+cpu`."""
    options: tuple[str, ...]
    """The options of pip that name the source; empty for pip's own configuration."""
    reason: str
    """The choice and its reason, for a person."""
    is_fallback: bool = False
    """Whether the wanted build was out of reach."""

    @property
    def pip_arguments(self) -> tuple[str, ...]:
        """The arguments of `pip install` and `pip download` that bring torch alone."""
        return ("--no-deps", *self.options, self.requirement)


def choose_torch(version: str, build: TorchBuild | None = None, target: Sequence[str] = ()) -> TorchSource:
    """Choose the build of torch and its source by the rules above.

    Args:
        version: the public version, `2.13.0`.
        build: the build that the user or the image asks for; None looks for a GPU.
        target: pip's options for another platform than this machine (`--platform` and the like).
    """
    cpu_version = f"{version}+cpu"
    local = find_versions(("--no-index",), target)
    same_version = [found for found in local if found.partition("+")[0] == version]
    if build is None and same_version:
        reason = f"torch {same_version[0]} comes from the find-links of pip's configuration"
        return TorchSource(f"torch=={version}", ("--no-index",), reason)
    if build is None:
        build = "cuda" if has_nvidia_gpu() else "cpu"
    if build == "cuda":
        reason = f"torch {version} comes with CUDA from pip's own index ({BUILD_VARIABLE}=cpu takes the CPU build)"
        return TorchSource(f"torch=={version},!={cpu_version}", (), reason)
    if cpu_version in local:
        reason = f"torch {cpu_version} comes from the find-links of pip's configuration"
        return TorchSource(f"torch=={cpu_version}", ("--no-index",), reason)
    if sys.platform != "linux" and not target:
        return TorchSource(f"torch=={version}", (), f"torch {version} comes from pip's own index, for the CPU")
    index = os.environ.get(INDEX_VARIABLE) or CPU_INDEX
    page = ("--no-index", "--find-links", f"{index.rstrip('/')}/torch/")
    if cpu_version in find_versions(page, target):
        reason = f"torch {cpu_version} comes from {index} ({BUILD_VARIABLE}=cuda takes the build with CUDA)"
        return TorchSource(f"torch=={cpu_version}", page, reason)
    if cpu_version in find_versions((), target):
        return TorchSource(f"torch=={cpu_version}", (), f"torch {cpu_version} comes from pip's own indexes")
    if same_version:
        reason = f"torch {same_version[0]} comes from the find-links of pip's configuration"
        return TorchSource(f"torch=={version}", ("--no-index",), reason)
    reason = f"{index} does not answer within {ANSWER_S} s or holds no torch {cpu_version} for this Python"
    return TorchSource(f"torch=={version}", (), reason, is_fallback=True)


def find_versions(source: Sequence[str], target: Sequence[str] = ()) -> list[str]:
    """List the versions of torch that pip finds in a source, newest first; empty if the source does not answer.

    Args:
        source: pip's options that name the source.
        target: pip's options for another platform than this machine.
    """
    command = [sys.executable, "-m", "pip", "index", "versions", "torch", "--disable-pip-version-check"]
    command += ["--retries", "0", "--timeout", str(ANSWER_S), *source, *target]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PROBE_S)
    except subprocess.TimeoutExpired:
        return []
    listed = VERSIONS.search(done.stdout)
    return listed[1].split(", ") if listed else []


def has_nvidia_gpu(driver: Path = DRIVER) -> bool:
    """Return whether this machine has an NVIDIA GPU with its driver."""
    if driver.is_dir():
        return True
    try:
        done = subprocess.run(["nvidia-smi", "-L"], capture_output=True, check=False, timeout=NVIDIA_SMI_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def pinned_version(constraints: Path = ROOT / "constraints.txt") -> str:
    """Read the pinned version of torch from constraints.txt."""
    lines = constraints.read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("torch==")).removeprefix("torch==")


def wanted_build(environment: Mapping[str, str]) -> TorchBuild | None:
    """Read the build that the environment asks for; None if it asks for none.

    Raises:
        InputError: there is no such build.
    """
    match environment.get(BUILD_VARIABLE, ""):
        case "":
            return None
        case "cpu":
            return "cpu"
        case "cuda":
            return "cuda"
        case other:
            raise InputError(f"{BUILD_VARIABLE} {other}: expected cpu or cuda")


def main() -> int:
    """Print pip's arguments on standard output and the reason on standard error; return the exit code."""
    try:
        source = choose_torch(pinned_version(), wanted_build(os.environ))
    except StageError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    reason = source.reason
    if source.is_fallback:
        reason = f"warning: {reason}; torch comes from pip's own index instead, on PyPI with several GB of CUDA"
    sys.stderr.write(f"{without_credentials(reason)}\n")
    sys.stdout.write(" ".join(source.pip_arguments) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
