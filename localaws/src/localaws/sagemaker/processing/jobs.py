"""The operations on processing jobs."""

from collections.abc import Mapping
from typing import Any

from localaws.api import Operation, Params, Request
from localaws.errors import AwsError, ValidationError, missing_member
from localaws.platform import Platform
from localaws.registry.images import ImageError
from localaws.registry.wording import processing_image_invalid
from localaws.sagemaker.checks import assume_role
from localaws.sagemaker.listing import Listing
from localaws.sagemaker.processing.record import ProcessingRecord
from localaws.sagemaker.processing.run import ProcessingRun
from localaws.sagemaker.records import now, picked, public, set_tags
from localaws.sagemaker.tags import check_tags
from localaws.store import Record, Resources

KIND = "processing-job"
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


class ProcessingJobs:
    """Creates, describes, lists and stops processing jobs."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def operations(self) -> Mapping[str, Operation]:
        """Return the operations by name."""
        return {
            "CreateProcessingJob": Operation(self.create, _arn, _context),
            "DescribeProcessingJob": Operation(self.describe, _arn),
            "ListProcessingJobs": Operation(self.list),
            "StopProcessingJob": Operation(self.stop, _arn),
        }

    def create(self, request: Request) -> Params:
        """Start a processing job; faults of its data and of its image show when it runs, as on AWS."""
        params, arn = request.params, _arn(request)
        _check(params)
        check_tags(params.get("Tags", []))
        self._platform.roles.check_pass(request.caller, params["RoleArn"], arn)
        if self._resources(request).get(params["ProcessingJobName"]) is not None:
            raise _in_use(arn)
        session = assume_role(self._platform, params["RoleArn"], arn)
        image = params["AppSpecification"]["ImageUri"]
        try:
            self._platform.images.check(image, session)
        except ImageError as error:
            if error.kind == "foreign":
                raise ValidationError(processing_image_invalid(image)) from None
        if not self._resources(request).add(params["ProcessingJobName"], _new_record(params, arn)):
            raise _in_use(arn)
        set_tags(self._platform, arn, params.get("Tags", []))
        run = ProcessingRun(self._platform, ProcessingRecord(self._platform, self._resources(request), arn), session)
        self._platform.supervisor.start(arn, run)
        return {"ProcessingJobArn": arn}

    def describe(self, request: Request) -> Params:
        """Return a processing job."""
        return public(self._get(request))

    def list(self, request: Request) -> Params:
        """List processing jobs."""
        return LISTING.answer(self._resources(request).all(), request.params)

    def stop(self, request: Request) -> Params:
        """Stop a processing job that runs."""
        status = self._get(request)["ProcessingJobStatus"]
        if status not in {"InProgress", "Stopping"}:
            raise ValidationError(f"The request was rejected because the processing job is in status {status}.")
        arn = _arn(request)
        ProcessingRecord(self._platform, self._resources(request), arn).stopping()
        self._platform.supervisor.stop(arn)
        return {}

    def _get(self, request: Request) -> Record:
        name = request.params["ProcessingJobName"]
        record = self._resources(request).get(name)
        if record is None:
            raise ValidationError(f"Could not find requested job with name: {name}")
        return record

    def _resources(self, request: Request) -> Resources:
        return self._platform.store.kind(KIND, request.caller.account, request.caller.region)


def _arn(request: Request) -> str:
    return request.arn(f"{KIND}/{request.params['ProcessingJobName']}")


def _in_use(arn: str) -> AwsError:
    return AwsError(
        "ResourceInUse",
        f"Job name must be unique within an AWS account and region, and a job with this name already exists ({arn})",
    )


def _context(request: Request) -> Mapping[str, object]:
    """Return the condition keys of CreateProcessingJob. Source: the Service Authorization Reference."""
    params = request.params
    cluster, network = params["ProcessingResources"]["ClusterConfig"], params.get("NetworkConfig", {})
    vpc = network.get("VpcConfig", {})
    keys: dict[str, Any] = {
        "sagemaker:InstanceTypes": [name for name in [cluster.get("InstanceType")] if name],
        "sagemaker:NetworkIsolation": str(network.get("EnableNetworkIsolation", False)).lower(),
        "sagemaker:InterContainerTrafficEncryption": str(
            network.get("EnableInterContainerTrafficEncryption", False)
        ).lower(),
        "sagemaker:MaxRuntimeInSeconds": str(params.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", 86400)),
        "sagemaker:OutputKmsKey": params.get("ProcessingOutputConfig", {}).get("KmsKeyId"),
        "sagemaker:VolumeKmsKey": cluster.get("VolumeKmsKeyId"),
        "sagemaker:VpcSubnets": vpc.get("Subnets"),
        "sagemaker:VpcSecurityGroupIds": vpc.get("SecurityGroupIds"),
    }
    return {key: value for key, value in keys.items() if value is not None}


def _check(params: Params) -> None:
    """Refuse what AWS refuses beyond its service model, and what localaws does not offer.

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
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400, **params.get("StoppingCondition", {})},
        "ProcessingJobArn": arn,
        "ProcessingJobStatus": "InProgress",
        "CreationTime": created,
        "LastModifiedTime": created,
    }
