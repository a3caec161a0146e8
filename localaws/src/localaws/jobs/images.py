"""The images of jobs: found, checked and pulled with the permissions of the job's role."""

from dataclasses import dataclass

from localaws.credentials import RoleSession
from localaws.registry.images import EngineImage, ImageStore
from localaws.registry.tokens import TokenIssuer


@dataclass(frozen=True)
class JobImages:
    """Finds images for roles."""

    store: ImageStore
    tokens: TokenIssuer

    def check(self, image: str, session: RoleSession) -> str:
        """Return the digest of an image that a role may pull.

        Raises:
            ImageError: it may not, or the image does not exist.
        """
        return self.digest(image, session.credentials().access_key)

    def digest(self, image: str, access_key: str) -> str:
        """Return the digest of an image that the owner of an access key may pull.

        Raises:
            ImageError: they may not, or the image does not exist.
        """
        return self.store.check(image, self._token(access_key))

    def resolve(self, image: str, session: RoleSession) -> EngineImage:
        """Return the image of the engine that runs, pulled if need be.

        Raises:
            ImageError: the role may not pull it, it does not exist, or the engine fails.
        """
        return self.store.resolve(image, self._token(session.credentials().access_key))

    def _token(self, access_key: str) -> str:
        return self.tokens.issue(access_key)[0]
