"""The operations on training jobs."""

from collections.abc import Mapping

import regex

from localaws.api import Params, Request
from localaws.errors import AwsError, ValidationError, missing_member
from localaws.registry.images import ImageError
from localaws.registry.wording import image_failure
from localaws.sagemaker.checks import assume_role, check_s3_source
from localaws.sagemaker.conditions import job_conditions
from localaws.sagemaker.jobs import MAX_RUNTIME_S, JobOperations
from localaws.sagemaker.listing import Listing
from localaws.sagemaker.records import now, picked
from localaws.sagemaker.tags import check_tags
from localaws.sagemaker.training.record import TrainingRecord
from localaws.sagemaker.training.run import TrainingRun
from localaws.store import Record

LISTING = Listing(
    "TrainingJobSummaries",
    "TrainingJobName",
    lambda record: picked(
        record,
        "TrainingJobName",
        "TrainingJobArn",
        "CreationTime",
        "TrainingEndTime",
        "LastModifiedTime",
        "TrainingJobStatus",
        "SecondaryStatus",
    ),
    status="TrainingJobStatus",
)
MISSING = "Requested resource not found."
UNSUPPORTED = ("AlgorithmName", "TrainingImageConfig", "TrainingPlanArn")
"""What a request may name, and localaws does not offer."""


class TrainingJobs(JobOperations):
    """Creates, describes, lists and stops training jobs."""

    kind = "Training"
    listing = LISTING

    def create(self, request: Request) -> Params:
        """Start a training job."""
        params, arn = request.params, self.arn(request)
        _check(params)
        check_tags(params.get("Tags", []))
        self._platform.roles.check_pass(request.caller, params["RoleArn"], arn)
        self.refuse_in_use(request)
        session = assume_role(self._platform, params["RoleArn"], arn)
        image = params["AlgorithmSpecification"]["TrainingImage"]
        try:
            self._platform.images.check(image, session)
        except ImageError as error:
            raise ValidationError(image_failure(error, image, params["RoleArn"])) from None
        for channel in params.get("InputDataConfig", ()):
            check_s3_source(self._platform, session, request.caller.region, channel["DataSource"]["S3DataSource"])
        self.store(request, _new_record(params, arn))
        self._platform.supervisor.start(arn, TrainingRun(self._platform, self.record(request), session))
        return {"TrainingJobArn": arn}

    def record(self, request: Request) -> TrainingRecord:
        """Return the record of the job that a request names."""
        return TrainingRecord(self._platform, self.resources(request), self.arn(request))

    def missing(self, request: Request) -> str:
        """Return AWS's words for a job that does not exist."""
        del request
        return MISSING

    def in_use(self, request: Request) -> AwsError:
        """Return AWS's error for a name that another job has."""
        return AwsError(
            "ResourceInUse",
            "Training job names must be unique within an AWS account and region, and a training job with this name "
            f"already exists ({self.arn(request)})",
        )

    def context(self, request: Request) -> Mapping[str, object]:
        """Return the condition keys of CreateTrainingJob. Source: the Service Authorization Reference."""
        params = request.params
        resources = params.get("ResourceConfig", {})
        groups = [group["InstanceType"] for group in resources.get("InstanceGroups", ())]
        return job_conditions(
            params,
            instance_types=[resources.get("InstanceType"), *groups],
            network=params,
            cluster=resources,
            output=params.get("OutputDataConfig", {}),
        )


def _check(params: Params) -> None:
    """Reject what AWS rejects beyond its service model, and what localaws does not offer.

    Raises:
        ValidationError: with AWS's words, or those of localaws.
    """
    for name in ("AlgorithmSpecification", "ResourceConfig"):
        if name not in params:
            raise missing_member(name[0].lower() + name[1:])
    algorithm = params["AlgorithmSpecification"]
    _check_resources(params["ResourceConfig"])
    named = [name for name in UNSUPPORTED if name in algorithm or name in params]
    if named or "TrainingImage" not in algorithm:
        what = named[0] if named else "AlgorithmSpecification without TrainingImage"
        raise ValidationError(f"localaws does not offer {what}")
    modes = {algorithm.get("TrainingInputMode"), *(one.get("InputMode") for one in params.get("InputDataConfig", ()))}
    if "Pipe" in modes:
        raise ValidationError("localaws does not offer the input mode Pipe; File and FastFile work")
    for channel in params.get("InputDataConfig", ()):
        source = channel["DataSource"].get("S3DataSource", {})
        if source.get("S3DataType") not in {"S3Prefix", "ManifestFile"}:
            raise ValidationError(f"Channel {channel['ChannelName']}: localaws offers S3Prefix and ManifestFile")
    names = [channel["ChannelName"] for channel in params.get("InputDataConfig", ())]
    if len(names) != len(set(names)):
        raise ValidationError("Duplicate channel name in InputDataConfig")
    for definition in algorithm.get("MetricDefinitions", ()):
        try:
            regex.compile(definition["Regex"])
        except regex.error as error:
            raise ValidationError(f"Invalid regex in metric definition {definition['Name']}: {error}") from None
    _check_spot(params)


def _check_resources(resources: Params) -> None:
    if "InstanceGroups" in resources:
        raise ValidationError("localaws does not offer InstanceGroups")
    if "InstanceType" not in resources:
        raise missing_member("resourceConfig.instanceType")
    count = resources.get("InstanceCount", 0)
    if count < 1:
        raise ValidationError(
            f"1 validation error detected: Value '{count}' at 'resourceConfig.instanceCount' failed to satisfy "
            "constraint: Member must have value greater than or equal to 1"
        )


def _check_spot(params: Params) -> None:
    condition = params.get("StoppingCondition", {})
    wait, runtime = condition.get("MaxWaitTimeInSeconds"), condition.get("MaxRuntimeInSeconds", MAX_RUNTIME_S)
    if not params.get("EnableManagedSpotTraining"):
        if wait is not None:
            raise ValidationError(
                "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true"
            )
    elif wait is None or wait < runtime:
        raise ValidationError(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
        )


def _new_record(params: Params, arn: str) -> Record:
    created = now()
    copied = {name: value for name, value in params.items() if name != "Tags"}
    condition = {"MaxRuntimeInSeconds": MAX_RUNTIME_S, **params.get("StoppingCondition", {})}
    switches = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")
    return {
        **dict.fromkeys(switches, False),
        **copied,
        "StoppingCondition": condition,
        "OutputDataConfig": {"CompressionType": "GZIP", **params["OutputDataConfig"]},
        "TrainingJobArn": arn,
        "TrainingJobStatus": "InProgress",
        "SecondaryStatus": "Starting",
        "CreationTime": created,
        "LastModifiedTime": created,
        "SecondaryStatusTransitions": [
            {"Status": "Starting", "StartTime": created, "StatusMessage": "Starting the training job"}
        ],
    }
