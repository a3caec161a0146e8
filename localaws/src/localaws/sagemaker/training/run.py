"""Run a training job: one attempt in containers, and after every spot interruption another."""

import logging
import tempfile
import time

from botocore.exceptions import BotoCoreError, ClientError

from localaws.containers.archive import write_model_archive
from localaws.containers.engine import ENGINE_ERRORS
from localaws.containers.group import ContainerGroup
from localaws.credentials import RoleSession
from localaws.jobs.containers import JobContainers, job_containers, shipped_logs
from localaws.jobs.failure import BUG, JobFailedError, engine_failure, exit_failure, refuse_unfinished
from localaws.jobs.inputs import list_folders
from localaws.jobs.logs import MetricReader
from localaws.jobs.s3 import S3Uri, error_code, parse_s3_uri, refusal_words, upload_folder
from localaws.jobs.supervisor import Control
from localaws.jobs.text_file import read_text
from localaws.jobs.watch import GRACE_S, End, Limits, Outcome, volume_bytes, watch
from localaws.platform import Platform
from localaws.registry.images import ImageError
from localaws.registry.wording import pull_failure
from localaws.sagemaker.training.checkpoints import CheckpointSync
from localaws.sagemaker.training.files import MODEL, OUTPUT_DATA, channel_folders, environment, fill_archives
from localaws.sagemaker.training.metrics import MetricPublisher
from localaws.sagemaker.training.record import TrainingRecord
from localaws.sagemaker.training.spot import SpotPlan
from localaws.store import Record

logger = logging.getLogger(__name__)

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
FAILURE_FILE = "/opt/ml/output/failure"
FINAL_STATUS = {
    End.EXITED: "Completed",
    End.STOPPED: "Stopped",
    End.RUNTIME: "MaxRuntimeExceeded",
    End.WAIT: "MaxWaitTimeExceeded",
}


class TrainingRun:
    """The thread of one training job."""

    def __init__(self, platform: Platform, record: TrainingRecord, session: RoleSession) -> None:
        self._platform = platform
        self._record = record
        self._session = session
        self._request = record.read()
        self._metrics = MetricReader(self._request["AlgorithmSpecification"].get("MetricDefinitions", ()))
        self._spot = SpotPlan(platform, self._request)
        self._trained_s = 0.0

    def __call__(self, control: Control) -> None:
        """Run the job to its end; whatever happens, it gets a final status."""
        try:
            self._record.enter(self._run(control))
        except JobFailedError as failure:
            self._record.enter("Failed", str(failure))
        except ENGINE_ERRORS as error:
            self._record.enter("Failed", engine_failure(error))
        except Exception:
            logger.exception("%s failed", self._record.arn)
            self._record.enter("Failed", BUG)

    def _run(self, control: Control) -> str:
        """Run attempts until one is not interrupted; return the final secondary status."""
        while True:
            outcome = self._attempt(control)
            if outcome.end is not End.SPOT:
                return FINAL_STATUS[outcome.end]
            self._record.enter("Interrupted")
            self._spot.interrupted()

    def _attempt(self, control: Control) -> Outcome:
        self._record.enter("Starting")
        if control.stop.is_set():
            return Outcome(End.STOPPED, [])
        self._record.enter("Downloading")
        wanted = self._containers()
        with job_containers(self._platform, wanted, self._session) as group:
            self._fill(group)
            if control.stop.is_set():
                return Outcome(End.STOPPED, [])
            outcome = self._train(group, wanted, control)
            refuse_unfinished(outcome, self._request["ResourceConfig"].get("VolumeSizeInGB", 0))
            failed = outcome.end is End.EXITED and bool(outcome.failed_with)
            reason = exit_failure(outcome, self._failure_message(group)) if failed else ""
            if outcome.end is not End.SPOT:
                self._record.enter("Uploading")
                try:
                    self._upload(group)
                except JobFailedError:
                    if not failed:  # otherwise the program's own failure is the reason
                        raise
            if failed:
                raise JobFailedError(reason)
        return outcome

    def _containers(self) -> JobContainers:
        """Return what the job asks for, with an image that the engine has."""
        request = self._request
        algorithm = request["AlgorithmSpecification"]
        image = algorithm["TrainingImage"]
        try:
            pulled = self._platform.images.resolve(image, self._session)
        except ImageError as error:
            raise JobFailedError(pull_failure(error, image)) from error
        entrypoint = algorithm.get("ContainerEntrypoint")
        return JobContainers(
            arn=self._record.arn,
            image=pulled.name,
            count=request["ResourceConfig"].get("InstanceCount", 1),
            entrypoint=entrypoint,
            command=algorithm.get("ContainerArguments") or (None if entrypoint else ["train"]),
            environment=environment(request),
            isolated=request["EnableNetworkIsolation"],
            log_group=LOG_GROUP,
            instance_type=request["ResourceConfig"].get("InstanceType", ""),
        )

    def _fill(self, group: ContainerGroup) -> None:
        """Put the input, and the checkpoints of earlier attempts, into the containers."""
        client = self._platform.clients.of_role("s3", self._record.region, self._session)
        try:
            found = list_folders(client, channel_folders(self._request))
            fill_archives(self._platform, client, group, self._request, found)
        except ClientError as error:
            words = f"{error_code(error)}: {error.response['Error'].get('Message')}"
            raise JobFailedError(f"ClientError: Data download failed:Unable to download the input ({words})") from error
        except ValueError as error:
            raise JobFailedError(f"ClientError: Data download failed:{error}") from error

    def _train(self, group: ContainerGroup, wanted: JobContainers, control: Control) -> Outcome:
        checkpoints = CheckpointSync(self._platform, self._request, self._session, group)
        publisher = MetricPublisher(self._platform, self._record.arn, self._session, self._metrics)
        group.start()
        self._record.enter("Training")
        begun = time.monotonic()

        def on_tick() -> None:
            checkpoints.sync_if_due()
            publisher.publish_if_due()

        with shipped_logs(self._platform, wanted, self._session, group, self._metrics.read):
            outcome = watch(group, control, self._limits(begun), on_tick)
        if outcome.end is not End.SHUTDOWN:
            checkpoints.sync()
        publisher.publish()
        self._trained_s += time.monotonic() - begun
        self._record.update(self._note_results)
        return outcome

    def _limits(self, begun: float) -> Limits:
        period_s = self._platform.configuration.period_s
        runtime_s = period_s(self._request["StoppingCondition"]["MaxRuntimeInSeconds"]) - self._trained_s
        return Limits(
            runtime_at=begun + runtime_s,
            disk_bytes=volume_bytes(self._request["ResourceConfig"].get("VolumeSizeInGB", 0)),
            grace_s=period_s(GRACE_S),
            spot_at=self._spot.next_at(begun),
            wait_at=self._spot.wait_until(),
        )

    def _note_results(self, record: Record) -> None:
        seconds = max(1, round(self._trained_s))
        record["TrainingTimeInSeconds"] = record["BillableTimeInSeconds"] = seconds
        if self._metrics.last:
            record["FinalMetricDataList"] = [
                {"MetricName": name, "Value": value, "Timestamp": round(at)}
                for name, (value, at) in sorted(self._metrics.last.items())
            ]

    def _upload(self, group: ContainerGroup) -> None:
        """Store the model and the other output; on AWS a failed or stopped job keeps what it has written too."""
        output = self._request["OutputDataConfig"]
        target = parse_s3_uri(output["S3OutputPath"]).join(f"{self._record.name}/output")
        try:
            model = self._store_folder(group, MODEL, target, output["CompressionType"] != "NONE")
            self._store_folder(group, OUTPUT_DATA, target, compress=True)
        except ClientError as error:
            raise JobFailedError(f"ClientError: Artifact upload failed:Error 7: {refusal_words(error)}") from error
        except BotoCoreError as error:
            raise JobFailedError(f"ClientError: Artifact upload failed:{error}") from error
        if model is not None:
            self._record.update(lambda record: record.update(ModelArtifacts={"S3ModelArtifacts": str(model)}))

    def _store_folder(self, group: ContainerGroup, folder: str, target: S3Uri, compress: bool) -> S3Uri | None:
        """Upload a folder of the containers; return its address, or None if it holds no file."""
        client = self._platform.clients.of_role("s3", self._record.region, self._session)
        name = "model" if folder == MODEL else "output"
        streams = [stream for host in range(len(group.containers)) if (stream := group.fetch(host, folder))]
        if not compress:
            for stream in streams:
                upload_folder(client, target.join(name), stream)
            return target.join(name)
        with tempfile.TemporaryFile(dir=self._platform.work) as packed:
            files = write_model_archive(streams, packed, self._platform.work)
            if not files and folder != MODEL:
                return None
            packed.seek(0)
            uri = target.join(f"{name}.tar.gz")
            client.upload_fileobj(packed, uri.bucket, uri.prefix)
        return uri

    def _failure_message(self, group: ContainerGroup) -> str:
        """Return what the first host that has something to say wrote to the failure file."""
        for host in range(len(group.containers)):
            text = read_text(group, host, FAILURE_FILE).decode("utf-8", "replace")
            if text.strip():
                return text
        return ""
