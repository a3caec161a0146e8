"""The paths of the registry's API, and the permission of IAM that each operation needs."""

import re
from dataclasses import dataclass
from typing import Literal

from localaws.registry.refusals import Refused, image_unknown, name_invalid, unsupported

REPOSITORY_PATTERN = r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*"
"""Pattern that ECR names when it refuses a name."""
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
"""Pattern of ECR's service model, which also allows `__` and `--`."""
_REPOSITORY_LENGTHS = range(2, 257)
CATALOG_PATH = "/v2/_catalog"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")

Kind = Literal["manifest", "blob", "uploads", "upload", "tags"]

_PATHS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("manifest", re.compile(r"/v2/(?P<repository>.+)/manifests/(?P<reference>[^/]+)")),
    ("uploads", re.compile(r"/v2/(?P<repository>.+)/blobs/uploads/?(?P<reference>)")),
    ("upload", re.compile(r"/v2/(?P<repository>.+)/blobs/uploads/(?P<reference>[A-Za-z0-9=_-]+)")),
    ("blob", re.compile(r"/v2/(?P<repository>.+)/blobs/(?P<reference>[^/]+)")),
    ("tags", re.compile(r"/v2/(?P<repository>.+)/tags/list(?P<reference>)")),
)
_ACTIONS: dict[tuple[Kind, str], str] = {
    ("manifest", "GET"): "ecr:BatchGetImage",
    ("manifest", "HEAD"): "ecr:BatchGetImage",
    ("manifest", "PUT"): "ecr:PutImage",
    ("blob", "GET"): "ecr:GetDownloadUrlForLayer",
    ("blob", "HEAD"): "ecr:BatchCheckLayerAvailability",
    ("uploads", "POST"): "ecr:InitiateLayerUpload",
    ("upload", "GET"): "ecr:UploadLayerPart",
    ("upload", "PATCH"): "ecr:UploadLayerPart",
    ("upload", "DELETE"): "ecr:UploadLayerPart",
    ("upload", "PUT"): "ecr:CompleteLayerUpload",
    ("tags", "GET"): "ecr:ListImages",
}


@dataclass(frozen=True)
class Route:
    """An operation of the registry's API."""

    kind: Kind
    """What it works on."""
    repository: str
    """A valid name of a repository."""
    reference: str
    """A tag or digest (manifest), a digest (blob), the upload's id, or empty."""
    action: str
    """The permission that it needs."""

    @property
    def path(self) -> str:
        """Its path, made of checked parts alone. None of their characters has to be percent-encoded."""
        names = {"manifest": "manifests", "blob": "blobs", "uploads": "blobs/uploads", "upload": "blobs/uploads"}
        return f"/v2/{self.repository}/{names.get(self.kind, 'tags')}/{self.reference}"


def is_registry_path(path: str) -> bool:
    """Return whether a path is the registry's. API Gateway, AppSync and SES have paths below `/v2/` too."""
    if path in {"/v2", "/v2/", CATALOG_PATH}:
        return True
    if not path.startswith("/v2/") or path.startswith("/v2/email"):
        return False
    # Nothing of these may reach MiniStack: it has a registry of its own at the same paths, without a login.
    return "/blobs/" in path or "/manifests/" in path or path.endswith("/tags/list")


def is_repository(name: str) -> bool:
    """Return whether a repository can have this name."""
    return len(name) in _REPOSITORY_LENGTHS and _REPOSITORY.fullmatch(name) is not None


def find_route(method: str, path: str) -> Route:
    """Return the operation that a request asks for.

    Args:
        method: the HTTP method.
        path: the decoded path.

    Raises:
        Refused: no such operation, or a name, tag or digest that cannot exist.
    """
    if path == CATALOG_PATH:
        raise unsupported("localaws: the registry does not list repositories; use ecr:DescribeRepositories")
    for kind, pattern in _PATHS:
        if match := pattern.fullmatch(path):
            repository, reference = match["repository"], match["reference"]
            _check(kind, repository, reference)
            action = _ACTIONS.get((kind, method))
            if action is None:
                raise unsupported(
                    f"localaws: {method} of a {kind} is not supported; delete images by ecr:BatchDeleteImage"
                )
            return Route(kind, repository, reference, action)
    raise Refused(404, "UNSUPPORTED", "404 page not found")


def _check(kind: Kind, repository: str, reference: str) -> None:
    if not is_repository(repository):
        raise name_invalid(REPOSITORY_PATTERN)
    if kind == "blob" and not DIGEST.fullmatch(reference):
        raise Refused(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
    if kind == "manifest" and not (DIGEST.fullmatch(reference) or TAG.fullmatch(reference)):
        raise image_unknown()
