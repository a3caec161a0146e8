"""A server for the registry's tests: the front and ECR's API on a free port, in front of a small ECR in memory."""

import asyncio
import base64
import contextlib
import hashlib
import http.client
import json
import shutil
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import botocore.config
import pytest
import uvicorn
from localaws.configuration import Configuration
from localaws.registry.backend import RegistryBackend
from localaws.registry.program import PROGRAM
from localaws.registry.routes import is_registry_path
from localaws.registry.service import build_registry

ACCOUNT = "000000000000"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class MemoryEcr:
    """The part of MiniStack's ECR that the registry relies on (see localaws/registry/repositories.py)."""

    def __init__(self):
        self.repositories = {}
        self.images = {}

    async def handle(self, _method, _path, headers, body, _query_params):
        status, answer = getattr(self, headers["x-amz-target"].rpartition(".")[2])(json.loads(body))
        return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()

    def CreateRepository(self, request):  # noqa: N802 - an operation
        name = request["repositoryName"]
        mutability = request.get("imageTagMutability", "MUTABLE")
        self.repositories[name] = {
            "repositoryName": name,
            "repositoryArn": f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/{name}",
            "imageTagMutability": mutability,
            "createdAt": int(time.time()),
        }
        self.images[name] = {}
        return 200, {"repository": self.repositories[name]}

    def DescribeRepositories(self, request):  # noqa: N802
        found = [self.repositories[name] for name in request["repositoryNames"] if name in self.repositories]
        return (200, {"repositories": found}) if found else (400, {"__type": "RepositoryNotFoundException"})

    def DeleteRepository(self, request):  # noqa: N802
        self.images.pop(request["repositoryName"])
        return 200, {"repository": self.repositories.pop(request["repositoryName"])}

    def PutImage(self, request):  # noqa: N802
        images = self.images[request["repositoryName"]]
        for tags in images.values():
            tags.discard(request.get("imageTag"))
        images.setdefault(request["imageDigest"], set()).update([request["imageTag"]] if "imageTag" in request else [])
        return 200, {"image": {}}

    def BatchDeleteImage(self, request):  # noqa: N802
        for image_id in request["imageIds"]:
            self.images[request["repositoryName"]].pop(image_id["imageDigest"], None)
        return 200, {"imageIds": [], "failures": []}


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def errors(self):
        return [(error["code"], error["message"]) for error in json.loads(self.body)["errors"]]


@dataclass
class Server:
    """The running server, as a client sees it."""

    configuration: Configuration
    service: object
    control: MemoryEcr
    principal: str = "arn:aws:iam::000000000000:user/alice"
    denied: dict = field(default_factory=dict)
    """(action, repository) -> IAM's words."""
    pushed: list = field(default_factory=list)
    clock: list = field(default_factory=lambda: [0.0])
    """Seconds that the tokens' clock is ahead."""

    def authorization(self, user="AWS", password=None):
        password = self.service.tokens.issue(self.principal)[0] if password is None else password
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def request(self, method, path, body=None, headers=None, *, login=True):
        connection = http.client.HTTPConnection("127.0.0.1", self.configuration.port, timeout=60)
        headers = {"Authorization": self.authorization()} | (headers or {}) if login else (headers or {})
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers, encode_chunked=False)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())

    @property
    def client(self):
        return self.client_in("us-east-1")

    def client_in(self, region):
        return boto3.client(
            "ecr",
            endpoint_url=self.configuration.address,
            region_name=region,
            aws_access_key_id="key",
            aws_secret_access_key="secret",
            config=botocore.config.Config(retries={"total_max_attempts": 1}),
        )

    def push_layer(self, repository, content):
        start = self.request("POST", f"/v2/{repository}/blobs/uploads/")
        assert start.status == 202, start
        location = urlsplit(start.headers["location"])
        path = f"{location.path}?{location.query}&digest={digest_of(content)}"
        end = self.request("PUT", path, content, {"Content-Type": "application/octet-stream"})
        assert end.status == 201, end
        return digest_of(content)

    def push(self, repository, tag, layers=(b"layer",)):
        """Push an image; return its digest and its manifest."""
        config = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
        for content in (config, *layers):
            self.push_layer(repository, content)
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": {
                    "mediaType": "application/vnd.docker.container.image.v1+json",
                    "size": len(config),
                    "digest": digest_of(config),
                },
                "layers": [
                    {
                        "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                        "size": len(content),
                        "digest": digest_of(content),
                    }
                    for content in layers
                ],
            }
        ).encode()
        answer = self.put_manifest(repository, tag, manifest)
        assert answer.status == 201, answer
        return digest_of(manifest), manifest

    def put_manifest(self, repository, reference, manifest, media_type=MANIFEST):
        return self.request("PUT", f"/v2/{repository}/manifests/{reference}", manifest, {"Content-Type": media_type})


@contextlib.contextmanager
def serve(app, port):
    """Run an ASGI app in a thread."""
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, log_level="warning", lifespan="on", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
            assert thread.is_alive()
        yield
    finally:
        server.should_exit = True
        thread.join()


def mount(service):
    """Return the app that the integrator of the registry would make of its parts."""

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await service.storage.close()
            await send({"type": "lifespan.shutdown.complete"})
        elif is_registry_path(scope["path"]):
            await service.front(scope, receive, send)
        else:
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            body = b""
            while (message := await receive())["type"] == "http.request":
                body += message["body"]
                if not message["more_body"]:
                    break
            status, lines, content = await service.ecr(scope["method"], scope["path"], headers, body, {})
            lines = [(name.lower().encode(), value.encode()) for name, value in lines.items()]
            await send({"type": "http.response.start", "status": status, "headers": lines})
            await send({"type": "http.response.body", "body": content})

    return app


@contextlib.contextmanager
def running(configuration, engine=None):
    """Run the registry with everything around it."""
    control = MemoryEcr()
    with RegistryBackend(configuration, engine) as backend:
        server = Server(configuration, None, control)

        async def pushed(*image):
            await asyncio.sleep(0)
            server.pushed.append(image)

        server.service = build_registry(
            configuration,
            backend,
            handler=control.handle,
            authorize=lambda principal, action, repository: server.denied.get((action, repository)),
            principal_of=lambda headers, query: server.principal,
            image_pushed=pushed,
        )
        server.service.tokens._clock = lambda: time.time() + server.clock[0]
        server.backend = backend
        with serve(mount(server.service), configuration.port):
            yield server
        server.service.catalog.close()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def configuration(tmp_path):
    return Configuration(state=str(tmp_path / "s"), models="", access_key="key", secret_key="secret", port=free_port())


@pytest.fixture
def registry(configuration):
    if not shutil.which(PROGRAM):
        pytest.skip(f"needs the program {PROGRAM}")
    with running(configuration) as server:
        server.control.CreateRepository({"repositoryName": "team/app"})
        yield server


@pytest.fixture
def state(tmp_path) -> Path:
    return tmp_path / "s"


@pytest.fixture
def serving():
    """Return `running`, for a test that starts the registry itself."""
    return running
