"""Which torch pip installs, by pip itself, from a local stand-in for PyPI and for PyTorch's index of CPU builds."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ckgqa.images import torch_source
from ckgqa.images.torch_source import TorchSource, choose_torch, has_nvidia_gpu, main, pinned_version, wanted_build
from ckgqa.runtime.errors import InputError

sys.path.insert(0, str(Path(__file__).parent))
from package_index import CPU, PLAIN, PackageIndex, make_wheel, resolve

ROOT = Path(__file__).parents[2]
BOUND_S = 30  # pip's own retries would take minutes


@pytest.fixture(params=["closed", "silent"])
def unreachable(request, index: PackageIndex, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Name an index of CPU builds that refuses the connection, or that accepts it and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "silent":
            listener.listen()
        monkeypatch.setenv("TORCH_CPU_INDEX", f"http://127.0.0.1:{listener.getsockname()[1]}/cpu")
        yield


def installed(source: TorchSource) -> tuple[str, str]:
    """Return the version and the address of the one package that pip would install."""
    packages = resolve(source.pip_arguments, sys.executable, "--ignore-installed", "-c", str(ROOT / "constraints.txt"))
    assert packages.keys() == {"torch"}
    return packages["torch"]


def test_a_machine_without_a_gpu_gets_the_cpu_build_of_pytorchs_index(index: PackageIndex) -> None:
    source = choose_torch(PLAIN)
    version, address = installed(source)
    assert version == CPU
    assert address.startswith(f"{index.cpu}/torch/")
    assert not source.is_fallback
    assert index.cpu in source.reason


def test_a_machine_with_a_gpu_gets_the_cuda_build_of_pypi(index: PackageIndex, gpu: None) -> None:
    version, address = installed(choose_torch(PLAIN))
    assert version == PLAIN
    assert address.startswith(f"{index.pypi}/torch/")
    assert not [path for path in index.requests if path.startswith("/cpu/")]


def test_the_user_may_ask_for_the_other_build(index: PackageIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    assert installed(choose_torch(PLAIN, "cuda"))[0] == PLAIN
    monkeypatch.setattr(torch_source, "has_nvidia_gpu", lambda: True)
    assert installed(choose_torch(PLAIN, "cpu"))[0] == CPU


def test_the_dependencies_come_from_pips_own_index(index: PackageIndex, tmp_path: Path) -> None:
    """PyTorch's index carries a newer filelock, which nobody asked for."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", *choose_torch(PLAIN).pip_arguments], check=True)
    packages = resolve([f"torch=={PLAIN}"], python)
    assert packages.keys() == {"filelock"}  # the CPU build stays
    assert packages["filelock"][0] == "1"
    assert resolve(choose_torch(PLAIN, "cuda").pip_arguments, python)["torch"][0] == PLAIN  # replaces the CPU build


@pytest.mark.parametrize("version", [PLAIN, CPU])
@pytest.mark.parametrize("on_gpu", [False, True])
def test_what_find_links_hold_comes_first(
    index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, on_gpu: bool
) -> None:
    wheel = make_wheel(tmp_path / "links", "torch", version)
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    monkeypatch.setattr(torch_source, "has_nvidia_gpu", lambda: on_gpu)
    source = choose_torch(PLAIN)
    assert installed(source) == (version, wheel.as_uri().replace("%2B", "+"))
    assert "find-links" in source.reason
    assert index.requests == []


def test_another_version_in_find_links_is_not_taken(
    index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(make_wheel(tmp_path / "links", "torch", "2.13.1").parent))
    assert installed(choose_torch(PLAIN))[0] == CPU


def test_an_explicit_build_replaces_the_other_in_find_links(
    index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(make_wheel(tmp_path / "links", "torch", CPU).parent))
    assert installed(choose_torch(PLAIN, "cuda"))[0] == PLAIN
    (tmp_path / f"links/torch-{CPU}-py3-none-any.whl").unlink()
    make_wheel(tmp_path / "links", "torch", PLAIN)
    assert installed(choose_torch(PLAIN, "cpu"))[0] == CPU


def test_an_index_that_does_not_answer_costs_seconds_and_a_warning(index: PackageIndex, unreachable: None) -> None:
    started = time.monotonic()
    source = choose_torch(PLAIN)
    assert time.monotonic() - started < BOUND_S
    assert source.is_fallback
    assert "does not answer within 3 s" in source.reason
    assert installed(source)[0] == PLAIN


def test_without_that_index_pips_own_indexes_may_hold_the_cpu_build(
    index: PackageIndex, unreachable: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", index.cpu)
    source = choose_torch(PLAIN)
    assert not source.is_fallback
    assert installed(source)[0] == CPU


def test_without_that_index_an_unmarked_wheel_in_find_links_serves(
    index: PackageIndex, unreachable: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = make_wheel(tmp_path / "links", "torch", PLAIN)
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    source = choose_torch(PLAIN, "cpu")
    assert not source.is_fallback
    assert installed(source) == (PLAIN, wheel.as_uri())


def test_the_program_prints_arguments_and_explains_itself_once(
    index: PackageIndex, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main() == 0
    printed = capsys.readouterr()
    assert printed.out == f"--no-deps --no-index --find-links {index.cpu}/torch/ torch=={CPU}\n"
    assert len(printed.err.splitlines()) == 1

    monkeypatch.setenv("TORCH_CPU_INDEX", "http://user:secret@127.0.0.1:1")
    assert main() == 0
    printed = capsys.readouterr()
    assert printed.out == f"--no-deps torch=={PLAIN}\n"
    assert printed.err.startswith("warning: http://***@127.0.0.1:1 does not answer")

    monkeypatch.setenv("TORCH", "gpu")
    assert main() == 2
    assert capsys.readouterr() == ("", "error: TORCH gpu: expected cpu or cuda\n")


def test_an_unknown_build_is_rejected() -> None:
    assert (wanted_build({}), wanted_build({"TORCH": ""}), wanted_build({"TORCH": "cpu"})) == (None, None, "cpu")
    with pytest.raises(InputError, match="TORCH CUDA: expected cpu or cuda"):
        wanted_build({"TORCH": "CUDA"})


def test_the_standard_library_is_enough(index: PackageIndex) -> None:
    command = [sys.executable, "-S", "-m", "ckgqa.images.torch_source"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"torch=={PLAIN}" in done.stdout


def test_a_gpu_is_a_loaded_driver_or_a_working_nvidia_smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = tmp_path / "absent"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not has_nvidia_gpu(absent)
    assert has_nvidia_gpu(tmp_path)
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\nexit 9\n")  # no driver is loaded
    program.chmod(0o755)
    assert not has_nvidia_gpu(absent)
    program.write_text("#!/bin/sh\necho 'GPU 0: NVIDIA'\n")
    assert has_nvidia_gpu(absent)


def test_the_pinned_version_is_a_public_one() -> None:
    assert pinned_version() == PLAIN
