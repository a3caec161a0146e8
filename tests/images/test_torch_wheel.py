"""The wheel of torch for the image torch-cpu: the CPU build, whatever this machine has."""

import sys
from pathlib import Path

import pytest

from ckgqa.images.torch_wheel import reject_cuda, torch_wheel
from ckgqa.runtime.errors import InputError, ServiceError

sys.path.insert(0, str(Path(__file__).parent))
from package_index import CPU, PLAIN, PackageIndex, make_wheel


def test_a_cpu_wheel_passes(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "torch", PLAIN, "filelock", "sympy>=1.13.3")
    with torch_wheel(PLAIN, "amd64", wheel) as accepted:
        assert accepted == wheel


@pytest.mark.parametrize(
    "requirement",
    [
        'nvidia-cublas-cu12==12.8.4.1; platform_system == "Linux"',
        'triton==3.7.0; platform_system == "Linux"',
        'cuda-bindings>=13; platform_system == "Linux"',
    ],
)
def test_a_cuda_wheel_is_rejected_with_the_remedy(tmp_path: Path, requirement: str) -> None:
    wheel = make_wheel(tmp_path, "torch", PLAIN, "filelock", requirement)
    with (
        pytest.raises(InputError, match=r"expected torch's CPU build; .*several GB.*--torch-wheel.*torch-gpu"),
        torch_wheel(PLAIN, "amd64", wheel),
    ):
        pass


def test_a_file_that_is_not_a_wheel_is_rejected(tmp_path: Path) -> None:
    file = tmp_path / "torch.whl"
    file.write_text("not a zip")
    with pytest.raises(InputError, match=r"torch\.whl: expected a wheel"):
        reject_cuda(file)


@pytest.mark.parametrize("architecture", ["amd64", "arm64"])
def test_pip_downloads_the_cpu_build_even_on_a_machine_with_a_gpu(
    index: PackageIndex,
    gpu: None,
    architecture: str,
) -> None:
    with torch_wheel(PLAIN, architecture, None) as wheel:
        assert wheel.name == f"torch-{CPU}-py3-none-any.whl"
    assert not wheel.exists()


def test_without_a_cpu_build_the_default_index_decides_with_one_warning(
    index: PackageIndex,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("TORCH_CPU_INDEX", "http://127.0.0.1:1")
    with torch_wheel(PLAIN, "amd64", None) as wheel:
        assert wheel.name == f"torch-{PLAIN}-py3-none-any.whl"
    (warning,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "http://127.0.0.1:1 does not answer" in warning
    assert "several GB of CUDA" in warning


def test_no_torch_at_all_is_a_failure_that_may_pass(index: PackageIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_CPU_INDEX", "http://127.0.0.1:1")
    with (
        pytest.raises(ServiceError, match=r"pip found no torch==9\.9\.9 .*--torch-wheel"),
        torch_wheel("9.9.9", "amd64", None),
    ):
        pass
