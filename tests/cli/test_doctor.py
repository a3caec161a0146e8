import json
import os
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from ckgqa.cli import doctor as module
from ckgqa.cli.doctor import Finding, doctor, examine, find_aws, find_disk, find_docker, find_gremlin, find_packages
from ckgqa.runtime.errors import InputError

NOWHERE = "unix:///nowhere/docker.sock"


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", NOWHERE)


def test_everything_is_named_and_only_what_is_missing_has_a_cost(tmp_path: Path, no_engine: None) -> None:
    findings = examine(tmp_path, None, {})
    names = [finding.name for finding in findings]
    assert names == [
        "Python",
        "a way to run stages",
        "Docker engine",
        "the stages' packages",
        "torch",
        "processors",
        "memory",
        "disk",
        "GPU",
        "AWS credentials",
    ]
    assert all(bool(finding.cost) != finding.there for finding in findings)


def test_without_docker_it_says_that_pipelines_run_as_processes(no_engine: None) -> None:
    (finding,) = find_docker()
    assert (finding.there, finding.essential) == (False, False)
    assert finding.cost == "pipelines run as plain processes; images cannot be built"


def test_without_docker_and_without_packages_nothing_can_run(monkeypatch: pytest.MonkeyPatch, no_engine: None) -> None:
    monkeypatch.setattr(module, "stage_packages", lambda: ["no_such_package"])
    packages, _ = find_packages()
    assert packages == Finding(
        "the stages' packages",
        False,
        "missing: no_such_package",
        "stages run in containers alone; pip install 'ckgqa[stages]' -c constraints.txt",
    )
    result = CliRunner().invoke(doctor)
    assert result.exit_code == 75
    assert "NO" in result.output


def test_the_packages_are_those_that_the_stages_require() -> None:
    required = {"duckdb", "gremlinpython", "numpy", "orjson", "pypinyin", "safetensors", "tensorboard", "torch"}
    assert required | {"transformers"} <= set(module.stage_packages())


def test_what_is_missing_but_not_essential_ends_well(no_engine: None) -> None:
    assert CliRunner().invoke(doctor).exit_code == 0


def test_json_holds_what_the_table_holds(no_engine: None) -> None:
    findings = json.loads(CliRunner().invoke(doctor, ["--json"]).output)
    assert {"name": "Docker engine", "there": False, "what": "none answers"}.items() <= findings[2].items()
    assert set(findings[0]) == {"name", "there", "what", "cost", "essential"}


@pytest.mark.docker
def test_an_engine_is_found_with_its_version_and_the_base_image() -> None:
    engine, base = find_docker()
    assert engine.there
    assert engine.what[0].isdigit()
    assert (base.there, base.what) == (True, "python:3.11-slim-bookworm")


def test_disk_is_that_of_the_runs_folder_though_it_does_not_exist_yet(tmp_path: Path) -> None:
    finding = find_disk(tmp_path / "not" / "yet")
    assert str(tmp_path) in finding.what


def test_little_disk_and_little_memory_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENOUGH_DISK_GIB", 10**9)
    monkeypatch.setattr(module, "ENOUGH_MEMORY_GIB", 10**9)
    assert "find the disk full" in find_disk(tmp_path).cost
    assert "may be killed" in module.find_memory().cost


@pytest.mark.parametrize(
    ("environment", "what"),
    [
        ({"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}, "from the environment"),
        ({"AWS_ACCESS_KEY_ID": "a"}, "none"),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}, "a role, by AWS_WEB_IDENTITY_TOKEN_FILE"),
    ],
)
def test_credentials_in_the_environment(tmp_path: Path, environment: dict[str, str], what: str) -> None:
    finding = find_aws({"HOME": str(tmp_path), **environment})
    assert (finding.what, finding.there) == (what, what != "none")


def test_credentials_in_the_profile_that_is_chosen(tmp_path: Path) -> None:
    folder = tmp_path / ".aws"
    folder.mkdir()
    (folder / "credentials").write_text("[default]\naws_access_key_id = a%b\naws_secret_access_key = c\n")
    (folder / "config").write_text("[profile work]\nsso_session = s\n[profile empty]\nregion = eu-west-1\n")
    home = {"HOME": str(tmp_path)}
    assert find_aws(home).what == f"profile 'default' in {folder / 'credentials'}"
    assert find_aws({**home, "AWS_PROFILE": "work"}).what == f"profile 'work' in {folder / 'config'}"
    assert find_aws({**home, "AWS_PROFILE": "empty"}).what == "none"
    (folder / "credentials").write_text("no section\n")
    assert find_aws(home).what == "none"


def test_a_gremlin_server_is_looked_for_when_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert find_gremlin(f"ws://127.0.0.1:{port}/gremlin").there
    finding = find_gremlin(f"ws://127.0.0.1:{port}/gremlin")
    assert not finding.there
    assert finding.cost == "graphs load into an embedded file alone"
    assert examine(Path(), f"ws://127.0.0.1:{port}", os.environ)[-1].name == "Gremlin Server"
    assert "secret" not in find_gremlin(f"ws://me:secret@127.0.0.1:{port}/gremlin").what


@pytest.mark.parametrize("url", ["foo", "http://host/gremlin", "ws://", "ws://me:secret@host:99999/gremlin"])
def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(InputError, match=r"^--gremlin ") as refused:
        find_gremlin(url)
    assert "secret" not in str(refused.value)
