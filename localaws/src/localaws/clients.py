"""Clients of the services of this localaws, with the keys of its root user or of a role."""

import threading
from datetime import UTC, datetime
from typing import Any

import boto3
import botocore.loaders
import botocore.session
from botocore.config import Config
from botocore.credentials import RefreshableCredentials

from localaws.configuration import Configuration
from localaws.credentials import RoleSession

AwsClient = Any
"""A client of an AWS service; botocore makes its methods at run time."""
CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 2},
    connect_timeout=10,
    read_timeout=300,
    s3={"addressing_style": "path"},
    max_pool_connections=16,
)


class Clients:
    """Makes clients; the service models are loaded once."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._loader = botocore.loaders.create_loader()
        self._root = boto3.session.Session(configuration.access_key, configuration.secret_key)
        self._lock = threading.Lock()

    def root(self, service: str, region: str = "") -> AwsClient:
        """Return a client with the root user's key."""
        return self._client(self._root, service, region or self._configuration.region)

    def of_role(self, service: str, region: str, session: RoleSession) -> AwsClient:
        """Return a client with credentials of a role, which it renews by itself: a job may run for days."""
        with self._lock:
            # It lives as long as the session of the role, and so as the job.
            if "boto3" not in session.cache:
                session.cache["boto3"] = self._session(session)
        return self._client(session.cache["boto3"], service, region)

    def _session(self, role: RoleSession) -> boto3.session.Session:
        session = botocore.session.Session()
        session.register_component("data_loader", self._loader)
        session._credentials = RefreshableCredentials.create_from_metadata(  # noqa: SLF001 -- botocore has no other way
            _metadata(role), refresh_using=lambda: _metadata(role), method="localaws"
        )
        return boto3.session.Session(botocore_session=session)

    def _client(self, session: boto3.session.Session, service: str, region: str) -> AwsClient:
        with self._lock:  # a session makes one client at a time
            return session.client(service, region_name=region, endpoint_url=self._configuration.address, config=CONFIG)


def _metadata(role: RoleSession) -> dict[str, str]:
    """Return the credentials of a role as botocore renews them."""
    credentials = role.credentials()
    return {
        "access_key": credentials.access_key,
        "secret_key": credentials.secret_key,
        "token": credentials.token or "",
        "expiry_time": datetime.fromtimestamp(credentials.expires_at or 0, tz=UTC).isoformat(),
    }
