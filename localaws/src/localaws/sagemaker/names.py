"""Names of resources in requests: a plain name, or an ARN of the caller's account and region."""

from localaws.api import Request
from localaws.base import Caller
from localaws.store import Record


def named_arn(request: Request, kind: str, text: str) -> str:
    """Return the ARN of a resource that a request names by its name or by its ARN."""
    return text if text.startswith("arn:") else request.arn(f"{kind}/{text}")


def resource_name(request: Request, kind: str, text: str) -> str | None:
    """Return the name of a resource that a request names by its name or by its ARN.

    Args:
        request: the request.
        kind: the kind of resource in ARNs, such as `model-package`.
        text: the name or ARN.

    Returns:
        The name; None if the ARN is one of another kind, account or region: localaws serves a resource to nobody else.
    """
    if not text.startswith("arn:"):
        return text
    name = text.partition(f":{kind}/")[2]
    return name if name and text == request.arn(f"{kind}/{name}") else None


def user_context(caller: Caller) -> Record:
    """Return the `UserContext` of a caller: who created or changed a resource."""
    return {"IamIdentity": {"Arn": caller.arn}}
