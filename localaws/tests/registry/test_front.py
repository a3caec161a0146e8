import asyncio
import contextlib
import copy
import hashlib
import http.client
import json
import os
import signal
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from localaws.registry.front import Interrupted
from localaws.registry.storage import Storage

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEX = "application/vnd.oci.image.index.v1+json"
UNKNOWN = "The repository with name 'x1' does not exist in the registry with id '000000000000'"
MEGABYTE = 1024 * 1024


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def target(location):
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}"


def test_without_a_login_it_asks_for_one(registry):
    for path in ("/v2/", "/v2/team/app/manifests/latest"):
        answer = registry.request("GET", path, login=False)
        assert (answer.status, answer.body) == (401, b"Not Authorized\n")
        address = registry.configuration.address
        assert answer.headers["www-authenticate"] == f'Basic realm="{address}/",service="ecr.amazonaws.com"'
        assert answer.headers["docker-distribution-api-version"] == "registry/2.0"


def test_a_login(registry):
    answer = registry.request("GET", "/v2/")
    assert answer.status == 200
    assert answer.headers["docker-distribution-api-version"] == "registry/2.0"


@pytest.mark.parametrize(
    ("authorization", "status"), [("Bearer abc", 401), ("Basic", 401), ("Basic !!!", 401), ("Basic /w==", 400)]
)
def test_other_authorizations(registry, authorization, status):
    answer = registry.request("GET", "/v2/", headers={"Authorization": authorization}, login=False)
    assert answer.status == status


def test_a_wrong_user_or_password(registry):
    headers = {"Authorization": registry.authorization(user="root")}
    assert registry.request("GET", "/v2/", headers=headers, login=False).status == 401
    headers = {"Authorization": registry.authorization(password="wrong")}
    answer = registry.request("GET", "/v2/", headers=headers, login=False)
    assert answer.status == 400
    assert [code for code, _ in answer.errors] == ["DENIED"]


def test_an_expired_token(registry):
    headers = {"Authorization": registry.authorization()}
    registry.clock[0] = 12 * 3600 + 1
    answer = registry.request("GET", "/v2/", headers=headers, login=False)
    assert answer.status == 403
    assert answer.errors == [("DENIED", "Your authorization token has expired. Reauthenticate and try again.")]


def test_a_push_and_its_pulls(registry):
    digest, manifest = registry.push("team/app", "latest", (b"one", b"two"))
    assert registry.pushed == [("team/app", "latest", digest, manifest, MANIFEST)]
    for reference in ("latest", digest):
        answer = registry.request("GET", f"/v2/team/app/manifests/{reference}")
        assert (answer.status, answer.body) == (200, manifest)
        assert answer.headers["docker-content-digest"] == digest
        assert answer.headers["content-type"] == MANIFEST
        head = registry.request("HEAD", f"/v2/team/app/manifests/{reference}")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-length"] == str(len(manifest))
        assert head.headers["docker-content-digest"] == digest
    blob = f"/v2/team/app/blobs/{digest_of(b'one')}"
    assert registry.request("GET", blob).body == b"one"
    head = registry.request("HEAD", blob)
    assert (head.status, head.headers["content-length"]) == (200, "3")
    part = registry.request("GET", blob, headers={"Range": "bytes=1-2"})
    assert (part.status, part.body, part.headers["content-range"]) == (206, b"ne", "bytes 1-2/3")
    tags = registry.request("GET", "/v2/team/app/tags/list")
    assert json.loads(tags.body) == {"name": "team/app", "tags": ["latest"]}


def test_addresses_are_the_fronts_as_the_client_calls_it(registry):
    start = registry.request("POST", "/v2/team/app/blobs/uploads/", headers={"Host": "gateway:1234"})
    assert start.status == 202
    assert start.headers["location"].startswith("http://gateway:1234/v2/team/app/blobs/uploads/")
    assert "_state=" in start.headers["location"]


def test_a_layer_in_chunks(registry):
    start = registry.request("POST", "/v2/team/app/blobs/uploads/")
    first = registry.request(
        "PATCH",
        target(start.headers["location"]),
        b"abc",
        {"Content-Range": "0-2", "Content-Type": "application/octet-stream"},
    )
    assert (first.status, first.headers["range"]) == (202, "0-2")
    # A body of unknown length, as docker sends it.
    second = registry.request(
        "PATCH", target(first.headers["location"]), iter([b"2\r\nde\r\n0\r\n\r\n"]), {"Transfer-Encoding": "chunked"}
    )
    assert (second.status, second.headers["range"]) == (202, "0-4")
    state = registry.request("GET", target(second.headers["location"]))
    assert (state.status, state.headers["range"]) == (204, "0-4")
    end = registry.request("PUT", target(second.headers["location"]) + "&digest=" + digest_of(b"abcde"))
    assert end.status == 201
    assert registry.request("GET", f"/v2/team/app/blobs/{digest_of(b'abcde')}").body == b"abcde"


def test_a_wrong_digest_of_a_layer(registry):
    start = registry.request("POST", "/v2/team/app/blobs/uploads/")
    end = registry.request("PUT", target(start.headers["location"]) + "&digest=" + digest_of(b"other"), b"layer")
    assert (end.status, end.errors[0][0]) == (400, "DIGEST_INVALID")


def test_a_wrong_digest_of_a_manifest(registry):
    _, manifest = registry.push("team/app", "latest")
    answer = registry.put_manifest("team/app", digest_of(b"other"), manifest)
    assert (answer.status, answer.errors[0][0]) == (400, "DIGEST_INVALID")


@pytest.mark.parametrize(
    ("manifest", "media_type", "status", "code"),
    [
        (b"no json", MANIFEST, 400, "MANIFEST_INVALID"),
        (b"{}", "text/plain", 400, "MANIFEST_INVALID"),
        (b"x" * (4 * MEGABYTE + 1), MANIFEST, 413, "SIZE_INVALID"),
    ],
)
def test_a_malformed_manifest(registry, manifest, media_type, status, code):
    answer = registry.put_manifest("team/app", "latest", manifest, media_type)
    assert (answer.status, answer.errors[0][0]) == (status, code)
    assert registry.pushed == []


def test_a_manifest_without_its_layers(registry):
    _, manifest = registry.push("team/app", "latest")
    registry.control.CreateRepository({"repositoryName": "team/other"})
    answer = registry.put_manifest("team/other", "latest", manifest)
    assert (answer.status, answer.errors[0][0]) == (400, "MANIFEST_BLOB_UNKNOWN")
    assert registry.request("GET", "/v2/team/other/manifests/latest").status == 404


def test_what_is_not_there(registry):
    missing = registry.request("GET", "/v2/team/app/manifests/latest")
    assert (missing.status, missing.errors) == (404, [("MANIFEST_UNKNOWN", "Requested image not found")])
    assert registry.request("HEAD", f"/v2/team/app/blobs/{digest_of(b'x')}").status == 404
    for method, path in [("GET", "/v2/x1/manifests/a"), ("POST", "/v2/x1/blobs/uploads/"), ("GET", "/v2/x1/tags/list")]:
        answer = registry.request(method, path)
        assert (answer.status, answer.errors) == (404, [("NAME_UNKNOWN", UNKNOWN)])


def test_the_repositories_are_not_listed(registry):
    answer = registry.request("GET", "/v2/_catalog")
    assert (answer.status, answer.errors[0][0]) == (405, "UNSUPPORTED")


@pytest.mark.parametrize(
    "path", ["/v2/../team/app/manifests/latest", "/v2/team/%2e%2e/app/manifests/latest", "/v2/team%2f..%2fx/tags/list"]
)
def test_a_path_leads_nowhere_else(registry, path):
    registry.push("team/app", "latest")
    answer = registry.request("GET", path)
    assert (answer.status, answer.errors[0][0]) == (405, "NAME_INVALID")


@pytest.mark.parametrize(
    ("action", "method", "path"),
    [
        ("ecr:BatchGetImage", "GET", "manifests/latest"),
        ("ecr:BatchGetImage", "HEAD", "manifests/latest"),
        ("ecr:GetDownloadUrlForLayer", "GET", f"blobs/{digest_of(b'layer')}"),
        ("ecr:BatchCheckLayerAvailability", "HEAD", f"blobs/{digest_of(b'layer')}"),
        ("ecr:InitiateLayerUpload", "POST", "blobs/uploads/"),
        ("ecr:UploadLayerPart", "PATCH", "blobs/uploads/x"),
        ("ecr:CompleteLayerUpload", "PUT", "blobs/uploads/x"),
        ("ecr:PutImage", "PUT", "manifests/latest"),
        ("ecr:ListImages", "GET", "tags/list"),
    ],
)
def test_a_missing_permission(registry, action, method, path):
    registry.push("team/app", "latest")
    registry.denied[action, "team/app"] = f"User: alice is not authorized to perform: {action}"
    answer = registry.request(method, f"/v2/team/app/{path}")
    assert answer.status == 403
    if method != "HEAD":
        assert answer.errors == [("DENIED", f"User: alice is not authorized to perform: {action}")]


def test_an_immutable_tag(registry):
    registry.control.CreateRepository({"repositoryName": "fixed", "imageTagMutability": "IMMUTABLE"})
    digest, manifest = registry.push("fixed", "v1")
    words = (
        "The image tag 'v1' already exists in the 'fixed' repository and cannot be overwritten because the tag is "
        "immutable."
    )
    changed = manifest.replace(b'"schemaVersion": 2', b'"schemaVersion":  2')
    for content in (manifest, changed):
        answer = registry.put_manifest("fixed", "v1", content)
        assert (answer.status, answer.errors) == (400, [("TAG_INVALID", words)])
    assert registry.request("HEAD", "/v2/fixed/manifests/v1").headers["docker-content-digest"] == digest
    assert registry.put_manifest("fixed", "v2", changed).status == 201


def test_a_mutable_tag_moves(registry):
    first, manifest = registry.push("team/app", "latest")
    changed = manifest.replace(b'"schemaVersion": 2', b'"schemaVersion":  2')
    assert registry.put_manifest("team/app", "latest", changed).status == 201
    head = registry.request("HEAD", "/v2/team/app/manifests/latest")
    assert head.headers["docker-content-digest"] == digest_of(changed)
    assert registry.request("GET", f"/v2/team/app/manifests/{first}").status == 200


def test_a_list_of_manifests(registry):
    child, manifest = registry.push("team/app", "amd64")
    entry = {
        "mediaType": MANIFEST,
        "size": len(manifest),
        "digest": child,
        "platform": {"architecture": "amd64", "os": "linux"},
    }
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}).encode()
    assert registry.put_manifest("team/app", "all", index, INDEX).status == 201
    answer = registry.request("GET", "/v2/team/app/manifests/all", headers={"Accept": INDEX})
    assert (answer.body, answer.headers["content-type"]) == (index, INDEX)
    missing = index.replace(child.encode(), digest_of(b"other").encode())
    answer = registry.put_manifest("team/app", "all", missing, INDEX)
    assert (answer.status, answer.errors[0][0]) == (400, "MANIFEST_BLOB_UNKNOWN")


def test_a_layer_is_mounted_from_a_repository_that_may_be_read(registry):
    registry.push("team/app", "latest")
    registry.control.CreateRepository({"repositoryName": "team/other"})
    layer = digest_of(b"layer")
    path = f"/v2/team/other/blobs/uploads/?mount={layer}&from="
    registry.denied["ecr:GetDownloadUrlForLayer", "team/app"] = "no"
    assert registry.request("POST", path + "team%2Fapp").status == 202
    assert registry.request("HEAD", f"/v2/team/other/blobs/{layer}").status == 404
    for source in ("x1", "..%2Fteam%2Fapp", ""):
        assert registry.request("POST", path + source).status == 202
    registry.denied.clear()
    answer = registry.request("POST", path + "team%2Fapp")
    assert answer.status == 201
    assert answer.headers["location"].endswith(f"/v2/team/other/blobs/{layer}")
    assert registry.request("GET", f"/v2/team/other/blobs/{layer}").body == b"layer"


def test_a_dead_storage_is_503_and_comes_back(registry):
    registry.push("team/app", "latest")
    server = registry.backend._server
    server.poll_s = 1.0
    pid = server._process.pid
    os.kill(pid, signal.SIGKILL)
    server._process.wait()
    answer = registry.request("HEAD", f"/v2/team/app/blobs/{digest_of(b'layer')}")
    assert answer.status == 503
    answer = registry.request("GET", "/v2/team/app/manifests/latest")
    assert (answer.status, answer.errors[0][0]) == (503, "UNAVAILABLE")
    assert "\n" not in answer.errors[0][1]
    deadline = time.monotonic() + 20
    while registry.request("GET", "/v2/team/app/manifests/latest").status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert server._process.pid != pid


def test_an_upload_goes_on_after_the_storage_died(registry):
    start = registry.request("POST", "/v2/team/app/blobs/uploads/")
    first = registry.request("PATCH", target(start.headers["location"]), b"abc")
    server = registry.backend._server
    pid = server._process.pid
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while server._process.pid == pid or not server.address.answers():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    end = registry.request("PUT", target(first.headers["location"]) + "&digest=" + digest_of(b"abcde"), b"de")
    assert end.status == 201


def test_an_aborted_upload_leaves_the_registry_well(registry):
    start = registry.request("POST", "/v2/team/app/blobs/uploads/")
    head = (
        f"PATCH {target(start.headers['location'])} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {registry.authorization()}\r\nContent-Length: 100000000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", registry.configuration.port)) as connection:
        connection.sendall(head.encode() + b"x" * MEGABYTE)
    registry.push("team/app", "latest")
    assert registry.request("GET", "/v2/team/app/manifests/latest").status == 200


def test_an_aborted_download_leaves_the_registry_well(registry):
    content = os.urandom(20 * MEGABYTE)
    digest = registry.push_layer("team/app", content)
    head = (
        f"GET /v2/team/app/blobs/{digest} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {registry.authorization()}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", registry.configuration.port)) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100)
    assert registry.request("HEAD", f"/v2/team/app/blobs/{digest}").status == 200


def download(registry, digest, receive, send):
    """Ask the front for a layer, without a server in between."""

    async def run():
        front = copy.copy(registry.service.front)
        front._storage = Storage(lambda: registry.backend.address)
        headers = [(b"authorization", registry.authorization().encode())]
        path = f"/v2/team/app/blobs/{digest}"
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers}
        try:
            await front(scope, receive, send)
        finally:
            await front._storage.close()

    asyncio.run(run())


def test_a_download_ends_when_its_client_is_gone(registry):
    digest, sent = registry.push_layer("team/app", os.urandom(20 * MEGABYTE)), []
    messages = iter([{"type": "http.request", "body": b"", "more_body": False}, {"type": "http.disconnect"}])

    async def receive():
        return next(messages)

    async def send(message):
        sent.append(len(message.get("body", b"")))
        await asyncio.sleep(0)

    download(registry, digest, receive, send)
    assert sum(sent) < 5 * MEGABYTE


def test_a_download_breaks_off_if_the_storage_dies(registry):
    """The client must not take a part of a layer for the whole."""
    digest = registry.push_layer("team/app", os.urandom(20 * MEGABYTE))

    async def receive():
        await asyncio.sleep(600)

    async def send(message):
        if message["type"] == "http.response.body" and registry.backend._server.running():
            assert message["more_body"]
            registry.backend._server._process.kill()

    with pytest.raises(Interrupted):
        download(registry, digest, receive, send)


def memory_kb(key):
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(key + ":")))


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc")
def test_a_large_layer_passes_in_constant_memory(registry):
    """The server runs in this process, so its memory is this process's."""
    size, block = 300, os.urandom(MEGABYTE)
    whole = hashlib.sha256()
    for _ in range(size):
        whole.update(block)
    digest = "sha256:" + whole.hexdigest()
    start = registry.request("POST", "/v2/team/app/blobs/uploads/")
    Path("/proc/self/clear_refs").write_text("5")
    before = memory_kb("VmHWM")
    headers = {"Content-Length": str(size * MEGABYTE), "Content-Type": "application/octet-stream"}
    end = registry.request(
        "PUT", f"{target(start.headers['location'])}&digest={digest}", (block for _ in range(size)), headers
    )
    assert end.status == 201
    connection = http.client.HTTPConnection("127.0.0.1", registry.configuration.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", f"/v2/team/app/blobs/{digest}", headers={"Authorization": registry.authorization()})
        response = connection.getresponse()
        received = hashlib.sha256()
        while chunk := response.read(MEGABYTE):
            received.update(chunk)
    assert received.hexdigest() == whole.hexdigest()
    assert memory_kb("VmHWM") - before < 40 * 1024
