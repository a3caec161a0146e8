"""What ECR's registry answers when it refuses a request: its status, code and words.

The words are those that `docker` shows its users; their sources are reports of users of ECR.
"""

import json

from localaws.registry.asgi import Response

API_VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}


class Refused(Exception):  # noqa: N818 - an answer of the registry
    """The registry refuses a request.

    Args:
        status: the HTTP status.
        code: the registry API's code.
        message: the words for the user.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        """Return the response."""
        body = json.dumps({"errors": [{"code": self.code, "message": self.message}]}).encode()
        return Response(self.status, body, API_VERSION | {"Content-Type": "application/json; charset=utf-8"})


def not_authorized(realm: str) -> Response:
    """Ask for a login."""
    challenge = f'Basic realm="{realm}/",service="ecr.amazonaws.com"'
    headers = {"WWW-Authenticate": challenge, "Content-Type": "text/plain; charset=utf-8"}
    return Response(401, b"Not Authorized\n", API_VERSION | headers)


def token_unknown() -> Refused:
    """Refuse a password that is no token of this registry: ECR answers 400 to it."""
    return Refused(400, "DENIED", "Your authorization token is invalid. Reauthenticate and try again.")


def token_expired() -> Refused:
    """Refuse a token after its 12 hours."""
    return Refused(403, "DENIED", "Your authorization token has expired. Reauthenticate and try again.")


def denied(message: str) -> Refused:
    """Refuse an action that the policies do not allow."""
    return Refused(403, "DENIED", message)


def repository_unknown(name: str, account: str) -> Refused:
    """Refuse a repository that does not exist: ECR does not create it on push."""
    return Refused(404, "NAME_UNKNOWN", repository_unknown_message(name, account))


def repository_unknown_message(name: str, account: str) -> str:
    """Return ECR's words about a repository that does not exist, the same in its API and in its registry."""
    return f"The repository with name '{name}' does not exist in the registry with id '{account}'"


def name_invalid(pattern: str) -> Refused:
    """Refuse a name that no repository can have."""
    constraint = f"must satisfy regular expression '{pattern}'"
    words = f"Invalid parameter at 'repositoryName' failed to satisfy constraint: '{constraint}'"
    return Refused(405, "NAME_INVALID", words)


def image_unknown() -> Refused:
    """Refuse a tag or a digest that the repository does not have."""
    return Refused(404, "MANIFEST_UNKNOWN", "Requested image not found")


def tag_immutable(tag: str, repository: str) -> Refused:
    """Refuse to move a tag."""
    return Refused(400, "TAG_INVALID", tag_immutable_message(tag, repository))


def tag_immutable_message(tag: str, repository: str) -> str:
    """Return ECR's words about a tag that cannot be moved, the same in its API and in its registry."""
    return (
        f"The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten because the "
        "tag is immutable."
    )


def unsupported(message: str) -> Refused:
    """Refuse an operation that the registry does not have."""
    return Refused(405, "UNSUPPORTED", message)


def storage_unavailable() -> Refused:
    """Answer while the storage is started again: `docker` tries it again by itself."""
    return Refused(503, "UNAVAILABLE", "localaws: the registry's storage does not answer; it is being started again")
