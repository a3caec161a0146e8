"""The identifiers of images in ECR's API: a digest, a tag, or both. And its pages."""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from localaws.errors import AwsError
from localaws.registry.catalog import Image, ImageCatalog

Item = TypeVar("Item")

DIGEST_PATTERN = r"[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+"
DEFAULT_RESULTS = 100
"""Length of a page if the request does not say it."""
MAX_RESULTS = 1000


@dataclass(frozen=True)
class ImageId:
    """An identifier that was found."""

    image: Image
    """The image."""
    tag: str | None
    """The tag that the request names; None: it names the digest alone."""


def read_id(image_id: dict[str, str]) -> tuple[str | None, str | None]:
    """Return the digest and the tag of an identifier."""
    return image_id.get("imageDigest"), image_id.get("imageTag")


def find_image(catalog: ImageCatalog, repository: str, identifier: tuple[str | None, str | None]) -> ImageId | None:
    """Return the image with this digest and tag, or None."""
    digest, tag = identifier
    found = catalog.digest(repository, tag) if tag else digest
    image = catalog.image(repository, found) if found else None
    return ImageId(image, tag) if image and digest in {None, found} else None


def batch(
    catalog: ImageCatalog, repository: str, image_ids: Sequence[dict[str, str]]
) -> Iterator[tuple[ImageId | None, dict[str, object]]]:
    """Yield for each identifier what was found, and the failure to report if it cannot be used."""
    for image_id in image_ids:
        digest, tag = read_id(image_id)
        found = find_image(catalog, repository, (digest, tag))
        code, reason = "ImageNotFound", "Requested image not found"
        if not (digest or tag):
            code, reason = "MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null"
        elif digest and not re.fullmatch(DIGEST_PATTERN, digest):
            code = "InvalidImageDigest"
            reason = f"Invalid request parameters: image digest should satisfy the regex '{DIGEST_PATTERN}'"
        elif digest and tag and catalog.digest(repository, tag) not in {None, digest}:
            code, reason = "ImageTagDoesNotMatchDigest", "The digest that the tag maps to is not the requested digest"
        yield found, {"imageId": image_id, "failureCode": code, "failureReason": reason}


def pages(items: Sequence[Item], request: dict[str, Any]) -> tuple[list[Item], dict[str, str]]:
    """Return the page that a request asks for, and `nextToken` if there are more.

    Raises:
        AwsError: the token or the length of a page is wrong.
    """
    length = request.get("maxResults", DEFAULT_RESULTS)
    if not 1 <= length <= MAX_RESULTS:
        bound = "greater than or equal to 1" if length < 1 else f"less than or equal to {MAX_RESULTS}"
        message = f"Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must have value {bound}'"
        raise AwsError("InvalidParameterException", message)
    try:
        start = int(base64.b64decode(request.get("nextToken", ""), validate=True) or b"0")
    except (binascii.Error, ValueError) as error:
        message = "Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid token'"
        raise AwsError("InvalidParameterException", message) from error
    end = start + length
    rest = {"nextToken": base64.b64encode(str(end).encode()).decode()} if end < len(items) else {}
    return list(items[start:end]), rest
