"""The image of localaws: its file follows the conventions, and what it holds runs."""

import re
import subprocess
import sys
from collections.abc import Iterator

import docker
import pytest

from ckgqa.bundle import ROOT
from ckgqa.images.engine import connect
from ckgqa.localaws.environment import SERVICES

FOLDER = ROOT / "localaws"
TAG = "localaws-tests:latest"


def test_hadolint_finds_nothing():
    hadolint = f"{sys.prefix}/bin/hadolint"
    done = subprocess.run([hadolint, FOLDER / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_it_keeps_the_models_that_the_command_keeps():
    text = (FOLDER / "Dockerfile").read_text()
    assert re.findall(r'ARG SERVICES="([^"]+)"', text) == [" ".join(SERVICES)]


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    with connect() as engine:
        yield engine
        engine.images.remove(TAG, force=True)


@pytest.mark.docker
def test_the_image_has_everything(client):
    client.images.build(path=str(FOLDER.resolve()), tag=TAG, network_mode="host", rm=True, forcerm=True)

    def run(*words: str) -> str:
        return client.containers.run(TAG, words[1:], entrypoint=words[0], remove=True, network_mode="none").decode()

    assert "docker-registry" in run("docker-registry", "--version")
    assert run("ls", "/opt/localaws/models").split() == list(SERVICES)
    assert run("python", "-c", "import ministack.app, docker, localaws.configuration; print('there')") == "there\n"
    code = "from localaws.container import *; print(export_lines(configuration_of(['--port', '1'], {})))"
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:1\n" in run("python", "-c", code)
