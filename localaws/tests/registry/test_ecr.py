"""ECR's API by boto3, whose parser checks the shapes of the answers."""

import base64
import datetime as dt
import json
import time

import botocore.exceptions
import pytest

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
APP = {"repositoryName": "team/app"}


def code(caught):
    return caught.value.response["Error"]["Code"]


def push_list(registry, child, manifest):
    entry = {"mediaType": MANIFEST, "size": len(manifest), "digest": child}
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}).encode()
    answer = registry.put_manifest("team/app", "all", index, INDEX)
    assert answer.status == 201
    return answer.headers["docker-content-digest"]


@pytest.mark.parametrize(
    "ids", [{}, {"registryIds": ["000000000000"]}, {"registryIds": ["000000000000", "111111111111"]}]
)
def test_a_token_for_docker_login(registry, ids):
    entries = registry.client.get_authorization_token(**ids)["authorizationData"]
    assert len(entries) == len(ids.get("registryIds", "1"))
    user, _, password = base64.b64decode(entries[0]["authorizationToken"]).decode().partition(":")
    assert user == "AWS"
    assert registry.service.tokens.verify(password) == registry.principal
    assert entries[0]["proxyEndpoint"] == f"http://127.0.0.1:{registry.configuration.port}"
    left = entries[0]["expiresAt"] - dt.datetime.now(dt.UTC)
    assert dt.timedelta(hours=11, minutes=59) < left <= dt.timedelta(hours=12)


def test_a_pushed_image_is_described(registry):
    before = time.time()
    digest, _ = registry.push("team/app", "v1", (b"12345", b"1234567890"))
    registry.push("team/app", "v2", (b"12345", b"1234567890"))
    [detail] = registry.client.describe_images(**APP)["imageDetails"]
    config = 78
    assert detail["imageDigest"] == digest
    assert detail["imageTags"] == ["v1", "v2"]
    assert detail["imageSizeInBytes"] == config + 15
    assert detail["imageManifestMediaType"] == MANIFEST
    assert detail["artifactMediaType"] == "application/vnd.docker.container.image.v1+json"
    assert (detail["registryId"], detail["repositoryName"]) == ("000000000000", "team/app")
    assert before - 1 <= detail["imagePushedAt"].timestamp() <= time.time() + 1


def test_images_are_listed_and_got(registry):
    digest, manifest = registry.push("team/app", "v1")
    all_digest = push_list(registry, digest, manifest)
    registry.client.batch_delete_image(**APP, imageIds=[{"imageTag": "v1"}])
    registry.put_manifest("team/app", digest, manifest)
    ids = [{"imageDigest": digest}, {"imageDigest": all_digest, "imageTag": "all"}]
    tagged, untagged = [ids[1]], [{"imageDigest": digest, "imageTag": "v1"}]
    assert registry.client.list_images(**APP)["imageIds"] == untagged + tagged
    answer = registry.client.batch_get_image(**APP, imageIds=[{"imageTag": "v1"}, {"imageTag": "v3"}])
    [image] = answer["images"]
    assert image["imageManifest"].encode() == manifest
    assert image["imageId"] == {"imageDigest": digest, "imageTag": "v1"}
    assert image["imageManifestMediaType"] == MANIFEST
    assert [(f["imageId"], f["failureCode"]) for f in answer["failures"]] == [({"imageTag": "v3"}, "ImageNotFound")]


def test_filters_and_pages(registry):
    digests = [registry.push("team/app", f"v{number}", (b"%d" % number,))[0] for number in range(5)]
    registry.service.catalog.delete_tag("team/app", "v0")
    for operation, key in (("describe_images", "imageDetails"), ("list_images", "imageIds")):
        pages = list(registry.client.get_paginator(operation).paginate(**APP, PaginationConfig={"PageSize": 2}))
        assert [len(page[key]) for page in pages] == [2, 2, 1]
        assert [item["imageDigest"] for page in pages for item in page[key]] == digests
        call = getattr(registry.client, operation)
        found = {s: call(**APP, filter={"tagStatus": s})[key] for s in ("TAGGED", "UNTAGGED", "ANY")}
        assert {status: len(items) for status, items in found.items()} == {"TAGGED": 4, "UNTAGGED": 1, "ANY": 5}
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            call(**APP, nextToken="!")
        assert code(caught) == "InvalidParameterException"
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            call(**APP, maxResults=1001)
        assert code(caught) == "InvalidParameterException"


def test_a_missing_image_and_repository(registry):
    with pytest.raises(registry.client.exceptions.ImageNotFoundException):
        registry.client.describe_images(**APP, imageIds=[{"imageTag": "v1"}])
    calls = [
        ("describe_images", {}),
        ("list_images", {}),
        ("batch_get_image", {"imageIds": [{"imageTag": "a"}]}),
        ("batch_delete_image", {"imageIds": [{"imageTag": "a"}]}),
        ("put_image", {"imageManifest": "{}"}),
        ("delete_repository", {}),
    ]
    for operation, rest in calls:
        for target in ({"repositoryName": "x1"}, {**APP, "registryId": "111111111111"}):
            with pytest.raises(botocore.exceptions.ClientError) as caught:
                getattr(registry.client, operation)(**target, **rest)
            assert code(caught) == "RepositoryNotFoundException"
            account = target.get("registryId", "000000000000")
            assert caught.value.response["Error"]["Message"] == (
                f"The repository with name '{target['repositoryName']}' does not exist in the registry with id "
                f"'{account}'"
            )


def test_a_deleted_tag_and_image_cannot_be_pulled(registry):
    digest, manifest = registry.push("team/app", "v1")
    registry.put_manifest("team/app", "v2", manifest)
    deleted = registry.client.batch_delete_image(**APP, imageIds=[{"imageTag": "v1"}])
    assert deleted["imageIds"] == [{"imageDigest": digest, "imageTag": "v1"}]
    assert registry.request("GET", "/v2/team/app/manifests/v1").status == 404
    assert registry.request("GET", "/v2/team/app/manifests/v2").status == 200
    assert registry.control.images["team/app"] == {digest: {"v2"}}
    deleted = registry.client.batch_delete_image(**APP, imageIds=[{"imageDigest": digest}])
    assert deleted["imageIds"] == [{"imageDigest": digest, "imageTag": "v2"}]
    for reference in ("v2", digest):
        assert registry.request("GET", f"/v2/team/app/manifests/{reference}").status == 404
    assert registry.client.describe_images(**APP)["imageDetails"] == []
    assert registry.control.images["team/app"] == {}
    registry.push("team/app", "v1")
    assert registry.request("GET", "/v2/team/app/manifests/v1").body == manifest


def test_the_last_tag_takes_its_image_along(registry):
    digest, _ = registry.push("team/app", "v1")
    registry.client.batch_delete_image(**APP, imageIds=[{"imageTag": "v1"}])
    assert registry.request("GET", f"/v2/team/app/manifests/{digest}").status == 404


def test_images_that_cannot_be_deleted(registry):
    digest, manifest = registry.push("team/app", "v1")
    other, _ = registry.push("team/app", "v2", (b"other",))
    all_digest = push_list(registry, digest, manifest)
    ids = [
        {"imageTag": "v3"},
        {},
        {"imageDigest": "nonsense"},
        {"imageDigest": digest, "imageTag": "v2"},
        {"imageDigest": digest},
    ]
    failures = registry.client.batch_delete_image(**APP, imageIds=ids)["failures"]
    assert [failure["failureCode"] for failure in failures] == [
        "ImageNotFound",
        "MissingDigestAndTag",
        "InvalidImageDigest",
        "ImageTagDoesNotMatchDigest",
        "ImageReferencedByManifestList",
    ]
    assert all_digest in failures[-1]["failureReason"]
    assert len(registry.client.describe_images(**APP)["imageDetails"]) == 3
    # The list first, then its image, in one call.
    answer = registry.client.batch_delete_image(**APP, imageIds=[{"imageDigest": all_digest}, {"imageDigest": digest}])
    assert answer["failures"] == []
    assert [detail["imageDigest"] for detail in registry.client.describe_images(**APP)["imageDetails"]] == [other]


def test_an_image_gets_another_tag(registry):
    digest, manifest = registry.push("team/app", "v1")
    image = registry.client.put_image(**APP, imageManifest=manifest.decode(), imageTag="prod")["image"]
    assert image["imageId"] == {"imageDigest": digest, "imageTag": "prod"}
    assert registry.request("GET", "/v2/team/app/manifests/prod").body == manifest
    assert registry.control.images["team/app"] == {digest: {"v1", "prod"}}
    with pytest.raises(registry.client.exceptions.ImageAlreadyExistsException):
        registry.client.put_image(**APP, imageManifest=manifest.decode(), imageTag="prod")


def test_images_that_cannot_be_put(registry):
    _, manifest = registry.push("team/app", "v1")
    registry.control.CreateRepository({"repositoryName": "fixed", "imageTagMutability": "IMMUTABLE"})
    registry.push("fixed", "v1")
    text, errors = manifest.decode(), registry.client.exceptions
    changed = text.replace('"schemaVersion": 2', '"schemaVersion":  2')
    with pytest.raises(errors.ImageTagAlreadyExistsException) as caught:
        registry.client.put_image(repositoryName="fixed", imageManifest=changed, imageTag="v1")
    assert "cannot be overwritten because the tag is immutable." in caught.value.response["Error"]["Message"]
    registry.control.CreateRepository({"repositoryName": "empty"})
    with pytest.raises(errors.LayersNotFoundException):
        registry.client.put_image(repositoryName="empty", imageManifest=text, imageTag="v1")
    with pytest.raises(errors.ImageDigestDoesNotMatchException):
        registry.client.put_image(**APP, imageManifest=text, imageDigest="sha256:" + "0" * 64)
    with pytest.raises(errors.InvalidParameterException):
        registry.client.put_image(**APP, imageManifest="nonsense")


def test_a_repository_with_images_is_deleted_by_force_alone(registry):
    digest, _ = registry.push("team/app", "v1")
    with pytest.raises(registry.client.exceptions.RepositoryNotEmptyException):
        registry.client.delete_repository(**APP)
    assert registry.request("GET", "/v2/team/app/manifests/v1").status == 200
    registry.client.delete_repository(**APP, force=True)
    assert registry.request("GET", "/v2/team/app/manifests/v1").errors[0][0] == "NAME_UNKNOWN"
    registry.client.create_repository(**APP)
    for reference in ("v1", digest):
        assert registry.request("GET", f"/v2/team/app/manifests/{reference}").status == 404
    registry.client.delete_repository(**APP)


def test_a_repository_that_is_deleted_past_the_api_leaves_no_image(registry):
    registry.push("team/app", "v1")
    registry.control.DeleteRepository(APP)
    registry.control.CreateRepository(APP)
    registry.control.repositories["team/app"]["createdAt"] += 2
    assert registry.request("GET", "/v2/team/app/manifests/v1").status == 404
    assert registry.client.list_images(**APP)["imageIds"] == []


def test_another_region_is_left_to_ministack(registry):
    registry.push("team/app", "v1")
    registry.client_in("eu-west-1").delete_repository(**APP)
    assert registry.control.repositories == {}


def test_a_repository_of_another_region_has_no_images_here(registry):
    registry.push("team/app", "v1")
    registry.control.repositories["team/app"] |= {
        "repositoryArn": "arn:aws:ecr:eu-west-1:000000000000:repository/team/app",
        "createdAt": 9e9,
    }
    assert registry.request("GET", "/v2/team/app/manifests/v1").errors[0][0] == "NAME_UNKNOWN"
    assert len(registry.service.catalog.images("team/app")) == 1


def test_layers(registry):
    registry.push("team/app", "v1", (b"12345",))
    here = "sha256:5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5"
    missing = "sha256:" + "0" * 64
    layers = registry.client.batch_check_layer_availability(**APP, layerDigests=[here, missing])["layers"]
    assert [(layer["layerAvailability"], layer["layerSize"]) for layer in layers] == [
        ("AVAILABLE", 5),
        ("UNAVAILABLE", 0),
    ]
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        registry.client.initiate_layer_upload(**APP)
    assert code(caught) == "UnsupportedOperationException"
