import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from ckgqa.images.context import archived, refuse_cuda, torch_wheel
from ckgqa.runtime.errors import InputError, ServiceError


def make_wheel(folder: Path, *required: str) -> Path:
    """Write a wheel of torch that asks for the given packages."""
    wheel = folder / "torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl"
    metadata = "Name: torch\n" + "".join(f"Requires-Dist: {requirement}\n" for requirement in required)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("torch-2.13.0.dist-info/METADATA", metadata)
    return wheel


def test_the_context_depends_on_names_and_bytes_alone(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    two.write_text("2")
    with archived({"b": two, "a/a": one}) as stream:
        before = stream.read()
    os.utime(one, (0, 0))
    one.chmod(0o600)
    with archived({"a/a": one, "b": two}) as stream:
        assert stream.read() == before
        stream.seek(0)
        with tarfile.open(fileobj=stream) as tar:
            assert [(entry.name, entry.mode, entry.uid) for entry in tar] == [("a/a", 0o644, 0), ("b", 0o644, 0)]


def test_a_cpu_wheel_passes(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "filelock", "sympy>=1.13.3")
    with torch_wheel("torch==2.13.0", "amd64", wheel) as given:
        assert given == wheel


@pytest.mark.parametrize(
    "requirement",
    [
        'nvidia-cublas-cu12==12.8.4.1; platform_system == "Linux"',
        'triton==3.7.0; platform_system == "Linux"',
        'cuda-bindings>=13; platform_system == "Linux"',
    ],
)
def test_a_cuda_wheel_is_refused_with_what_would_be_right(tmp_path: Path, requirement: str) -> None:
    wheel = make_wheel(tmp_path, "filelock", requirement)
    with (
        pytest.raises(InputError, match=r"a CUDA build, several GB .* --torch-wheel, or .*PIP_EXTRA_INDEX_URL="),
        torch_wheel("torch==2.13.0", "amd64", wheel),
    ):
        pass


def test_what_is_no_wheel_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "torch.whl"
    file.write_text("not a zip")
    with pytest.raises(InputError, match=r"torch\.whl: not a wheel"):
        refuse_cuda(file)


def test_a_version_that_pip_does_not_find_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with (
        pytest.raises(ServiceError, match=r"pip found no torch==0\.0\.1 for manylinux_2_28_aarch64.*--torch-wheel"),
        torch_wheel("torch==0.0.1", "arm64", None),
    ):
        pass
