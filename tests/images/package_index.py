"""A stand-in for PyPI and for PyTorch's index of CPU builds: a local server with small wheels."""

import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

PLAIN, CPU = "2.13.0", "2.13.0+cpu"
CUDA_REQUIREMENT = 'nvidia-cublas==13.1.0.3; platform_system == "Linux"'


class PackageIndex:
    """A server whose folder `pypi` is PyPI and whose folder `cpu` is the index of CPU builds."""

    def __init__(self, folder: Path, url: str, requests: list[str]) -> None:
        self.folder, self.url, self.requests = folder, url, requests

    @property
    def pypi(self) -> str:
        return f"{self.url}/pypi"

    @property
    def cpu(self) -> str:
        return f"{self.url}/cpu"


@contextmanager
def package_index(folder: Path) -> Iterator[PackageIndex]:
    """Serve torch with CUDA and filelock 1 as PyPI does, and torch for the CPU and filelock 2 as PyTorch does."""
    make_wheel(folder / "pypi/torch", "torch", PLAIN, CUDA_REQUIREMENT, "filelock")
    make_wheel(folder / "pypi/filelock", "filelock", "1")
    make_wheel(folder / "cpu/torch", "torch", CPU, "filelock")
    make_wheel(folder / "cpu/filelock", "filelock", "2")
    requests: list[str] = []

    class Handler(SimpleHTTPRequestHandler):  # its list of a folder is a page as PEP 503 defines it
        def log_message(self, *_):
            requests.append(unquote(self.path))

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield PackageIndex(folder, f"http://127.0.0.1:{server.server_port}", requests)
        server.shutdown()


def make_wheel(folder: Path, name: str, version: str, *requirements: str) -> Path:
    """Write an empty wheel for any platform."""
    folder.mkdir(parents=True, exist_ok=True)
    wheel, info = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    required = "".join(f"Requires-Dist: {requirement}\n" for requirement in requirements)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{required}")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def resolve(arguments: Sequence[str], python: str | Path = sys.executable, *options: str) -> dict[str, tuple[str, str]]:
    """Return what `pip install` would install: the package's name -> its version and the address of its wheel."""
    command = [python, "-m", "pip", "install", "--dry-run", "--quiet", "--report", "-", *options, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    packages = json.loads(done.stdout)["install"]
    return {
        package["metadata"]["name"]: (package["metadata"]["version"], unquote(package["download_info"]["url"]))
        for package in packages
    }
