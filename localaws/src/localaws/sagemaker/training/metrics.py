"""Metrics of training jobs, read from their logs, in CloudWatch."""

import logging
import time

from botocore.exceptions import BotoCoreError, ClientError

from localaws.arns import name_of, region_of
from localaws.credentials import RoleSession
from localaws.jobs.logs import MetricReader
from localaws.platform import Platform

logger = logging.getLogger(__name__)

NAMESPACE = "/aws/sagemaker/TrainingJobs"
INTERVAL_S = 5.0
BATCH = 500  # data of one request; CloudWatch takes 1,000


class MetricPublisher:
    """Sends what a `MetricReader` has read."""

    def __init__(self, platform: Platform, arn: str, session: RoleSession, reader: MetricReader) -> None:
        self._platform = platform
        self._region = region_of(arn)
        self._name = name_of(arn)
        self._session = session
        self._reader = reader
        self._due_at = time.monotonic() + INTERVAL_S

    def publish_if_due(self) -> None:
        """Send what is new, if the last time was a while ago."""
        if time.monotonic() >= self._due_at:
            self.publish()
            self._due_at = time.monotonic() + INTERVAL_S

    def publish(self) -> None:
        """Send what is new; a refusal is logged, and the training goes on."""
        dimensions = [{"Name": "TrainingJobName", "Value": self._name}]
        data = [
            {"MetricName": name, "Dimensions": dimensions, "Value": value, "Timestamp": at}
            for name, value, at in self._reader.take_new()
        ]
        if not data:
            return
        client = self._platform.clients.of_role("cloudwatch", self._region, self._session)
        try:
            for start in range(0, len(data), BATCH):
                client.put_metric_data(Namespace=NAMESPACE, MetricData=data[start : start + BATCH])
        except (ClientError, BotoCoreError) as error:
            logger.warning("%s: metrics did not reach CloudWatch (%s)", self._name, error)
