"""Temporary credentials of a role, and the endpoint from which a job's container fetches them."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

CREDENTIALS_PATH = "/localaws/credentials/"
SESSION_S = 3600.0
"""Life of the credentials of one session, in seconds."""
RENEW_BEFORE_S = 900.0
"""How long before their end credentials are renewed; botocore asks again 10 minutes before."""


@dataclass(frozen=True)
class Credentials:
    """An access key with its secret, and the token of a session."""

    access_key: str
    secret_key: str
    token: str | None = None
    expires_at: float | None = None
    """Seconds since 1970; None: never."""


class RoleSession:
    """The credentials of one role for one job, renewed as long as the job runs."""

    def __init__(self, role_arn: str, open_session: Callable[[], Credentials]) -> None:
        self.role_arn = role_arn
        self._open_session = open_session
        self._lock = threading.Lock()
        self._credentials: Credentials | None = None
        self.cache: dict[str, Any] = {}
        """What clients keep for this session."""

    def credentials(self) -> Credentials:
        """Return credentials that hold for a while."""
        with self._lock:
            current = self._credentials
            if current is None or (current.expires_at or 0) - RENEW_BEFORE_S < time.time():
                current = self._credentials = self._open_session()
            return current


class CredentialsEndpoint:
    """Answers `GET /localaws/credentials/ID` with the credentials of the job to which the ID was given."""

    def __init__(self) -> None:
        self._sessions: dict[str, RoleSession] = {}

    def register(self, session: RoleSession) -> str:
        """Return the path, hard to guess, at which a job finds its credentials."""
        identifier = secrets.token_urlsafe(32)
        self._sessions[identifier] = session
        return CREDENTIALS_PATH + identifier

    def forget(self, path: str) -> None:
        """End the answers at a path: its job has ended."""
        self._sessions.pop(path.removeprefix(CREDENTIALS_PATH), None)

    def answer(self, path: str) -> dict[str, str] | None:
        """Return the credentials in the form that AWS's SDKs read, or None for an unknown path."""
        session = self._sessions.get(path.removeprefix(CREDENTIALS_PATH))
        if session is None:
            return None
        credentials = session.credentials()
        expires = datetime.fromtimestamp(credentials.expires_at or 0, tz=UTC)
        return {
            "RoleArn": session.role_arn,
            "AccessKeyId": credentials.access_key,
            "SecretAccessKey": credentials.secret_key,
            "Token": credentials.token or "",
            "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
