"""The repositories, which MiniStack's ECR keeps, and its own records of their images.

It relies on this of MiniStack's handler of ECR (1.5.33), which is called in the same process:

- `DescribeRepositories` with `repositoryNames` answers 200 with the repository, or 400 if there is none. `createdAt` is
  in whole seconds. `repositoryArn` names the region and the account.
- `PutImage` takes `imageDigest` as it is and checks nothing of `imageManifest`. It moves the tag from another image. In
  a repository with immutable tags it refuses a tag that one of its images has.
- `BatchDeleteImage` deletes the whole image, also if a tag names it.
- `DeleteRepository` looks at its own records of images to tell whether the repository is empty, also when
  CloudFormation calls it past ECR's API. That is why these records exist: their content is never shown.
- Outside of a request it works for the account and the region that the environment of the process names.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from localaws.configuration import Configuration
from localaws.registry.catalog import ImageCatalog

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]
"""MiniStack's signature of a service: method, path, headers, body, query parameters."""

TARGET = "AmazonEC2ContainerRegistry_V20150921"


@dataclass(frozen=True)
class Repository:
    """A repository of ECR."""

    name: str
    """Its name."""
    immutable: bool
    """Its tags cannot be overwritten."""
    created_at: float
    """When it was created, in seconds since 1970."""


class Repositories:
    """Asks MiniStack's ECR for repositories, and keeps its records of images like the catalog.

    Args:
        configuration: the settings of localaws. The registry holds the repositories of its region and account.
        handler: MiniStack's handler of ECR.
        catalog: the images.
    """

    def __init__(self, configuration: Configuration, handler: Handler, catalog: ImageCatalog) -> None:
        self._place = [configuration.region, configuration.account]
        self._handler = handler
        self._catalog = catalog

    async def find(self, name: str) -> Repository | None:
        """Return the repository, or None if it does not exist."""
        status, answer = await self.call("DescribeRepositories", {"repositoryNames": [name]})
        if status != 200:
            return None
        values = answer["repositories"][0]
        # A repository of the same name in another region has other images.
        if values["repositoryArn"].split(":")[3:5] != self._place:
            return None
        repository = Repository(name, values["imageTagMutability"] == "IMMUTABLE", float(values["createdAt"]))
        self._catalog.delete_before(name, repository.created_at)
        return repository

    async def record(self, name: str, digest: str) -> None:
        """Make MiniStack's record of an image what the catalog says about it."""
        request: dict[str, object] = {"repositoryName": name, "imageIds": [{"imageDigest": digest}]}
        await self.call("BatchDeleteImage", request)
        if image := self._catalog.image(name, digest):
            values: dict[str, object] = {"repositoryName": name, "imageDigest": digest, "imageManifest": "{}"}
            for tag in image.tags or [None]:
                await self.call("PutImage", values | ({"imageTag": tag} if tag else {}))

    async def call(self, operation: str, request: dict[str, object]) -> tuple[int, dict[str, Any]]:
        """Call an operation of MiniStack's ECR and return the status and the answer."""
        headers = {"x-amz-target": f"{TARGET}.{operation}", "content-type": "application/x-amz-json-1.1"}
        status, _, body = await self._handler("POST", "/", headers, json.dumps(request).encode(), {})
        return status, json.loads(body)
