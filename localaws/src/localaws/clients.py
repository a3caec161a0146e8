"""Clients of the services of this localaws, with the keys of its root user or of a role."""

import threading
from typing import Any

import boto3
from botocore.config import Config

from localaws.configuration import Configuration
from localaws.credentials import Credentials, RoleSession

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
        self._session = boto3.session.Session()
        self._lock = threading.Lock()

    def root(self, service: str, region: str = "") -> AwsClient:
        """Return a client with the root user's key."""
        keys = Credentials(self._configuration.access_key, self._configuration.secret_key)
        return self._client(service, region or self._configuration.region, keys)

    def of_role(self, service: str, region: str, session: RoleSession) -> AwsClient:
        """Return a client with credentials of a role; it is good for as long as they are."""
        return self._client(service, region, session.credentials())

    def _client(self, service: str, region: str, keys: Credentials) -> AwsClient:
        with self._lock:  # a session makes one client at a time
            return self._session.client(
                service,
                region_name=region,
                endpoint_url=self._configuration.address,
                aws_access_key_id=keys.access_key,
                aws_secret_access_key=keys.secret_key,
                aws_session_token=keys.token,
                config=CONFIG,
            )
