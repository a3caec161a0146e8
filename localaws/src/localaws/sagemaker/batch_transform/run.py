"""Run a transform job: one container for each instance, which share the objects of the input."""

import logging
import secrets
import tempfile
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from botocore.exceptions import ClientError

from localaws.containers.engine import ENGINE_ERRORS
from localaws.credentials import RoleSession
from localaws.jobs.failure import BUG, MAX_REASON, SHUTDOWN, JobFailedError, engine_failure
from localaws.jobs.s3 import S3Object, error_words, list_source, parse_s3_uri, shard
from localaws.jobs.supervisor import Control
from localaws.platform import Platform
from localaws.registry.images import ImageError
from localaws.registry.wording import pull_failure
from localaws.sagemaker.batch_transform.log import LOG_GROUP, DataLog
from localaws.sagemaker.batch_transform.record import TransformRecord
from localaws.sagemaker.batch_transform.settings import transform_environment
from localaws.sagemaker.batch_transform.worker import TransformWorker
from localaws.sagemaker.models.served_model import ServedModel
from localaws.sagemaker.records import now
from localaws.serving.container import GRACE_S, ServingContainer, ServingSpec
from localaws.serving.model_data import BadArchiveError, ModelDataError, download_model, extract_failure

logger = logging.getLogger(__name__)

POLL_S = 0.25
SHARDED = "ShardedByS3Key"


class TransformRun:
    """The thread of one transform job."""

    def __init__(self, platform: Platform, record: TransformRecord, model: ServedModel, session: RoleSession) -> None:
        self._platform = platform
        self._record = record
        self._model = model
        self._session = session
        self._request = record.read()
        self._cancelled = threading.Event()
        self._containers: list[ServingContainer] = []

    def __call__(self, control: Control) -> None:
        """Run the job to its end; whatever happens, it gets a final status."""
        self._record.change()
        try:
            self._record.end(self._run(control))
        except JobFailedError as failure:
            self._record.end("Failed", str(failure)[:MAX_REASON])
        except ENGINE_ERRORS as error:
            self._record.end("Failed", engine_failure(error))
        except Exception:
            logger.exception("%s failed", self._record.arn)
            self._record.end("Failed", BUG)

    def _run(self, control: Control) -> str:
        """Transform all objects; return the final status.

        As on AWS, a job that is stopped stores nothing, and one that fails stores the outputs of the objects that did
        not fail.
        """
        objects = self._objects()
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=self._platform.work)))
            workers = self._start(stack, folder)
            self._record.change(TransformStartTime=now())
            futures = self._work(stack, workers, objects)
            self._watch(futures, control)
            if control.shutdown.is_set():
                raise JobFailedError(SHUTDOWN)
            if control.stop.is_set():
                return "Stopped"
            for future in futures:
                future.result()
            target = parse_s3_uri(self._request["TransformOutput"]["S3OutputPath"])
            for worker in workers:
                worker.upload(target)
            failures = [reason for worker in workers if (reason := worker.failure())]
        if failures:
            raise JobFailedError(failures[0])
        return "Completed"

    def _objects(self) -> list[S3Object]:
        source = self._request["TransformInput"]["DataSource"]["S3DataSource"]
        client = self._platform.clients.of_role("s3", self._record.region, self._session)
        try:
            found = list_source(client, source)
        except ClientError as error:
            raise JobFailedError(f"ClientError: Failed to list {source['S3Uri']}: {error_words(error)}") from error
        except ValueError as error:  # the manifest is wrong
            raise JobFailedError(f"ClientError: {error}") from error
        if not found:
            raise JobFailedError(f"ClientError: S3 key: {source['S3Uri']} matched no files on s3")
        return found

    def _start(self, stack: ExitStack, folder: Path) -> list[TransformWorker]:
        """Start a container for each instance; the stack removes them."""
        try:
            image = self._platform.images.resolve(self._model.image, self._session).name
        except ImageError as error:
            raise JobFailedError(pull_failure(error, self._model.image)) from error
        model = self._download(stack)
        begun = int(time.time())
        workers = []
        for _ in range(self._request["TransformResources"]["InstanceCount"]):
            stream = f"{self._record.name}/i-{secrets.token_hex(9)[:17]}-{begun}"
            spec = ServingSpec(
                arn=self._record.arn,
                image=image,
                environment=transform_environment(self._request, self._model.environment),
                instance_type=self._request["TransformResources"]["InstanceType"],
                isolated=self._model.isolated,
                log_group=LOG_GROUP,
                log_stream=stream,
            )
            container = stack.enter_context(ServingContainer(self._platform, spec, self._session))
            self._create(container, model)
            container.start()
            self._containers.append(container)
            log = DataLog(self._platform, self._record.region, self._session, stream)
            workers.append(
                TransformWorker(self._platform, self._request, self._session, container, log, folder, self._cancelled)
            )
        return workers

    def _download(self, stack: ExitStack) -> IO[bytes] | None:
        if self._model.data_url is None:
            return None
        client = self._platform.clients.of_role("s3", self._record.region, self._session)
        try:
            return stack.enter_context(download_model(client, self._model.data_url, self._platform.work))
        except ModelDataError as error:
            raise JobFailedError(f"ClientError: {error}") from error

    def _create(self, container: ServingContainer, model: IO[bytes] | None) -> None:
        if model is not None:
            model.seek(0)
        try:
            container.create(model)
        except BadArchiveError as error:
            logger.info("%s: the engine does not unpack the model: %s", self._record.arn, error)
            raise JobFailedError(f"ClientError: {extract_failure(self._model.data_url or '')}") from error

    def _work(self, stack: ExitStack, workers: list[TransformWorker], objects: list[S3Object]) -> list[Future[None]]:
        pool = stack.enter_context(ThreadPoolExecutor(len(workers)))
        shards = [shard(objects, SHARDED, host, len(workers)) for host in range(len(workers))]
        return [pool.submit(worker.run, objects) for worker, objects in zip(workers, shards, strict=True)]

    def _watch(self, futures: list[Future[None]], control: Control) -> None:
        """Wait for all instances; the containers end at once if the job is stopped, or an instance fails."""
        running = set(futures)
        while running:
            ended, running = wait(running, timeout=POLL_S)
            stopped = control.stop.is_set() or control.shutdown.is_set()
            if (stopped or any(future.exception() for future in ended)) and not self._cancelled.is_set():
                self._cancelled.set()
                graceful = control.stop.is_set() and not control.shutdown.is_set()
                for container in self._containers:
                    container.terminate(self._platform.configuration.period_s(GRACE_S) if graceful else 0.0)
