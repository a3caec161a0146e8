"""What a manifest says about an image: its digest, its size, its media types, the manifests that a list names."""

import hashlib
import json
from dataclasses import dataclass

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
MEDIA_TYPES = (DOCKER_MANIFEST, DOCKER_LIST, OCI_MANIFEST, OCI_INDEX)
MAX_MANIFEST_BYTES = 4 * 1024 * 1024
"""ECR's limit, and that of `docker-registry`."""


@dataclass(frozen=True)
class Manifest:
    """A manifest of one image, or a list of manifests."""

    digest: str
    """SHA-256 of its bytes: `sha256:...`."""
    media_type: str
    """One of `MEDIA_TYPES`."""
    artifact_media_type: str
    """Media type of the image's configuration; empty for a list."""
    size: int
    """Bytes of the configuration and the layers; 0 for a list."""
    children: tuple[str, ...]
    """Digests of the manifests that a list names."""


def manifest_digest(content: bytes) -> str:
    """Return the digest of a manifest."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def read_manifest(content: bytes, media_type: str = "") -> Manifest:
    """Read a manifest.

    Args:
        content: its bytes.
        media_type: the media type that came with it; empty: the manifest names it itself.

    Raises:
        ValueError: it is no manifest of one of the four media types.
    """
    values = json.loads(content)
    if not isinstance(values, dict):
        raise ValueError("a manifest is a JSON object")  # noqa: TRY004 - the content is wrong, not a type in the program
    media_type = media_type or str(values.get("mediaType", ""))
    if media_type not in MEDIA_TYPES:
        raise ValueError(f"media type {media_type!r}: expected one of {', '.join(MEDIA_TYPES)}")
    try:
        if media_type in {DOCKER_LIST, OCI_INDEX}:
            children = tuple(str(child["digest"]) for child in values["manifests"])
            return Manifest(manifest_digest(content), media_type, "", 0, children)
        size = sum(int(part["size"]) for part in [values["config"], *values["layers"]])
        artifact = str(values["config"]["mediaType"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"the manifest lacks a field: {error}") from error
    return Manifest(manifest_digest(content), media_type, artifact, size, ())
