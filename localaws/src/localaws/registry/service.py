"""Puts the registry's parts together."""

from dataclasses import dataclass
from pathlib import Path

from localaws.configuration import Configuration
from localaws.registry.backend import RegistryBackend
from localaws.registry.catalog import ImageCatalog
from localaws.registry.ecr import PrincipalOf, wrap_ecr
from localaws.registry.ecr_images import EcrImages
from localaws.registry.front import Authorize, ImagePushed, RegistryFront
from localaws.registry.repositories import Handler, Repositories
from localaws.registry.storage import Storage
from localaws.registry.tokens import TokenIssuer


@dataclass(frozen=True)
class RegistryService:
    """The registry, ready for requests."""

    front: RegistryFront
    """ASGI app of the paths that `routes.is_registry_path` accepts."""
    ecr: Handler
    """Handler of ECR's API, in place of MiniStack's."""
    tokens: TokenIssuer
    """Issues passwords for roles, with which the images of their jobs are pulled."""
    storage: Storage
    """Client of the storage. Await its `close` at the end, in the event loop that served the requests."""
    catalog: ImageCatalog
    """The images. Close it at the end."""


def build_registry(
    configuration: Configuration,
    backend: RegistryBackend,
    *,
    handler: Handler,
    authorize: Authorize,
    principal_of: PrincipalOf,
    image_pushed: ImagePushed | None = None,
) -> RegistryService:
    """Return the registry's parts.

    Args:
        configuration: the settings of localaws.
        backend: the storage, entered.
        handler: MiniStack's handler of ECR.
        authorize: checks a permission of a token's principal: returns None, or IAM's words.
        principal_of: finds the caller of ECR's API.
        image_pushed: is awaited after a push, when ECR's API reports the image already.
    """
    folder = Path(configuration.state) / "registry"
    tokens = TokenIssuer(folder / "token.key")
    storage = Storage(lambda: backend.address)
    catalog = ImageCatalog(folder / "images.sqlite")
    repositories = Repositories(configuration, handler, catalog)

    async def pushed(repository: str, tag: str | None, digest: str, manifest: bytes, media_type: str) -> None:
        await repositories.record(repository, digest)
        if image_pushed:
            await image_pushed(repository, tag, digest, manifest, media_type)

    front = RegistryFront(
        configuration=configuration,
        storage=storage,
        catalog=catalog,
        tokens=tokens,
        find_repository=repositories.find,
        authorize=authorize,
        image_pushed=pushed,
    )
    images = EcrImages(configuration, repositories, catalog, storage)
    ecr = wrap_ecr(handler, configuration, tokens, images, principal_of)
    return RegistryService(front, ecr, tokens, storage, catalog)
