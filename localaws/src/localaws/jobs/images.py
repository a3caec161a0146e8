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

    def check(self, image: str, session: RoleSession) -> None:
        """Check that a role may pull an image.

        Raises:
            ImageError: it may not, or the image does not exist.
        """
        self.store.check(image, self._token(session))

    def resolve(self, image: str, session: RoleSession) -> EngineImage:
        """Return the image of the engine that runs, pulled if need be.

        Raises:
            ImageError: the role may not pull it, it does not exist, or the engine fails.
        """
        return self.store.resolve(image, self._token(session))

    def _token(self, session: RoleSession) -> str:
        return self.tokens.issue(session.credentials().access_key)[0]
