"""What a build receives: a tar archive of named files, and for torch-cpu the wheel of torch that fits."""

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ckgqa.runtime.errors import InputError, ServiceError

TORCH_CPU = "torch-cpu"
PLATFORMS = {"amd64": "manylinux_2_28_x86_64", "arm64": "manylinux_2_28_aarch64"}  # engine's word -> wheel's word
IMAGE_PYTHON = "3.11"  # of the public image that images/base builds FROM
CUDA_PACKAGES = ("nvidia-", "cuda-", "triton")
CPU_INDEX = "https://download.pytorch.org/whl/cpu"


@contextmanager
def archived(files: Mapping[str, Path]) -> Iterator[BinaryIO]:
    """Give a tar archive of `files` (name in it -> file) that depends on names and bytes alone, for the block."""
    with tempfile.TemporaryFile() as stream:
        with tarfile.open(fileobj=stream, mode="w") as tar:
            for name, file in sorted(files.items()):
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = file.stat().st_size, 0o644
                with file.open("rb") as content:
                    tar.addfile(entry, content)
        stream.seek(0)
        yield stream


@contextmanager
def torch_wheel(pin: str, architecture: str, given: Path | None) -> Iterator[Path]:
    """Give torch's CPU wheel for the block: the one that is given, else the one that this machine's pip finds.

    Args:
        pin: the requirement, `torch==2.13.0`.
        architecture: the Docker engine's, `amd64` or `arm64`.
        given: a wheel file, or None.

    Raises:
        InputError: the wheel brings CUDA, or the given file is no wheel.
        ServiceError: pip finds none.
    """
    with tempfile.TemporaryDirectory(prefix="ckgqa-torch-") as folder:
        wheel = given or _download(pin, PLATFORMS[architecture], Path(folder))
        refuse_cuda(wheel)
        yield wheel


def refuse_cuda(wheel: Path) -> None:
    """Refuse a wheel that asks for CUDA's packages.

    Raises:
        InputError: it does, or the file is no wheel.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            metadata = archive.read(name).decode()
    except (OSError, zipfile.BadZipFile, StopIteration) as error:
        raise InputError(f"{wheel}: not a wheel ({error}); give torch's CPU build as a .whl file") from error
    required = [line.removeprefix("Requires-Dist: ") for line in metadata.splitlines()]
    cuda = [requirement for requirement in required if requirement.startswith(CUDA_PACKAGES)]
    if cuda:
        message = (
            f"{wheel.name}: a CUDA build, several GB in the image (it asks for {cuda[0]!r}); name a CPU wheel with "
            f"--torch-wheel, or let pip find one: PIP_EXTRA_INDEX_URL={CPU_INDEX} ckgqa images build"
        )
        raise InputError(message)


def _download(pin: str, platform: str, folder: Path) -> Path:
    """Let this machine's pip, with its own configuration, fetch the wheel for the image's Python."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--python-version", IMAGE_PYTHON, "--platform", platform, "--dest", str(folder), pin]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        said = done.stderr.strip().splitlines()[-1:]
        raise ServiceError(f"pip found no {pin} for {platform}: {' '.join(said)}; name a wheel with --torch-wheel")
    return wheels[0]
