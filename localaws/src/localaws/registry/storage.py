"""Client of the registry's storage: streams the bodies of requests and responses, never a whole layer in memory."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import aiohttp
from yarl import URL

from localaws.registry.address import StorageAddress
from localaws.registry.manifest import MEDIA_TYPES, Manifest

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 600.0
"""Longest wait for the next bytes. The storage reads a whole layer again before it answers the end of an upload."""
CHUNK_BYTES = 64 * 1024


class StorageUnavailable(Exception):  # noqa: N818 - a state of the storage
    """The storage does not answer; it is being started again."""


class StorageRefused(Exception):  # noqa: N818 - an answer of the storage
    """The storage refused a manifest.

    Args:
        status: its HTTP status.
        body: its answer, in the registry's JSON.
    """

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"status {status}: {body[:300]!r}")
        self.status = status
        self.body = body


class Storage:
    """The registry's storage, as one event loop sees it.

    Args:
        address: returns where the storage answers now.
    """

    def __init__(self, address: Callable[[], StorageAddress]) -> None:
        self._address = address
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()

    @asynccontextmanager
    async def open(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: AsyncIterator[bytes] | bytes | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request and yield its response before its body is read.

        Args:
            method: the HTTP method.
            path: the path with its query, percent-encoded.
            headers: the headers that matter to the storage.
            body: the body. An iterator is sent chunk by chunk.

        Raises:
            StorageUnavailable: the storage does not answer. Not raised for what happens while it is yielded.
        """
        address = self._address()
        request = self._open_session(address).request(
            method, URL(address.url + path, encoded=True), headers=headers, data=body, allow_redirects=False
        )
        try:
            response = await request
        except (TimeoutError, aiohttp.ClientError) as error:
            raise StorageUnavailable(str(error)) from error
        async with response:
            yield response

    async def manifest(self, repository: str, digest: str) -> bytes | None:
        """Return the bytes of a manifest, or None if the repository has none with this digest."""
        async with self.open("GET", _manifest_path(repository, digest), {"Accept": ", ".join(MEDIA_TYPES)}) as response:
            return await response.read() if response.status == 200 else None

    async def put_manifest(self, repository: str, manifest: Manifest, content: bytes) -> None:
        """Store a manifest under its digest.

        Raises:
            StorageRefused: a layer or a manifest that it names is not in the repository, or it is malformed.
        """
        path = _manifest_path(repository, manifest.digest)
        async with self.open("PUT", path, {"Content-Type": manifest.media_type}, content) as response:
            if response.status != 201:
                raise StorageRefused(response.status, await response.read())

    async def delete_manifest(self, repository: str, digest: str) -> None:
        """Delete a manifest, if it is there."""
        async with self.open("DELETE", _manifest_path(repository, digest)):
            pass

    async def layer_size(self, repository: str, digest: str) -> int | None:
        """Return the bytes of a layer, or None if the repository does not have it."""
        async with self.open("HEAD", f"/v2/{repository}/blobs/{digest}") as response:
            return int(response.headers["Content-Length"]) if response.status == 200 else None

    def _open_session(self, address: StorageAddress) -> aiohttp.ClientSession:
        # It is opened at the first request, because it belongs to the event loop that runs then.
        if self._session is None:
            connector = aiohttp.UnixConnector(address.socket) if address.socket else aiohttp.TCPConnector()
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S, sock_read=READ_TIMEOUT_S),
                # Bodies pass as they are: a layer is compressed already.
                auto_decompress=False,
                skip_auto_headers=("Accept-Encoding", "Content-Type", "User-Agent"),
            )
        return self._session


def _manifest_path(repository: str, digest: str) -> str:
    return f"/v2/{repository}/manifests/{digest}"
