"""One instance of a transform job: its container, and the objects that it transforms."""

import gzip
import io
import shutil
import tempfile
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from botocore.exceptions import BotoCoreError, ClientError

from localaws.arns import region_of
from localaws.credentials import RoleSession
from localaws.jobs.failure import OUT_OF_MEMORY, JobFailedError
from localaws.jobs.s3 import S3Object, S3Uri, error_code, error_words
from localaws.platform import Platform
from localaws.sagemaker.batch_transform.invocation import ALGORITHM_ERROR, CLIENT_ERROR, Failure, Invoker
from localaws.sagemaker.batch_transform.log import DataLog
from localaws.sagemaker.batch_transform.settings import TransformSettings, resolve_settings
from localaws.serving.container import PingError, ServingContainer
from localaws.store import Record
from localaws.transform.batches import Batch, Batching
from localaws.transform.concurrency import ordered
from localaws.transform.errors import DataError
from localaws.transform.output import append
from localaws.transform.processing import read_data_processing

PING_S = 30 * 60.0
"""How long a container may take until `/ping` answers 200. Source: reports of users; the guide names no limit."""
CHUNK = 1 << 20


@dataclass
class Output:
    """What becomes of one object."""

    source: S3Object
    file: Path
    """The assembled output; it is not there if nothing was answered."""
    failure: str | None = None
    """The FailureReason, if the object failed."""

    def append(self, answer: IO[bytes], assemble_with: str) -> None:
        """Add the answer to a mini-batch."""
        with self.file.open("ab") as file:
            append(file, answer, assemble_with)


class TransformWorker:
    """Transforms objects with one container."""

    def __init__(  # noqa: PLR0917 -- what the instances of a job share
        self,
        platform: Platform,
        request: Record,
        session: RoleSession,
        container: ServingContainer,
        log: DataLog,
        folder: Path,
        cancelled: threading.Event,
    ) -> None:
        self._platform = platform
        self._request = request
        self._session = session
        self._region = region_of(request["TransformJobArn"])
        self._container = container
        self._log = log
        self._folder = folder
        self._cancelled = cancelled
        self._processing = read_data_processing(request)
        self._dead = False
        self.outputs: list[Output] = []

    def run(self, objects: list[S3Object]) -> None:
        """Wait for the container, and transform objects until the event is set; `outputs` has the results.

        Raises:
            JobFailedError: the container did not become ready.
        """
        period_s = self._platform.configuration.period_s
        try:
            self._container.wait_until_ready(period_s(PING_S), self._cancelled)
        except PingError as error:
            raise JobFailedError(f"AlgorithmError: Model container failed to respond to ping ({error})") from error
        if self._cancelled.is_set():
            return
        settings = resolve_settings(self._request, self._container.server.execution_parameters())
        self._log.write(str(settings))
        invoke = Invoker(self._container.server, self._request, period_s, self._cancelled, self._alive)
        tasks = self._tasks(objects, settings)
        for (output, batch), answer in ordered(tasks, lambda task: invoke(task[1].body), settings.max_concurrent):
            if isinstance(answer, Failure):
                self._fail(output, answer)
            else:
                with answer.body:
                    self._take(output, batch, answer.body)
            if not isinstance(batch.body, bytes):
                batch.body.close()

    def _tasks(self, objects: list[S3Object], settings: TransformSettings) -> Iterator[tuple[Output, Batch]]:
        """Yield the mini-batches of all objects; an object that has failed ends early."""
        batching = Batching(
            split=self._request["TransformInput"]["SplitType"],
            strategy=settings.strategy,
            limit=settings.limit,
            prepare=None if self._processing is None else self._processing.prepare,
            work=self._folder,
        )
        for source in objects:
            output = Output(source, self._folder / f"{id(self)}-{len(self.outputs)}")
            self.outputs.append(output)
            try:
                with tempfile.TemporaryFile(dir=self._folder) as copy:
                    for batch in batching.batches(self._download(source, copy)):
                        yield output, batch
                        if output.failure is not None:
                            break
                        if self._ended:  # the rest of the object is not sent
                            output.failure = ALGORITHM_ERROR
                            break
            except DataError as error:
                self._fail(output, Failure(CLIENT_ERROR, (str(error),)))
            except (ClientError, BotoCoreError) as error:
                self._fail(output, Failure(CLIENT_ERROR, (f"Unable to download the object: {_words(error)}",)))
            if self._ended:
                return

    @property
    def _ended(self) -> bool:
        return self._dead or self._cancelled.is_set()

    def _download(self, source: S3Object, copy: IO[bytes]) -> IO[bytes]:
        """Copy an object to a file, decompressed, because a slow model would keep S3's connection open."""
        client = self._platform.clients.of_role("s3", self._region, self._session)
        body = client.get_object(Bucket=source.bucket, Key=source.key)["Body"]
        compressed = self._request["TransformInput"]["CompressionType"] == "Gzip"
        try:
            shutil.copyfileobj(gzip.GzipFile(fileobj=body) if compressed else body, copy, CHUNK)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise DataError(f"Failed to decompress the input as Gzip: {error}") from None
        copy.seek(0)
        return copy

    def _take(self, output: Output, batch: Batch, answer: IO[bytes]) -> None:
        """Add an answer to the output of its object, unless that has failed."""
        if output.failure is not None:
            return
        try:
            if self._processing is not None:
                answer = io.BytesIO(self._processing.finish(batch.records, answer.read()))
            output.append(answer, self._request["TransformOutput"]["AssembleWith"])
        except DataError as error:
            self._fail(output, Failure(ALGORITHM_ERROR, (str(error),)))

    def _fail(self, output: Output, failure: Failure) -> None:
        """Note why an object failed, if it is the first time."""
        if output.failure is not None:
            return
        output.failure = failure.reason
        if not self._cancelled.is_set():
            self._log.write_failure(output.source, *failure.lines)

    def _alive(self) -> bool:
        """Return whether the container runs; once it does not, the worker takes no further objects."""
        self._dead = self._dead or self._container.exit_code() is not None
        return not self._dead

    def upload(self, target: S3Uri) -> None:
        """Store the outputs of the objects that did not fail."""
        for output in self.outputs:
            if output.failure is not None:
                continue
            output.file.touch()
            client = self._platform.clients.of_role("s3", self._region, self._session)
            uri = target.join(f"{output.source.name}.out")
            try:
                with output.file.open("rb") as file:
                    client.upload_fileobj(file, uri.bucket, uri.prefix)
            except (ClientError, BotoCoreError) as error:
                self._fail(output, Failure(CLIENT_ERROR, (f"Unable to upload {uri}: {_words(error)}",)))

    def failure(self) -> str | None:
        """Return the FailureReason of the first object that failed, or None."""
        if self._dead and self._container.out_of_memory():
            return OUT_OF_MEMORY
        return next((output.failure for output in self.outputs if output.failure is not None), None)


def _words(error: Exception) -> str:
    return f"{error_code(error)}: {error_words(error)}" if isinstance(error, ClientError) else str(error)
