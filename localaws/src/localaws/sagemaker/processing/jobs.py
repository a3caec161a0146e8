"""The operations on processing jobs."""

from collections.abc import Mapping

from localaws.api import Params, Request
from localaws.errors import ValidationError, missing_member
from localaws.registry.images import ImageError
from localaws.registry.wording import processing_image_invalid
from localaws.sagemaker.checks import assume_role
from localaws.sagemaker.conditions import job_conditions
from localaws.sagemaker.jobs import MAX_RUNTIME_S, JobOperations
from localaws.sagemaker.listing import Listing
from localaws.sagemaker.processing.record import ProcessingRecord
from localaws.sagemaker.processing.run import ProcessingRun
from localaws.sagemaker.records import now, picked
from localaws.sagemaker.tags import check_tags
from localaws.store import Record

LISTING = Listing(
    "ProcessingJobSummaries",
    "ProcessingJobName",
    lambda record: picked(
        record,
        "ProcessingJobName",
        "ProcessingJobArn",
        "CreationTime",
        "ProcessingEndTime",
        "LastModifiedTime",
        "ProcessingJobStatus",
        "FailureReason",
        "ExitMessage",
    ),
    status="ProcessingJobStatus",
)
MANAGED_INPUT = ("LocalPath", "S3DataType", "S3InputMode")
"""What the service needs of an S3Input beyond its model."""


class ProcessingJobs(JobOperations):
    """Creates, describes, lists and stops processing jobs."""

    kind = "Processing"
    listing = LISTING

    def create(self, request: Request) -> Params:
        """Start a processing job; faults of its data and of its image show when it runs, as on AWS."""
        params, arn = request.params, self.arn(request)
        _check(params)
        check_tags(params.get("Tags", []))
        self._platform.roles.check_pass(request.caller, params["RoleArn"], arn)
        self.refuse_in_use(request)
        session = assume_role(self._platform, params["RoleArn"], arn)
        image = params["AppSpecification"]["ImageUri"]
        try:
            self._platform.images.check(image, session)
        except ImageError as error:
            if error.kind == "foreign":
                raise ValidationError(processing_image_invalid(image)) from None
        self.store(request, _new_record(params, arn))
        self._platform.supervisor.start(arn, ProcessingRun(self._platform, self.record(request), session))
        return {"ProcessingJobArn": arn}

    def record(self, request: Request) -> ProcessingRecord:
        """Return the record of the job that a request names."""
        return ProcessingRecord(self._platform, self.resources(request), self.arn(request))

    def context(self, request: Request) -> Mapping[str, object]:
        """Return the condition keys of CreateProcessingJob. Source: the Service Authorization Reference."""
        params = request.params
        cluster = params["ProcessingResources"]["ClusterConfig"]
        return job_conditions(
            params,
            instance_types=[cluster.get("InstanceType")],
            network=params.get("NetworkConfig", {}),
            cluster=cluster,
            output=params.get("ProcessingOutputConfig", {}),
        )


def _check(params: Params) -> None:
    """Reject what AWS rejects beyond its service model, and what localaws does not offer.

    Raises:
        ValidationError: with AWS's words, or those of localaws.
    """
    for name in ("InstanceType", "InstanceCount"):
        if name not in params["ProcessingResources"]["ClusterConfig"]:
            raise missing_member(f"processingResources.clusterConfig.{name[0].lower()}{name[1:]}")
    inputs = params.get("ProcessingInputs", ())
    outputs = params.get("ProcessingOutputConfig", {}).get("Outputs", ())
    for one in inputs:
        source = one.get("S3Input")
        if source is None or one.get("AppManaged"):
            raise ValidationError(f"Input {one['InputName']}: localaws offers S3Input that SageMaker manages")
        missing = [name for name in MANAGED_INPUT if name not in source]
        if missing:
            named = ", ".join(f'"{name}"' for name in missing)
            raise ValidationError(
                f"Input {one['InputName']} missing one or more required fields for SageMaker-managed S3Input: {named}"
            )
        if source["S3InputMode"] == "Pipe":
            raise ValidationError(f"Input {one['InputName']}: localaws offers the input mode File")
    for one in outputs:
        if "S3Output" not in one or one.get("AppManaged") or "LocalPath" not in one["S3Output"]:
            raise ValidationError(f"Output {one['OutputName']}: localaws offers S3Output that SageMaker manages")
    for what, names in (
        ("input name", [one["InputName"] for one in inputs]),
        ("output name", [one["OutputName"] for one in outputs]),
        ("LocalPath", [one["S3Input"]["LocalPath"] for one in inputs]),
    ):
        double = next((name for name in names if names.count(name) > 1), None)
        if double is not None:
            raise ValidationError(f"Duplicate {what} in the request: {double}")


def _new_record(params: Params, arn: str) -> Record:
    created = now()
    return {
        **{name: value for name, value in params.items() if name != "Tags"},
        "StoppingCondition": {"MaxRuntimeInSeconds": MAX_RUNTIME_S, **params.get("StoppingCondition", {})},
        "ProcessingJobArn": arn,
        "ProcessingJobStatus": "InProgress",
        "CreationTime": created,
        "LastModifiedTime": created,
    }
