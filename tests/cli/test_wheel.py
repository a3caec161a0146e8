"""An installed wheel works as the checkout does: it holds everything, and nothing of the checkout is in reach."""

import os
import site
import subprocess
import sys
from pathlib import Path

import pytest

from ckgqa.execution.compilation.compiler import compile_pipeline
from ckgqa.images.plan import pinned

ROOT = Path(__file__).parents[2]


def pip(*words: object) -> None:
    offline = ("--quiet", "--no-deps", "--no-index", "--disable-pip-version-check")
    subprocess.run([sys.executable, "-m", "pip", words[0], *offline, *map(str, words[1:])], check=True)


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """Build the wheel and give the folder that it is installed in, alone."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    (wheel,) = folder.glob("ckgqa-*.whl")
    pip("install", "--no-compile", "--target", folder / "installed", wheel)
    return folder / "installed"


@pytest.fixture
def ckgqa(installed, tmp_path):
    """Return a function that runs the installed command line in an empty folder."""
    empty = tmp_path / "empty"
    empty.mkdir()
    # Without `site` (-S) no .pth file is read, such as the one by which an editable install leads to the checkout.
    paths = os.pathsep.join([str(installed), *site.getsitepackages()])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*words: str) -> str:
        command = [sys.executable, "-S", *words]
        return subprocess.run(
            command, cwd=empty, env=environment, check=True, capture_output=True, text=True, timeout=120
        ).stdout

    return run


def test_nothing_of_the_checkout_is_in_reach(ckgqa, installed):
    code = "import sys, ckgqa, ckgqa.bundle; print(ckgqa.__file__, ckgqa.bundle.ROOT.resolve(), *sys.path, sep='\\n')"
    package, bundle, *paths = ckgqa("-c", code).splitlines()
    assert (Path(package), Path(bundle)) == (installed / "ckgqa" / "__init__.py", installed / "ckgqa" / "bundle")
    assert not [path for path in paths if path and (Path(path) / "pyproject.toml").exists()]


def test_the_page_is_there(installed):
    bundled = installed / "ckgqa" / "bundle" / "components" / "answer" / "src" / "ckgqa_answer" / "page"
    there = sorted(path.relative_to(bundled).as_posix() for path in bundled.rglob("*") if path.is_file())
    page = ROOT / "components" / "answer" / "src" / "ckgqa_answer" / "page"
    assert there == sorted(path.relative_to(page).as_posix() for path in page.rglob("*") if path.is_file())
    assert {"index.html", "vendor/cytoscape.min.js", "vendor/LICENSE"} <= set(there)


def test_localaws_is_there_and_its_settings_are_made_by_its_own_code(ckgqa, installed):
    bundled = installed / "ckgqa" / "bundle" / "localaws"
    assert {"Dockerfile", "requirements.txt", "requirements-models.txt", "src"} <= {p.name for p in bundled.iterdir()}
    code = (
        "from pathlib import Path; from ckgqa.localaws.environment import environment_folder; environment_folder();"
        "from ckgqa.localaws.server_settings import make_configuration;"
        "made = make_configuration(Path('/state'), {'region': 'us-east-1'});"
        "import localaws; print(localaws.__file__, made.address)"
    )
    file, address = ckgqa("-c", code).split()
    assert (Path(file), address) == (bundled / "src" / "localaws" / "__init__.py", "http://127.0.0.1:4566")
    assert "Run a local AWS" in ckgqa(str(installed / "bin" / "ckgqa"), "localaws", "--help")


def test_the_command_helps_and_compiles_what_the_checkout_compiles(ckgqa, installed, tmp_path):
    command = str(installed / "bin" / "ckgqa")
    assert "compile" in ckgqa(command, "--help")
    ckgqa(command, "compile", "knowledge-graph", "-o", "x.yaml")
    compile_pipeline("knowledge-graph", tmp_path / "checkout.yaml", pinned)
    assert (tmp_path / "empty" / "x.yaml").read_text() == (tmp_path / "checkout.yaml").read_text()
