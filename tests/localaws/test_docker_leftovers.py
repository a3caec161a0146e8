"""Containers and networks of a killed server are removed by their label, and nobody else's are."""

import socket
from collections.abc import Iterator

import docker
import pytest

from ckgqa.images.engine import connect
from ckgqa.localaws.docker_leftovers import LABEL, remove_leftovers
from ckgqa.runtime.errors import ServiceError

IMAGE = "python:3.11-slim-bookworm"


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    with connect() as engine:
        yield engine


@pytest.fixture
def instances(client: docker.DockerClient) -> Iterator[tuple[str, str]]:
    """The names of two servers that nobody has; whatever carries them is removed."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    names = (f"localaws-{port}", f"localaws-{port}0")
    yield names
    for name in names:
        remove_leftovers(name, needed=True)


@pytest.mark.docker
def test_what_carries_the_label_is_removed(client, instances) -> None:
    for name in instances:
        network = client.networks.create(name, labels={LABEL: name})
        client.containers.run(
            IMAGE, ["sleep", "600"], name=f"{name}-job", labels={LABEL: name}, network=network.name, detach=True
        )
        client.containers.create(IMAGE, ["true"], name=f"{name}-made", labels={LABEL: name})
    ours, other = instances
    removed = remove_leftovers(ours, needed=True)
    assert sorted(removed) == [f"container {ours}-job", f"container {ours}-made", f"network {ours}"]
    assert remove_leftovers(ours, needed=True) == []
    assert client.containers.get(f"{other}-job").status in {"running", "created"}
    assert [network.name for network in client.networks.list(filters={"label": f"{LABEL}={other}"})] == [other]


def test_an_absent_engine_matters_only_if_a_server_ran(monkeypatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    assert remove_leftovers("localaws-1", needed=False) == []
    with pytest.raises(ServiceError, match="containers of localaws-1 may be left"):
        remove_leftovers("localaws-1", needed=True)
