"""The wheel of torch that the build context of the image torch-cpu holds: the CPU build, if it can be reached."""

import logging
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ckgqa.images.torch_source import choose_torch
from ckgqa.runtime.errors import InputError, ServiceError

logger = logging.getLogger(__name__)

TORCH_CPU = "torch-cpu"
PLATFORMS = {"amd64": "manylinux_2_28_x86_64", "arm64": "manylinux_2_28_aarch64"}  # engine's word -> wheel's word
IMAGE_PYTHON = "3.11"  # of the public image that images/base builds FROM
CUDA_PACKAGES = ("nvidia-", "cuda-", "triton")


@contextmanager
def torch_wheel(version: str, architecture: str, file: Path | None) -> Iterator[Path]:
    """Yield a wheel of torch: `file`, or one that pip downloads for the block.

    If no CPU build can be reached, pip's own index decides: on PyPI that is the CUDA build, and a warning says so.

    Args:
        version: the public version, `2.13.0`.
        architecture: the Docker engine's, `amd64` or `arm64`.
        file: a wheel that the user names; None downloads one.

    Raises:
        InputError: `file` is a CUDA build, or is not a wheel.
        ServiceError: pip finds no wheel.
    """
    with tempfile.TemporaryDirectory(prefix="ckgqa-torch-") as folder:
        if file is not None:
            reject_cuda(file)
        yield file or _download(version, PLATFORMS[architecture], Path(folder))


def reject_cuda(wheel: Path) -> None:
    """Reject a wheel that depends on CUDA's packages.

    Raises:
        InputError: it does, or the file is not a wheel.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            metadata = archive.read(name).decode()
    except (OSError, zipfile.BadZipFile, StopIteration) as error:
        raise InputError(f"{wheel}: expected a wheel (.whl) of torch's CPU build ({error})") from error
    required = [line.removeprefix("Requires-Dist: ") for line in metadata.splitlines()]
    cuda = [requirement for requirement in required if requirement.startswith(CUDA_PACKAGES)]
    if cuda:
        message = (
            f"{wheel.name}: expected torch's CPU build; this one depends on {cuda[0]!r} and brings several GB of CUDA. "
            "Name a CPU wheel with --torch-wheel; the image torch-gpu holds the CUDA build"
        )
        raise InputError(message)


def _download(version: str, platform: str, folder: Path) -> Path:
    """Download the wheel for the image's Python and platform."""
    target = ("--python-version", IMAGE_PYTHON, "--platform", platform, "--only-binary", ":all:")
    source = choose_torch(version, "cpu", target)
    if source.is_fallback:
        logger.warning("%s; the image gets torch from pip's own index, on PyPI with several GB of CUDA", source.reason)
    else:
        logger.info(source.reason)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--dest", str(folder), *target, *source.pip_arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        last_line = " ".join(done.stderr.strip().splitlines()[-1:])
        message = f"pip found no {source.requirement} for {platform}: {last_line}; name a wheel with --torch-wheel"
        raise ServiceError(message)
    return wheels[0]
