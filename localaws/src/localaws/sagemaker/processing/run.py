"""Run a processing job in containers."""

import logging
import tarfile
import time
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from localaws.clients import AwsClient
from localaws.containers.engine import ENGINE_ERRORS
from localaws.containers.group import ContainerGroup
from localaws.credentials import RoleSession
from localaws.jobs.containers import JobContainers, job_containers, new_archives, shipped_logs
from localaws.jobs.failure import BUG, MAX_REASON, JobFailedError, engine_failure, exit_failure, refuse_unfinished
from localaws.jobs.inputs import InputFolder, add_folder, list_folders
from localaws.jobs.s3 import S3Object, parse_s3_uri, refusal_words, upload_folder
from localaws.jobs.supervisor import Control
from localaws.jobs.text_file import read_text
from localaws.jobs.watch import GRACE_S, End, Limits, Outcome, volume_bytes, watch
from localaws.platform import Platform
from localaws.registry.images import ImageError
from localaws.registry.wording import processing_failure
from localaws.sagemaker.checks import foreign_region
from localaws.sagemaker.processing.record import ProcessingRecord
from localaws.sagemaker.records import now
from localaws.store import Record

logger = logging.getLogger(__name__)

LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
CONFIG = "/opt/ml/config"
MESSAGE_FILE = "/opt/ml/output/message"
CONTINUOUS_S = 10.0
"""Interval of the uploads of a `Continuous` output."""


class ProcessingRun:
    """The thread of one processing job."""

    def __init__(self, platform: Platform, record: ProcessingRecord, session: RoleSession) -> None:
        self._platform = platform
        self._record = record
        self._session = session
        self._request = record.read()
        self._message: str | None = None
        self._uploaded: dict[tuple[str, int], dict[str, tuple[int, float]]] = {}

    def __call__(self, control: Control) -> None:
        """Run the job to its end; whatever happens, it gets a final status."""
        try:
            outcome = self._run(control)
        except JobFailedError as failure:
            self._record.end("Failed", str(failure), self._message)
        except ENGINE_ERRORS as error:
            self._record.end("Failed", engine_failure(error), self._message)
        except Exception:
            logger.exception("%s failed", self._record.arn)
            self._record.end("Failed", BUG, self._message)
        else:
            self._record.end("Completed" if outcome.end is End.EXITED else "Stopped", message=self._message)

    def _run(self, control: Control) -> Outcome:
        wanted = self._containers()
        with job_containers(self._platform, wanted, self._session) as group:
            self._fill(group)
            if control.stop.is_set():
                return Outcome(End.STOPPED, [])
            outcome = self._process(group, wanted, control)
            if outcome.end is not End.SHUTDOWN:
                self._message = self._exit_message(group)
            refuse_unfinished(outcome, self._cluster["VolumeSizeInGB"])
            if outcome.end is End.EXITED and outcome.failed_with:
                self._upload(group, {"Continuous"})
                raise JobFailedError(exit_failure(outcome))
            self._upload(group, {"Continuous", "EndOfJob"})
        return outcome

    def _containers(self) -> JobContainers:
        app = self._request["AppSpecification"]
        image = app["ImageUri"]
        try:
            pulled = self._platform.images.resolve(image, self._session)
        except ImageError as error:
            raise JobFailedError(processing_failure(error, image)) from error
        return JobContainers(
            arn=self._record.arn,
            image=pulled.name,
            count=self._cluster["InstanceCount"],
            entrypoint=app.get("ContainerEntrypoint"),
            command=app.get("ContainerArguments"),
            environment=self._request.get("Environment", {}),
            isolated=self._request.get("NetworkConfig", {}).get("EnableNetworkIsolation", False),
            log_group=LOG_GROUP,
            instance_type=self._cluster["InstanceType"],
        )

    def _fill(self, group: ContainerGroup) -> None:
        """Put configuration, input and empty output folders into every container."""
        client = self._platform.clients.of_role("s3", self._record.region, self._session)
        folders = [
            InputFolder(one["S3Input"]["LocalPath"], one["S3Input"], one["S3Input"].get("S3CompressionType") == "Gzip")
            for one in self._request.get("ProcessingInputs", ())
        ]
        hosts = group.spec.hosts
        try:
            found = self._listed(client, folders)
            for host, archive in enumerate(new_archives(self._platform, len(hosts))):
                with archive:
                    archive.add_folder("/opt/ml/output")
                    archive.add_json(f"{CONFIG}/processingjobconfig.json", self._job_config())
                    archive.add_json(f"{CONFIG}/resourceconfig.json", self._resource_config(hosts, hosts[host]))
                    for one in self._outputs:
                        archive.add_folder(one["S3Output"]["LocalPath"])
                    for folder, objects in found:
                        add_folder(archive, client, folder, objects, host, len(hosts))
                    group.put(host, archive.reader())
        except ClientError as error:
            details = error.response["Error"]
            raise JobFailedError(
                f"ClientError: Failed to download data. {error.operation_name} failed: {details.get('Code')}: "
                f"{details.get('Message')}"
            ) from error
        except ValueError as error:
            raise JobFailedError(f"ClientError: Failed to download data. {error}") from error

    def _listed(self, client: AwsClient, folders: list[InputFolder]) -> list[tuple[InputFolder, list[S3Object]]]:
        """Return the objects of every folder.

        Raises:
            JobFailedError: a folder has none, or its bucket is in another region.
        """
        for folder in folders:
            words = foreign_region(self._platform, parse_s3_uri(folder.source["S3Uri"]).bucket, self._record.region)
            if words is not None:
                raise JobFailedError(
                    f"ClientError: Failed to download data. ListObjectsV2 failed for {folder.source['S3Uri']}: {words}"
                )
        found = list_folders(client, folders)
        for folder, objects in found:
            if not objects:
                raise JobFailedError(f"ClientError: S3 key: {folder.source['S3Uri']} matched no files on s3")
        return found

    def _job_config(self) -> Record:
        hidden = {"ProcessingJobStatus", "CreationTime", "LastModifiedTime"}
        return {name: value for name, value in self._request.items() if name not in hidden}

    def _resource_config(self, hosts: list[str], host: str) -> Record:
        return {
            "current_host": host,
            "current_instance_type": self._cluster["InstanceType"],
            "hosts": hosts,
            "network_interface_name": "eth0",
        }

    def _process(self, group: ContainerGroup, wanted: JobContainers, control: Control) -> Outcome:
        period_s = self._platform.configuration.period_s
        group.start()
        self._record.change(ProcessingStartTime=now())
        begun = time.monotonic()
        limits = Limits(
            runtime_at=begun + period_s(self._request["StoppingCondition"]["MaxRuntimeInSeconds"]),
            disk_bytes=volume_bytes(self._cluster["VolumeSizeInGB"]),
            grace_s=period_s(GRACE_S),
        )
        with shipped_logs(self._platform, wanted, self._session, group, lambda _: None):
            return watch(group, control, limits, self._continuous_uploads(group))

    def _continuous_uploads(self, group: ContainerGroup) -> Callable[[], None]:
        due_at = time.monotonic() + self._platform.configuration.period_s(CONTINUOUS_S)

        def upload_if_due() -> None:
            nonlocal due_at
            if time.monotonic() >= due_at:
                self._upload(group, {"Continuous"}, final=False)
                due_at = time.monotonic() + self._platform.configuration.period_s(CONTINUOUS_S)

        return upload_if_due

    def _upload(self, group: ContainerGroup, modes: set[str], *, final: bool = True) -> None:
        """Upload the outputs of some modes from every container."""
        client = self._platform.clients.of_role("s3", self._record.region, self._session)
        for output in self._outputs:
            target = output["S3Output"]
            if target["S3UploadMode"] not in modes:
                continue
            for host in range(len(group.containers)):
                archive = group.fetch(host, target["LocalPath"])
                if archive is None:
                    continue
                # At the end everything is uploaded: the engine's times are whole seconds, and hide the last change.
                known = None if final else self._uploaded.setdefault((output["OutputName"], host), {})
                try:
                    upload_folder(client, parse_s3_uri(target["S3Uri"]), archive, known)
                except (ClientError, BotoCoreError) as error:
                    raise JobFailedError(f"ClientError: {_upload_words(output['OutputName'], error)}") from error
                except tarfile.TarError:  # a file changed while it was read; the next upload has it
                    continue

    def _exit_message(self, group: ContainerGroup) -> str | None:
        """Return what the containers leave as their message, together at most 1 KB.

        Raises:
            JobFailedError: it is not UTF-8.
        """
        texts = [read_text(group, host, MESSAGE_FILE) for host in range(len(group.containers))]
        try:
            return b"".join(texts).decode("utf-8")[:MAX_REASON] or None
        except UnicodeDecodeError:
            raise JobFailedError(f"ClientError: {MESSAGE_FILE} is not encoded in UTF-8") from None

    @property
    def _cluster(self) -> Record:
        cluster: Record = self._request["ProcessingResources"]["ClusterConfig"]
        return cluster

    @property
    def _outputs(self) -> list[Record]:
        outputs: list[Record] = self._request.get("ProcessingOutputConfig", {}).get("Outputs", [])
        return outputs


def _upload_words(name: str, error: Exception) -> str:
    words = refusal_words(error) if isinstance(error, ClientError) else str(error)
    return f"Failed to upload output {name}: {words}"
