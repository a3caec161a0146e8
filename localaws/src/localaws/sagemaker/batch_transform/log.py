"""The data log of one instance of a transform job: which settings it has, and which objects failed for what."""

import threading
import time
from datetime import UTC, datetime

from localaws.credentials import RoleSession
from localaws.jobs.logs import MAX_EVENTS, MAX_LINE, LogStream
from localaws.jobs.s3 import S3Object
from localaws.platform import Platform

LOG_GROUP = "/aws/sagemaker/TransformJobs"


class DataLog:
    """Writes to the stream `JOB/INSTANCE-TIME/data-log`. Safe for threads."""

    def __init__(self, platform: Platform, region: str, session: RoleSession, stream: str) -> None:
        self._platform = platform
        self._region = region
        self._session = session
        self._name = f"{stream}/data-log"
        self._lock = threading.Lock()
        self._there: bool | None = None

    def write(self, *lines: str) -> None:
        """Write lines in AWS's form."""
        at = time.time()
        stamp = datetime.fromtimestamp(at, tz=UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        events = [
            {"timestamp": int(at * 1000), "message": f"{stamp}:[sagemaker logs]: {line}"[:MAX_LINE]} for line in lines
        ]
        # A client holds the credentials of one hour, and a job may last longer.
        client = self._platform.clients.of_role("logs", self._region, self._session)
        stream = LogStream(client, LOG_GROUP, self._name)
        with self._lock:
            if self._there is None:
                self._there = stream.create()
            if self._there:
                stream.put(events[:MAX_EVENTS])

    def write_failure(self, source: S3Object, *lines: str) -> None:
        """Write why an object failed."""
        self.write(*(f"{source.bucket}/{source.key}: {line}" for line in lines))
