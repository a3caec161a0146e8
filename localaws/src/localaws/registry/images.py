"""Finds the image of the engine that runs for the image name of a request."""

import base64
import fnmatch
import http.client
import json
import logging
import re
from dataclasses import dataclass
from typing import Any, Literal

import docker
import docker.errors

from localaws.configuration import LOOPBACK, Configuration
from localaws.registry.front import USER
from localaws.registry.manifest import MEDIA_TYPES
from localaws.registry.routes import DIGEST, TAG, is_repository

logger = logging.getLogger(__name__)

TIMEOUT_S = 60.0
_ECR = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<path>.+)")
_PATH = re.compile(r"(?P<repository>[^:@]+)(?::(?P<tag>[^:@]+))?(?:@(?P<digest>[^@]+))?")

Kind = Literal["repository", "tag", "foreign", "denied", "engine"]
_KINDS: dict[str, Kind] = {"NAME_UNKNOWN": "repository", "MANIFEST_UNKNOWN": "tag", "DENIED": "denied"}


class ImageError(Exception):
    """The image of a request cannot be used.

    Args:
        kind: `repository` or `tag`: the registry does not have it; `denied`: the role may not pull it; `foreign`: its
            name is none of ECR's; `engine`: the engine does not have the image, or cannot pull it.
        message: what is wrong, for the person who runs localaws.
        account: the account in its name; empty if there is none.
        repository: the repository in its name; empty if there is none.
        tag: the tag or digest in its name; empty if there is none.
    """

    def __init__(self, kind: Kind, message: str, *, account: str = "", repository: str = "", tag: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.account = account
        self.repository = repository
        self.tag = tag


@dataclass(frozen=True)
class EngineImage:
    """An image that the engine has."""

    name: str
    """Its name in the engine."""
    digest: str
    """Its digest as AWS reports it; the engine's id of an image that was never in a registry."""


@dataclass(frozen=True)
class _Reference:
    """An image of ECR."""

    account: str
    repository: str
    reference: str
    """Tag or digest."""

    def error(self, kind: Kind, message: str) -> ImageError:
        return ImageError(kind, message, account=self.account, repository=self.repository, tag=self.reference)


class ImageStore:
    """Maps image names of requests to images of the engine.

    Its calls wait for localaws' own port and for the engine, which pulls from that port: call them in a thread, never
    in the event loop that serves the registry.

    Args:
        configuration: the settings of localaws.
        engine: client of the Docker engine.
    """

    def __init__(self, configuration: Configuration, engine: docker.DockerClient) -> None:
        self._configuration = configuration
        self._engine = engine

    def check(self, image: str, token: str) -> str:
        """Return the digest of an image without pulling it.

        Args:
            image: the image name of a request.
            token: a token of the role that pulls the image.

        Raises:
            ImageError: it cannot be used.
        """
        if entry := self._entry(image):
            return self._engine_image(entry).digest
        return self._digest(self._read(image), token)

    def resolve(self, image: str, token: str) -> EngineImage:
        """Return the image that runs, after it was pulled if it is in the registry.

        Args:
            image: the image name of a request.
            token: a token of the role that pulls the image.

        Raises:
            ImageError: it cannot be used.
        """
        if entry := self._entry(image):
            return self._engine_image(entry)
        reference = self._read(image)
        # A tag is looked up each time, because it may have moved since the engine pulled it.
        digest = self._digest(reference, token)
        name = f"{self._configuration.registry}/{reference.repository}"
        try:
            self._engine.images.pull(name, tag=digest, auth_config={"username": USER, "password": token})
        except docker.errors.DockerException as error:
            raise reference.error("engine", f"{image}: the Docker engine does not pull it: {error}") from error
        return EngineImage(f"{name}@{digest}", digest)

    def remove_pulled(self) -> None:
        """Remove the names of pulled images from the engine, and the images that have no other name.

        An image that a container still uses stays.
        """
        prefix = f"{self._configuration.registry}/"
        for image in self._engine.images.list():
            for name in image.attrs.get("RepoDigests") or []:
                if name.startswith(prefix):
                    self._remove(name)

    def _remove(self, name: str) -> None:
        try:
            self._engine.images.remove(name)
        except docker.errors.APIError as error:
            logger.info("%s stays in the engine: %s", name, error)

    def _entry(self, image: str) -> str:
        """Return the table's entry for an image, the name itself or the longest pattern, or nothing."""
        table = self._configuration.images
        if image in table:
            return image
        matching = [pattern for pattern in table if "*" in pattern and _matches(image, pattern)]
        return max(matching, key=lambda pattern: (len(pattern), pattern), default="")

    def _engine_image(self, entry: str) -> EngineImage:
        name = self._configuration.images[entry]
        try:
            found = self._engine.images.get(name)
        except docker.errors.DockerException as error:
            message = f"the table of images maps {entry!r} to {name!r}, which the Docker engine does not have: {error}"
            raise ImageError("engine", message) from error
        digests = [str(digest).rpartition("@")[2] for digest in found.attrs.get("RepoDigests") or []]
        return EngineImage(name, digests[0] if digests else str(found.id))

    def _read(self, image: str) -> _Reference:
        """Read the name of an image of ECR.

        Raises:
            ImageError: it is no such name, or one of another account or region.
        """
        own = f"{self._configuration.registry}/"
        account, region = self._configuration.account, self._configuration.region
        if match := _ECR.fullmatch(image):
            account, region, path = match["account"], match["region"], match["path"]
        elif image.startswith(own):
            path = image.removeprefix(own)
        else:
            raise ImageError("foreign", f"{image}: no image of ECR, and no entry of the table of images names it")
        parts = _PATH.fullmatch(path)
        if not (parts and is_repository(parts["repository"]) and _is_reference(parts["tag"], parts["digest"])):
            raise ImageError("foreign", f"{image}: no name of an image")
        reference = _Reference(account, parts["repository"], parts["digest"] or parts["tag"] or "latest")
        if (account, region) != (self._configuration.account, self._configuration.region):
            raise reference.error(
                "denied",
                f"{image}: this registry is that of account {self._configuration.account} in "
                f"{self._configuration.region}; name an image that runs instead in the table of images",
            )
        return reference

    def _digest(self, reference: _Reference, token: str) -> str:
        """Ask the registry for the digest, with the role's token: it checks the permissions as for a pull."""
        status, headers, body = self._get_manifest(reference, token)
        if status == http.client.OK:
            return headers["docker-content-digest"]
        kind, message = _refusal(status, body)
        raise reference.error(kind, message)

    def _get_manifest(self, reference: _Reference, token: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(LOOPBACK, self._configuration.port, timeout=TIMEOUT_S)
        credentials = base64.b64encode(f"{USER}:{token}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", "Accept": ", ".join(MEDIA_TYPES)}
        try:
            connection.request("GET", f"/v2/{reference.repository}/manifests/{reference.reference}", headers=headers)
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise reference.error("engine", f"the registry does not answer: {error}") from error
        finally:
            connection.close()


def _matches(image: str, pattern: str) -> bool:
    """Return whether a pattern matches; `*` alone is special in it."""
    return fnmatch.fnmatchcase(image, pattern.replace("[", "[[]").replace("?", "[?]"))


def _is_reference(tag: str | None, digest: str | None) -> bool:
    return (tag is None or TAG.fullmatch(tag) is not None) and (digest is None or DIGEST.fullmatch(digest) is not None)


def _refusal(status: int, body: bytes) -> tuple[Kind, str]:
    """Return the kind and the words of a registry's refusal."""
    try:
        error: dict[str, Any] = json.loads(body)["errors"][0]
    except (ValueError, LookupError, TypeError):
        return "engine", f"the registry answers with status {status}"
    return _KINDS.get(error["code"], "engine"), str(error["message"])
