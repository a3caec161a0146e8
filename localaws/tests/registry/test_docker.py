"""The real `docker` and its engine against the registry."""

import base64
import contextlib
import dataclasses
import io
import os
import shutil
import subprocess
import tarfile
import time

import docker
import docker.errors
import pytest
from localaws.errors import LocalawsError
from localaws.registry.backend import RegistryBackend
from localaws.registry.images import ImageError, ImageStore
from localaws.registry.program import PROGRAM

pytestmark = pytest.mark.docker
ECR = "000000000000.dkr.ecr.us-east-1.amazonaws.com"


@pytest.fixture(scope="module")
def engine():
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture
def cli(tmp_path):
    """Return a function that runs `docker` with a configuration of its own."""

    def run(*arguments, stdin=b""):
        return subprocess.run(
            ["docker", *arguments],
            input=stdin,
            capture_output=True,
            env={**os.environ, "DOCKER_CONFIG": str(tmp_path / "docker")},
            check=False,
            timeout=300,
        )

    return run


def build(engine, name, files):
    """Build an image FROM scratch."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in {"Dockerfile": b'FROM scratch\nCOPY . /\nCMD ["/none"]\n', **files}.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    engine.images.build(fileobj=io.BytesIO(buffer.getvalue()), custom_context=True, tag=name, rm=True, forcerm=True)
    return name


def remove(engine, registry):
    for image in engine.images.list():
        names = [*image.tags, *(image.attrs.get("RepoDigests") or [])]
        for name in names:
            if name.startswith(registry.configuration.registry):
                # The last tag takes the digest along.
                with contextlib.suppress(docker.errors.ImageNotFound):
                    engine.images.remove(name, force=True)


def login(registry, cli):
    entry = registry.client.get_authorization_token()["authorizationData"][0]
    user, _, password = base64.b64decode(entry["authorizationToken"]).decode().partition(":")
    address = entry["proxyEndpoint"].removeprefix("http://")
    done = cli("login", "--username", user, "--password-stdin", address, stdin=password.encode())
    assert done.returncode == 0, done.stderr
    return address


@pytest.fixture
def pushing(registry, engine):
    yield registry
    remove(engine, registry)


def test_login_push_and_pull(pushing, engine, cli):
    address = login(pushing, cli)
    name = build(engine, f"{address}/team/app:v1", {"big": os.urandom(3_000_000)})
    done = cli("push", name)
    assert done.returncode == 0, done.stderr
    [detail] = pushing.client.describe_images(repositoryName="team/app")["imageDetails"]
    digest = detail["imageDigest"]
    assert digest in done.stdout.decode()
    assert detail["imageTags"] == ["v1"]
    assert 3_000_000 < detail["imageSizeInBytes"] < 3_100_000
    for reference in (":v1", f"@{digest}"):
        remove(engine, pushing)
        done = cli("pull", f"{address}/team/app{reference}")
        assert done.returncode == 0, done.stderr
        assert digest in done.stdout.decode()
    pushing.client.batch_delete_image(repositoryName="team/app", imageIds=[{"imageDigest": digest}])
    remove(engine, pushing)
    # By its tag: of a digest the engine may still have the manifest, and not ask for it.
    done = cli("pull", f"{address}/team/app:v1")
    assert done.returncode != 0
    assert b"Requested image not found" in done.stderr


def test_what_docker_tells_its_user(pushing, engine, cli):
    address = pushing.configuration.registry
    done = cli("login", "--username", "AWS", "--password-stdin", address, stdin=b"wrong")
    assert b"400" in done.stderr
    assert done.returncode != 0
    name = build(engine, f"{address}/team/app:v1", {"file": b"1"})
    done = cli("push", name)
    assert b"no basic auth credentials" in done.stderr + done.stdout
    login(pushing, cli)
    other = build(engine, f"{address}/missing:v1", {"file": b"1"})
    done = cli("push", other)
    assert b"name unknown: The repository with name 'missing' does not exist in the registry with id" in done.stderr
    pushing.denied["ecr:InitiateLayerUpload", "team/app"] = "User: alice is not authorized to perform: it"
    done = cli("push", name)
    assert b"denied: User: alice is not authorized to perform: it" in done.stderr
    pushing.denied.clear()
    pushing.control.repositories["team/app"]["imageTagMutability"] = "IMMUTABLE"
    assert cli("push", name).returncode == 0
    done = cli("push", build(engine, name, {"file": b"2"}))
    assert b"tag invalid: The image tag 'v1' already exists in the 'team/app' repository" in done.stderr
    pushing.clock[0] = 13 * 3600
    done = cli("push", name)
    assert b"denied: Your authorization token has expired. Reauthenticate and try again." in done.stderr


def test_a_layer_is_mounted_by_docker(pushing, engine, cli):
    address = login(pushing, cli)
    pushing.control.CreateRepository({"repositoryName": "team/other"})
    name = build(engine, f"{address}/team/app:v1", {"file": os.urandom(100_000)})
    assert cli("push", name).returncode == 0
    engine.images.get(name).tag(f"{address}/team/other", "v1")
    done = cli("push", f"{address}/team/other:v1")
    assert done.returncode == 0, done.stderr
    assert b"Mounted from team/app" in done.stdout


def test_docker_tries_again_while_the_storage_is_started_again(pushing, engine, cli):
    address = login(pushing, cli)
    name = build(engine, f"{address}/team/app:v1", {"file": os.urandom(100_000)})
    pushing.backend._server._process.kill()
    assert cli("push", name).returncode == 0


def test_an_image_of_a_job_is_pulled_by_digest(pushing, engine, cli):
    address = login(pushing, cli)
    name = build(engine, f"{address}/team/app:v1", {"file": b"of the job"})
    assert cli("push", name).returncode == 0
    remove(engine, pushing)
    images = ImageStore(pushing.configuration, engine)
    role = pushing.service.tokens.issue("role")[0]
    image = images.resolve(f"{ECR}/team/app:v1", role)
    [detail] = pushing.client.describe_images(repositoryName="team/app")["imageDetails"]
    assert image.digest == detail["imageDigest"]
    container = engine.containers.create(image.name)
    try:
        images.remove_pulled()
        assert engine.images.get(image.name)
        archive = b"".join(container.get_archive("/file")[0])
    finally:
        container.remove()
    assert b"of the job" in archive
    images.remove_pulled()
    with pytest.raises(docker.errors.ImageNotFound):
        engine.images.get(image.name)
    pushing.denied["ecr:GetDownloadUrlForLayer", "team/app"] = "User: role is not authorized"
    with pytest.raises(ImageError) as caught:
        images.resolve(f"{ECR}/team/app:v1", role)
    assert caught.value.kind == "engine"


def test_pulled_images_go_and_the_users_stay(pushing, engine, cli):
    address = login(pushing, cli)
    name = build(engine, f"{address}/team/app:v1", {"file": b"of the user"})
    assert cli("push", name).returncode == 0
    ImageStore(pushing.configuration, engine).remove_pulled()
    assert engine.images.get(name)


@pytest.fixture
def registry_image(engine):
    """An image like `registry:2`: the program, with the folder of its configuration."""
    program = shutil.which(PROGRAM)
    if not program:
        pytest.skip(f"needs the program {PROGRAM}")
    name = "localaws-test-registry:2"
    dockerfile = (
        "FROM python:3.11-slim-bookworm\nCOPY registry /bin/registry\nRUN mkdir -p /etc/docker/registry\n"
        'VOLUME ["/var/lib/registry"]\nEXPOSE 5000\nENTRYPOINT ["/bin/registry", "serve"]\n'
        'CMD ["/etc/docker/registry/config.yml"]\n'
    )
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(dockerfile)
        archive.addfile(member, io.BytesIO(dockerfile.encode()))
        archive.add(program, "registry")
    buffer.seek(0)
    engine.images.build(fileobj=buffer, custom_context=True, tag=name, rm=True, forcerm=True)
    yield name
    engine.images.remove(name, force=True)


@pytest.fixture
def without_program(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)


def test_a_container_stands_in_for_the_program(configuration, engine, registry_image, without_program, serving):
    settings = dataclasses.replace(configuration, registry_image=registry_image)
    name = f"{settings.instance}-registry"
    try:
        with serving(settings, engine) as registry:
            registry.control.CreateRepository({"repositoryName": "team/app"})
            digest, manifest = registry.push("team/app", "v1")
            container = engine.containers.get(name)
            assert container.labels["localaws.instance"] == settings.instance
            [binding] = container.ports["5000/tcp"]
            assert binding["HostIp"] == "127.0.0.1"
            container.kill()
            deadline = time.monotonic() + 60
            while registry.request("GET", "/v2/team/app/manifests/v1").status != 200:
                assert time.monotonic() < deadline
                time.sleep(0.2)
            assert registry.request("GET", f"/v2/team/app/manifests/{digest}").body == manifest
            registry.push("team/app", "v2", (b"after",))
        with pytest.raises(docker.errors.NotFound):
            engine.containers.get(name)
        # What was pushed is in the volume.
        with serving(settings, engine) as registry:
            registry.control.CreateRepository({"repositoryName": "team/app"})
            registry.control.repositories["team/app"]["createdAt"] -= 1000
            assert registry.request("GET", f"/v2/team/app/manifests/{digest}").body == manifest
    finally:
        engine.volumes.get(name).remove(force=True)


def test_an_image_that_cannot_be_had_is_one_line(configuration, engine, without_program):
    settings = dataclasses.replace(configuration, registry_image="127.0.0.1:1/registry:2")
    with pytest.raises(LocalawsError) as caught, RegistryBackend(settings, engine):
        pass
    assert "127.0.0.1:1/registry:2" in str(caught.value)
    assert "apt-get install docker-registry" in str(caught.value)
    assert engine.volumes.list(filters={"label": f"localaws.instance={settings.instance}"}) == []
