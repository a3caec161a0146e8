from types import SimpleNamespace

import pytest
from localaws.api import Request
from localaws.base import Caller
from localaws.configuration import Configuration
from localaws.credentials import Credentials, RoleSession
from localaws.errors import ValidationError
from localaws.jobs.images import JobImages
from localaws.registry.images import ImageStore
from localaws.registry.tokens import TokenIssuer
from localaws.sagemaker.model_packages.record import packages
from localaws.sagemaker.model_packages.specification import pinned
from localaws.sagemaker.models.containers import ModelContainers, check_containers
from localaws.store import Store

IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/team/model:1"
DIGEST = "sha256:" + 64 * "0"
SOURCE = {"S3DataSource": {"S3Uri": "s3://b/c/", "S3DataType": "S3Prefix", "CompressionType": "None"}}


@pytest.mark.parametrize("container", [
    {},
    {"Environment": {"A": "1"}},
    {"ModelDataUrl": "s3://b/m.tar.gz"},
    {"Image": IMAGE, "ModelPackageName": "p"},
    {"ModelDataUrl": "s3://b/m.tar.gz", "ModelPackageName": "p"},
])  # fmt: skip
def test_a_container_has_an_image_or_a_package(container):
    with pytest.raises(ValidationError) as caught:
        check_containers([container])
    assert caught.value.message == (
        "Specify one of either Image and Model Data URL or ModelPackageName in container definition."
    )


@pytest.mark.parametrize("containers", [
    [{"Image": IMAGE, "ModelDataUrl": "s3://b/m.tar.gz", "ModelDataSource": SOURCE}],
    [{"Image": IMAGE, "ImageConfig": {"RepositoryAccessMode": "Vpc"}}],
    [{"Image": IMAGE, "ContainerHostname": "a"}, {"Image": IMAGE}],
    [{"Image": IMAGE, "ContainerHostname": "a"}, {"Image": IMAGE, "ContainerHostname": "a"}],
])  # fmt: skip
def test_other_containers_are_refused(containers):
    with pytest.raises(ValidationError):
        check_containers(containers)


@pytest.mark.parametrize("containers", [
    [{"Image": IMAGE}],
    [{"Image": IMAGE, "ModelDataUrl": "s3://b/m.tar.gz"}],
    [{"ModelPackageName": "p", "Environment": {"A": "1"}}],
    [{"Image": IMAGE}, {"Image": IMAGE}],
    [{"Image": IMAGE, "ContainerHostname": "a"}, {"Image": IMAGE, "ContainerHostname": "b"}],
])  # fmt: skip
def test_good_containers_pass(containers):
    check_containers(containers)


@pytest.mark.parametrize("image", ["host:5000/a/b", "host:5000/a/b:tag", f"host:5000/a/b:tag@sha256:{64 * '1'}"])
def test_a_digest_takes_the_place_of_the_tag(image):
    assert pinned(image, DIGEST) == f"host:5000/a/b@{DIGEST}"


@pytest.fixture
def platform(tmp_path):
    """A localaws whose table maps one image name to an image of the engine, without a registry."""
    here = SimpleNamespace(attrs={"RepoDigests": [f"here@{DIGEST}"]}, id="sha256:id")
    engine = SimpleNamespace(images=SimpleNamespace(get=lambda _: here))
    configuration = Configuration("", "", "AKIA", "secret", images={"gpu:1": "here"})
    images = JobImages(ImageStore(configuration, engine), TokenIssuer(tmp_path / "key"))
    store = Store(tmp_path / "db")
    yield SimpleNamespace(images=images, store=store, clients=SimpleNamespace(of_role=lambda *_: None))
    store.close()


def resolve(platform, digest):
    """Resolve a container of a package whose image had a digest when it was registered."""
    caller = Caller("AKIA", "", "000000000000", "us-east-1")
    request = Request("CreateModel", {}, caller)
    container = {"Image": "gpu:1", "ImageDigest": digest, "Environment": {"A": "1"}}
    packages(platform, request).add("p", {"InferenceSpecification": {"Containers": [container]}})
    session = RoleSession("arn:aws:iam::000000000000:role/r", lambda: Credentials("ASIA", "secret"))
    return ModelContainers(platform, request, session).resolve({"ModelPackageName": "p"})


def test_an_image_of_the_table_keeps_its_name_while_it_has_the_digest_of_the_package(platform):
    assert resolve(platform, DIGEST) == [{"Mode": "SingleModel", "Image": "gpu:1", "Environment": {"A": "1"}}]


def test_an_image_that_has_changed_since_its_package_was_made_is_refused(platform):
    with pytest.raises(ValidationError):
        resolve(platform, "sha256:" + 64 * "1")
