import dataclasses
import json
from types import SimpleNamespace

import docker.errors
import pytest
from localaws.registry.images import EngineImage, ImageError, ImageStore

ECR = "000000000000.dkr.ecr.us-east-1.amazonaws.com"


class Engine:
    """An engine that notes what is pulled. It has one image, which was never in a registry."""

    def __init__(self):
        self.images = self
        self.pulled = []
        self.error = None

    def get(self, name):
        if name != "cpu:1":
            raise docker.errors.ImageNotFound(name)
        return SimpleNamespace(id="sha256:id", attrs={"RepoDigests": []})

    def pull(self, name, tag, auth_config):
        self.pulled.append((name, tag, auth_config["username"]))
        if self.error:
            raise self.error


@pytest.fixture
def engine():
    return Engine()


def store(registry, engine, **changes):
    return ImageStore(dataclasses.replace(registry.configuration, **changes), engine)


def token(registry):
    return registry.service.tokens.issue("role")[0]


@pytest.mark.parametrize(
    "name",
    [
        ECR + "/team/app:v1",
        ECR + "/team/app",
        ECR + "/team/app@{digest}",
        ECR + "/team/app:other@{digest}",
        "{own}/team/app:v1",
        "{own}/team/app@{digest}",
    ],
)
def test_an_image_of_the_registry_is_pulled_by_its_digest(registry, engine, name):
    digest, manifest = registry.push("team/app", "v1")
    registry.put_manifest("team/app", "latest", manifest)
    own = registry.configuration.registry
    image = store(registry, engine).resolve(name.format(digest=digest, own=own), token(registry))
    assert image == EngineImage(f"{own}/team/app@{digest}", digest)
    assert engine.pulled == [(f"{own}/team/app", digest, "AWS")]


def test_a_moved_tag_is_seen(registry, engine):
    images = store(registry, engine)
    first, manifest = registry.push("team/app", "v1")
    assert images.check(f"{ECR}/team/app:v1", token(registry)) == first
    registry.put_manifest("team/app", "v1", manifest.replace(b'"schemaVersion": 2', b'"schemaVersion":  2'))
    assert images.check(f"{ECR}/team/app:v1", token(registry)) != first
    assert engine.pulled == []


def test_the_china_regions(registry, engine):
    digest, _ = registry.push("team/app", "v1")
    images = store(registry, engine, region="cn-north-1")
    assert images.check("000000000000.dkr.ecr.cn-north-1.amazonaws.com.cn/team/app:v1", token(registry)) == digest


@pytest.mark.parametrize(
    ("name", "kind", "repository", "tag"),
    [
        (ECR + "/x1:v1", "repository", "x1", "v1"),
        (ECR + "/team/app:v2", "tag", "team/app", "v2"),
        (ECR + "/team/app@sha256:" + "0" * 64, "tag", "team/app", "sha256:" + "0" * 64),
        ("111111111111.dkr.ecr.us-east-1.amazonaws.com/team/app:v1", "denied", "team/app", "v1"),
        ("000000000000.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1", "denied", "team/app", "v1"),
        ("python:3.11", "foreign", "", ""),
        ("localhost/team/app", "foreign", "", ""),
        (ECR + "/", "foreign", "", ""),
        (ECR + "/Team/App", "foreign", "", ""),
        (ECR + "/../app:v1", "foreign", "", ""),
        (ECR + "/team/app:v1:v2", "foreign", "", ""),
        (ECR + "/team/app:..%2f", "foreign", "", ""),
        (ECR + "/team/app@sha256:0", "foreign", "", ""),
        ("", "foreign", "", ""),
    ],
)
def test_an_image_that_cannot_be_used(registry, engine, name, kind, repository, tag):
    registry.push("team/app", "v1")
    for call in (store(registry, engine).check, store(registry, engine).resolve):
        with pytest.raises(ImageError) as caught:
            call(name, token(registry))
        error = caught.value
        assert (error.kind, error.repository, error.tag) == (kind, repository, tag)
    assert engine.pulled == []


def test_a_role_that_may_not_pull(registry, engine):
    registry.push("team/app", "v1")
    registry.denied["ecr:BatchGetImage", "team/app"] = "User: role is not authorized"
    with pytest.raises(ImageError) as caught:
        store(registry, engine).check(f"{ECR}/team/app:v1", token(registry))
    assert (caught.value.kind, caught.value.message) == ("denied", "User: role is not authorized")


def test_an_engine_that_does_not_pull(registry, engine):
    registry.push("team/app", "v1")
    engine.error = docker.errors.APIError("no space left on device")
    with pytest.raises(ImageError) as caught:
        store(registry, engine).resolve(f"{ECR}/team/app:v1", token(registry))
    assert caught.value.kind == "engine"
    assert "no space left on device" in caught.value.message


def test_a_registry_that_does_not_answer(configuration, engine):
    with pytest.raises(ImageError) as caught:
        ImageStore(configuration, engine).check(f"{ECR}/team/app:v1", "token")
    assert caught.value.kind == "engine"


@pytest.mark.parametrize(
    ("table", "image"),
    [
        ({"gpu:1": "cpu:1", "*": "other"}, "gpu:1"),
        ({"*/gpu:*": "cpu:1", "*": "other"}, ECR + "/gpu:7"),
        ({"763104351884.*": "cpu:1"}, "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch:2"),
        ({"gp?:1": "other", "gpu:[0-9]": "other", "*1": "cpu:1"}, "gpu:1"),
    ],
)
def test_the_table_replaces_an_image(configuration, engine, table, image):
    images = ImageStore(dataclasses.replace(configuration, images=table), engine)
    assert images.resolve(image, "token") == EngineImage("cpu:1", "sha256:id")
    assert images.check(image, "token") == "sha256:id"


def test_an_entry_of_the_table_without_its_image_is_named(configuration, engine):
    images = ImageStore(dataclasses.replace(configuration, images={"gpu:*": "gone:1"}), engine)
    with pytest.raises(ImageError) as caught:
        images.resolve("gpu:1", "token")
    assert caught.value.kind == "engine"
    assert "'gpu:*'" in caught.value.message
    assert "'gone:1'" in caught.value.message


def test_the_digest_is_that_of_the_registry_if_the_engine_knows_it(configuration, engine):
    engine.get = lambda name: SimpleNamespace(id="sha256:id", attrs={"RepoDigests": ["cpu@sha256:remote"]})
    images = ImageStore(dataclasses.replace(configuration, images={"gpu": "cpu:1"}), engine)
    assert json.dumps(dataclasses.asdict(images.resolve("gpu", ""))) == '{"name": "cpu:1", "digest": "sha256:remote"}'
