"""Checkpoints: what a training writes to its checkpoint folder is copied to S3 while it runs."""

import logging
import tarfile
import time

from botocore.exceptions import BotoCoreError, ClientError

from localaws.arns import region_of
from localaws.containers.group import ContainerGroup
from localaws.credentials import RoleSession
from localaws.jobs.s3 import parse_s3_uri, upload_folder
from localaws.platform import Platform
from localaws.sagemaker.training.files import checkpoint_path
from localaws.store import Record

logger = logging.getLogger(__name__)

INTERVAL_S = 10.0


class CheckpointSync:
    """Copies the checkpoints of one attempt; nothing if the job keeps none in S3."""

    def __init__(self, platform: Platform, request: Record, session: RoleSession, group: ContainerGroup) -> None:
        self._platform = platform
        self._request = request
        self._session = session
        self._group = group
        self._path = checkpoint_path(request)
        self._due_at = time.monotonic() + platform.configuration.period_s(INTERVAL_S)

    def sync_if_due(self) -> None:
        """Copy the checkpoints, if the last copy was long ago."""
        if self._path is not None and time.monotonic() >= self._due_at:
            self.sync()
            self._due_at = time.monotonic() + self._platform.configuration.period_s(INTERVAL_S)

    def sync(self) -> None:
        """Copy everything; a refusal is logged, and the training goes on, as on AWS.

        The times in the engine's archives are whole seconds: a file of the same size may have changed within one.
        """
        if self._path is None:
            return
        region = region_of(self._request["TrainingJobArn"])
        client = self._platform.clients.of_role("s3", region, self._session)
        uri = parse_s3_uri(self._request["CheckpointConfig"]["S3Uri"])
        for host in range(len(self._group.spec.hosts)):
            archive = self._group.fetch(host, self._path)
            if archive is None:
                continue
            try:
                upload_folder(client, uri, archive)
            except (ClientError, BotoCoreError, tarfile.TarError) as error:
                # TarError: a file changed while it was read; the next copy has it.
                logger.warning("%s: checkpoints were not copied (%s)", self._request["TrainingJobName"], error)
