"""The registry that `docker login`, `docker push` and `docker pull` talk to: an ASGI app for the paths below `/v2/`.

It checks the token, the permissions, the repository and the tag as ECR does, and hands layers on to the storage behind.
Bodies are streamed both ways.
"""

import asyncio
import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp

from localaws.configuration import Configuration
from localaws.registry import refusals
from localaws.registry.asgi import ClientGone, Receive, Request, Response, Scope, Send, TooLarge, send_start
from localaws.registry.catalog import ImageCatalog, TagExists
from localaws.registry.manifest import MAX_MANIFEST_BYTES, MEDIA_TYPES, Manifest, read_manifest
from localaws.registry.repositories import Repository
from localaws.registry.routes import DIGEST, Route, find_route, is_repository
from localaws.registry.storage import CHUNK_BYTES, Storage, StorageRefused, StorageUnavailable
from localaws.registry.tokens import ExpiredToken, InvalidToken, TokenIssuer

Authorize = Callable[[str, str, str], str | None]
"""Principal, action, repository -> None if it is allowed, otherwise IAM's words."""
FindRepository = Callable[[str], Awaitable[Repository | None]]
ImagePushed = Callable[[str, str | None, str, bytes, str], Awaitable[None]]
"""Repository, tag, digest, manifest, media type."""

USER = "AWS"
_REQUEST_HEADERS = ("content-type", "content-length", "content-range", "range", "if-none-match", "if-range")
_RESPONSE_HEADERS = (
    "Content-Type", "Content-Length", "Content-Range", "Accept-Ranges", "Range", "ETag", "Docker-Content-Digest",
    "Docker-Upload-UUID",
)  # fmt: skip


class Interrupted(Exception):  # noqa: N818 - a state of the response
    """The storage died within a response. The server closes the connection, so that the client sees that it is cut."""


class RegistryFront:
    """The ASGI app.

    Args:
        configuration: the settings of localaws.
        storage: the storage behind.
        catalog: the images.
        tokens: checks the passwords.
        find_repository: looks a repository up in ECR's control plane.
        authorize: checks a permission; returns None, or why it is denied.
        image_pushed: is awaited after a manifest was stored, before the client learns of it.
    """

    def __init__(
        self,
        *,
        configuration: Configuration,
        storage: Storage,
        catalog: ImageCatalog,
        tokens: TokenIssuer,
        find_repository: FindRepository,
        authorize: Authorize,
        image_pushed: ImagePushed,
    ) -> None:
        self._configuration = configuration
        self._storage = storage
        self._catalog = catalog
        self._tokens = tokens
        self._find_repository = find_repository
        self._authorize = authorize
        self._image_pushed = image_pushed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request.read(scope, receive)
        try:
            response = await self._answer(request, send)
        except refusals.Refused as refused:
            response = refused.response()
        except StorageUnavailable:
            response = refusals.storage_unavailable().response()
        except ClientGone:
            return
        if response:
            await response.send(send)

    async def _answer(self, request: Request, send: Send) -> Response | None:
        """Return the response, or None if it has been streamed."""
        principal = self._principal(request)
        if principal is None:
            return refusals.not_authorized(_root(request))
        if request.path.rstrip("/") == "/v2":
            return Response(200, b"", refusals.API_VERSION)
        route = find_route(request.method, request.path)
        self._check(principal, route.action, route.repository)
        repository = await self._find_repository(route.repository)
        if repository is None:
            raise refusals.repository_unknown(route.repository, self._configuration.account)
        if route.kind == "tags":
            return self._list_tags(route)
        if route.kind == "manifest" and request.method == "PUT":
            return await self._put_manifest(request, route, repository)
        if route.kind == "manifest":
            return await self._get_manifest(route)
        path = route.path + (
            await self._mount_query(request, principal) if route.kind == "uploads" else _query(request)
        )
        await self._relay(request, path, send)
        return None

    def _principal(self, request: Request) -> str | None:
        """Return the token's principal, or None if the request has no login."""
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, _, password = base64.b64decode(credentials).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise refusals.token_unknown() from error
        if user != USER:
            return None
        try:
            return self._tokens.verify(password)
        except ExpiredToken as error:
            raise refusals.token_expired() from error
        except InvalidToken as error:
            raise refusals.token_unknown() from error

    def _check(self, principal: str, action: str, repository: str) -> None:
        if reason := self._authorize(principal, action, repository):
            raise refusals.denied(reason)

    def _list_tags(self, route: Route) -> Response:
        tags = sorted(tag for image in self._catalog.images(route.repository) for tag in image.tags)
        body = json.dumps({"name": route.repository, "tags": tags}).encode()
        return Response(200, body, refusals.API_VERSION | {"Content-Type": "application/json; charset=utf-8"})

    async def _get_manifest(self, route: Route) -> Response:
        digest = route.reference
        if not DIGEST.fullmatch(digest):
            digest = self._catalog.digest(route.repository, digest) or ""
        image = self._catalog.image(route.repository, digest)
        content = await self._storage.manifest(route.repository, digest) if image else None
        if image is None or content is None:
            raise refusals.image_unknown()
        headers = {"Content-Type": image.manifest.media_type, "Docker-Content-Digest": digest}
        return Response(200, content, refusals.API_VERSION | headers)

    async def _put_manifest(self, request: Request, route: Route, repository: Repository) -> Response:
        manifest, content = await _read_manifest(request)
        tag = None if DIGEST.fullmatch(route.reference) else route.reference
        if tag is None and manifest.digest != route.reference:
            raise refusals.Refused(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
        if tag and repository.immutable and self._catalog.digest(route.repository, tag):
            raise refusals.tag_immutable(tag, route.repository)
        try:
            await self._storage.put_manifest(route.repository, manifest, content)
            self._catalog.put(route.repository, manifest, tag, immutable=repository.immutable)
        except StorageRefused as refused:
            return Response(refused.status, refused.body, refusals.API_VERSION | {"Content-Type": "application/json"})
        except TagExists as error:
            # Another push of the tag was faster.
            raise refusals.tag_immutable(str(error), route.repository) from error
        await self._image_pushed(route.repository, tag, manifest.digest, content, manifest.media_type)
        location = f"{_root(request)}/v2/{route.repository}/manifests/{manifest.digest}"
        headers = {"Location": location, "Docker-Content-Digest": manifest.digest}
        return Response(201, b"", refusals.API_VERSION | headers)

    async def _mount_query(self, request: Request, principal: str) -> str:
        """Return the query of a new upload. A layer is mounted only from a repository that the caller may read.

        Otherwise the storage starts an ordinary upload: the client then sends the layer.
        """
        query = parse_qs(request.query)
        source, digest = query.get("from", [""])[0], query.get("mount", [""])[0]
        if not (is_repository(source) and DIGEST.fullmatch(digest) and await self._find_repository(source)):
            return ""
        if self._authorize(principal, "ecr:GetDownloadUrlForLayer", source):
            return ""
        return "?" + urlencode({"from": source, "mount": digest})

    async def _relay(self, request: Request, path: str, send: Send) -> None:
        """Hand the request to the storage, and its response to the client."""
        headers = {name: request.headers[name] for name in _REQUEST_HEADERS if name in request.headers}
        body = request.chunks() if request.has_body else None
        try:
            async with self._storage.open(request.method, path, headers, body) as response:
                lines = {name: response.headers[name] for name in _RESPONSE_HEADERS if name in response.headers}
                if location := response.headers.get("Location"):
                    parts = urlsplit(location)
                    lines["Location"] = f"{_root(request)}{parts.path}" + (f"?{parts.query}" if parts.query else "")
                await send_start(send, response.status, refusals.API_VERSION | lines)
                await _send_body(request, response, send)
        except StorageUnavailable:
            # The storage's client reports a client that went away in the same way as a storage that did.
            if request.client_gone:
                raise ClientGone from None
            raise


async def _send_body(request: Request, response: aiohttp.ClientResponse, send: Send) -> None:
    # A server takes whatever is sent to a client that is gone: without a look at it a whole layer would be read for it.
    client = None if request.has_body else asyncio.ensure_future(request.closed())
    try:
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            if client and client.done():
                raise ClientGone
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except aiohttp.ClientError as error:
        raise Interrupted(str(error)) from error
    finally:
        if client:
            client.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _read_manifest(request: Request) -> tuple[Manifest, bytes]:
    try:
        content = await request.body(MAX_MANIFEST_BYTES)
        return read_manifest(content, _media_type(request)), content
    except TooLarge as error:
        raise refusals.Refused(413, "SIZE_INVALID", f"the manifest has more than {MAX_MANIFEST_BYTES} bytes") from error
    except ValueError as error:
        raise refusals.Refused(400, "MANIFEST_INVALID", f"manifest invalid: {error}") from error


def _media_type(request: Request) -> str:
    """Return the request's media type, or nothing if only the manifest can say it."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    return media_type if media_type in MEDIA_TYPES else ""


def _root(request: Request) -> str:
    """Return the front's address, as the client calls it."""
    return f"{request.scheme}://{request.headers.get('host', 'localhost')}"


def _query(request: Request) -> str:
    return f"?{request.query}" if request.query else ""
