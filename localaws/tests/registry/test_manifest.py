import hashlib
import json

import pytest
from localaws.registry.manifest import DOCKER_MANIFEST, OCI_INDEX, read_manifest

IMAGE = {
    "mediaType": DOCKER_MANIFEST,
    "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 10, "digest": "sha256:1"},
    "layers": [{"size": 100}, {"size": 1000}],
}


def test_an_image_has_the_size_of_its_configuration_and_layers():
    content = json.dumps(IMAGE).encode()
    manifest = read_manifest(content)
    assert manifest.size == 1110
    assert manifest.digest == "sha256:" + hashlib.sha256(content).hexdigest()
    assert manifest.artifact_media_type == "application/vnd.docker.container.image.v1+json"
    assert manifest.children == ()


def test_a_list_names_its_children():
    content = json.dumps({"manifests": [{"digest": "sha256:a"}, {"digest": "sha256:b"}]}).encode()
    manifest = read_manifest(content, OCI_INDEX)
    assert manifest.children == ("sha256:a", "sha256:b")
    assert (manifest.size, manifest.artifact_media_type) == (0, "")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"mediaType": "text/plain"}',
        json.dumps(IMAGE | {"layers": None}).encode(),
        json.dumps(IMAGE | {"config": {}}).encode(),
        json.dumps(IMAGE | {"layers": [{"size": "much"}]}).encode(),
        json.dumps({"mediaType": OCI_INDEX, "manifests": [{}]}).encode(),
        json.dumps({"mediaType": OCI_INDEX}).encode(),
    ],
)
def test_nonsense_is_refused(content):
    with pytest.raises(ValueError):  # noqa: PT011 - the caller words it
        read_manifest(content)
