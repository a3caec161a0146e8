"""The server's environment is made whole or not at all, once, by pip with the person's own configuration."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import botocore
import pytest

from ckgqa.bundle import ROOT
from ckgqa.localaws.environment import MODELS, SERVICES, Installer, environment_folder, installed_program
from ckgqa.localaws.instances import one_at_a_time
from ckgqa.localaws.server_settings import SOURCES
from ckgqa.runtime.errors import ServiceError

STUB = Path(__file__).parent / "stub_pip.py"
VENV = (sys.executable, "-I", "-m", "venv", "--without-pip")


def installer(*behaviour: str) -> Installer:
    return Installer(VENV, ("bin/python", "-I", str(STUB), *behaviour))


def test_it_is_made_once_and_holds_only_the_models_that_are_needed(cache, capsys):
    program = installed_program(installer())
    folder = environment_folder()
    assert program.command == (str(folder / "bin" / "python"), "-m", "localaws")
    assert program.models == folder / "models" / "botocore" / "data"
    assert sorted(path.name for path in program.models.iterdir()) == list(SERVICES)
    assert {path.name for path in folder.iterdir()} - {"bin", "include", "lib", "lib64", "pyvenv.cfg"} == {"models"}
    assert [path.name for path in (cache / "localaws").iterdir()] == [folder.name]
    err = capsys.readouterr().err
    assert err.startswith("Installing localaws' environment (once, about a minute)...\nInstalled in ")
    made = (folder / "pyvenv.cfg").stat().st_mtime_ns
    assert installed_program(Installer(("no-such-program",))) == program
    assert ((folder / "pyvenv.cfg").stat().st_mtime_ns, capsys.readouterr().err) == (made, "")


def test_it_runs_where_it_was_renamed_to():
    program = installed_program(installer())
    code = "import sys; print(sys.prefix)"
    done = subprocess.run([program.command[0], "-c", code], capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == environment_folder()


def test_what_pip_refuses_is_one_line_and_nothing_counts_as_made(cache):
    with pytest.raises(ServiceError) as raised:
        installed_program(installer("fail"))
    log = cache / "localaws" / "install.log"
    message = (
        f"localaws' environment cannot be installed: No matching distribution found for x==1 (the whole output: {log})"
    )
    assert str(raised.value) == message
    assert log.read_text().startswith("WARNING: Retrying")
    assert [path.name for path in (cache / "localaws").iterdir()] == ["install.log"]
    installed_program(installer())
    assert not log.exists()


def test_a_python_without_venv_is_named():
    with pytest.raises(ServiceError, match="No module named no_such_venv"):
        installed_program(Installer((sys.executable, "-m", "no_such_venv")))


def test_an_interrupt_leaves_nothing_half_made(cache, monkeypatch):
    def interrupt(*_words: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("ckgqa.runtime.progress.Progress.advance", interrupt)
        with pytest.raises(KeyboardInterrupt):
            installed_program(installer())
    assert [path.name for path in (cache / "localaws").iterdir()] == ["install.log"]


def test_of_two_at_once_one_makes_it(capsys):
    def make() -> None:
        with one_at_a_time():
            installed_program(installer())

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert capsys.readouterr().err.count("Installed in") == 1


def test_pip_sees_the_persons_configuration_and_not_the_persons_packages(monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    report = tmp_path / "report.json"
    installed_program(installer("report", str(report)))
    seen = json.loads(report.read_text())
    assert seen["index"] == "https://index.example/simple"
    assert str(tmp_path) not in seen["path"]
    assert {"--no-deps", "--no-input"} <= set(seen["words"])


def test_pips_configuration_of_our_own_environment_counts_too(monkeypatch, tmp_path):
    (tmp_path / "pip.conf").write_text("[global]\ntimeout = 7\n")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    installed_program(installer())
    assert (environment_folder() / "pip.conf").read_text() == "[global]\ntimeout = 7\n"


@pytest.mark.parametrize("file", ["PACKAGES", "MODELS"])
def test_other_packages_make_another_environment(monkeypatch, tmp_path, file):
    before = environment_folder()
    (tmp_path / "requirements.txt").write_text("x==1\n")
    monkeypatch.setattr(f"ckgqa.localaws.environment.{file}", tmp_path / "requirements.txt")
    assert environment_folder() != before


def test_requests_are_validated_against_the_botocore_that_the_project_pins():
    pinned = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.startswith("botocore==")]
    assert len(pinned) == 1
    assert pinned == [line for line in MODELS.read_text().splitlines() if line.startswith("botocore==")]


def test_botocore_has_the_models_that_are_kept():
    data = Path(botocore.__file__).parent / "data"
    assert [service for service in SERVICES if not (data / service).is_dir()] == []
    assert list(SERVICES) == sorted(SERVICES)


@pytest.mark.slow
def test_the_packages_go_together(tmp_path):
    """Needs a package index: pip installs the real ones."""
    program = installed_program()
    python = program.command[0]
    subprocess.run([python, "-I", "-m", "pip", "check"], check=True)
    code = "import ministack.app, docker, localaws.configuration"
    subprocess.run([python, "-c", code], env={"PYTHONPATH": str(SOURCES)}, check=True, cwd=tmp_path)
    assert (program.models / "sagemaker").is_dir()
