import pytest
from localaws.registry.refusals import Refused
from localaws.registry.routes import find_route, is_registry_path, is_repository

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("method", "path", "kind", "repository", "reference", "action"),
    [
        ("GET", "/v2/a1/manifests/latest", "manifest", "a1", "latest", "ecr:BatchGetImage"),
        ("HEAD", f"/v2/a/b/c/manifests/{DIGEST}", "manifest", "a/b/c", DIGEST, "ecr:BatchGetImage"),
        ("PUT", "/v2/manifests/manifests/manifests/x", "manifest", "manifests/manifests", "x", "ecr:PutImage"),
        ("GET", f"/v2/ab/blobs/{DIGEST}", "blob", "ab", DIGEST, "ecr:GetDownloadUrlForLayer"),
        ("HEAD", f"/v2/ab/blobs/{DIGEST}", "blob", "ab", DIGEST, "ecr:BatchCheckLayerAvailability"),
        ("POST", "/v2/ab/blobs/uploads/", "uploads", "ab", "", "ecr:InitiateLayerUpload"),
        ("POST", "/v2/ab/blobs/uploads", "uploads", "ab", "", "ecr:InitiateLayerUpload"),
        ("PATCH", "/v2/ab/blobs/uploads/1-2_3", "upload", "ab", "1-2_3", "ecr:UploadLayerPart"),
        ("PUT", "/v2/ab/blobs/uploads/1-2", "upload", "ab", "1-2", "ecr:CompleteLayerUpload"),
        ("GET", "/v2/ab/tags/list", "tags", "ab", "", "ecr:ListImages"),
    ],
)
def test_every_operation_has_a_permission(method, path, kind, repository, reference, action):
    route = find_route(method, path)
    assert (route.kind, route.repository, route.reference, route.action) == (kind, repository, reference, action)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v2/_catalog", 405, "UNSUPPORTED"),
        ("DELETE", "/v2/ab/manifests/latest", 405, "UNSUPPORTED"),
        ("DELETE", f"/v2/ab/blobs/{DIGEST}", 405, "UNSUPPORTED"),
        ("GET", "/v2/../../etc/passwd", 404, "UNSUPPORTED"),
        ("GET", "/v2/../x/manifests/latest", 405, "NAME_INVALID"),
        ("GET", "/v2/ab/../../cd/manifests/latest", 405, "NAME_INVALID"),
        ("GET", "/v2//ab/manifests/latest", 405, "NAME_INVALID"),
        ("GET", "/v2/AB/manifests/latest", 405, "NAME_INVALID"),
        ("GET", "/v2/a/manifests/latest", 405, "NAME_INVALID"),
        ("GET", f"/v2/{'a' * 257}/manifests/latest", 405, "NAME_INVALID"),
        ("GET", "/v2/ab\n/manifests/latest", 404, "UNSUPPORTED"),
        ("GET", "/v2/ab/manifests/..", 404, "MANIFEST_UNKNOWN"),
        ("GET", f"/v2/ab/manifests/{'a' * 129}", 404, "MANIFEST_UNKNOWN"),
        ("GET", "/v2/ab/manifests/a?b", 404, "MANIFEST_UNKNOWN"),
        ("GET", "/v2/ab/blobs/..", 400, "DIGEST_INVALID"),
        ("GET", "/v2/ab/blobs/sha256:" + "g" * 64, 400, "DIGEST_INVALID"),
        ("PATCH", "/v2/ab/blobs/uploads/../../x", 404, "UNSUPPORTED"),
    ],
)
def test_what_cannot_exist_is_refused(method, path, status, code):
    with pytest.raises(Refused) as caught:
        find_route(method, path)
    assert (caught.value.status, caught.value.code) == (status, code)


@pytest.mark.parametrize("name", ["ab", "a__b", "a--b/c.d", "0/1", "a" * 256])
def test_names_that_a_repository_can_have(name):
    assert is_repository(name)


@pytest.mark.parametrize("name", ["", "a", "A", "-a", "a-", "a..b", "a/", "a//b", "a_b_", "a" * 257, "ab\n"])
def test_names_that_no_repository_can_have(name):
    assert not is_repository(name)


def test_paths_of_other_services_are_not_the_registrys():
    assert all(map(is_registry_path, ["/v2", "/v2/", "/v2/_catalog", "/v2/ab/blobs/uploads/x/y", "/v2/ab/tags/list"]))
    others = ["/", "/v2x", "/v2/apis", "/v2/apis/1/stages", "/v2/tags/arn", "/v2/email/identities", "/bucket/v2/"]
    assert not any(map(is_registry_path, others))
