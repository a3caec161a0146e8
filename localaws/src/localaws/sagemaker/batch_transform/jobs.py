"""The operations on transform jobs."""

from collections.abc import Mapping
from typing import Any

from localaws.api import Params, Request
from localaws.errors import ValidationError
from localaws.sagemaker.batch_transform.record import TransformRecord
from localaws.sagemaker.batch_transform.run import TransformRun
from localaws.sagemaker.batch_transform.settings import DEFAULT_PAYLOAD_MB, MAX_PAYLOAD_MB
from localaws.sagemaker.checks import assume_role, check_s3_source
from localaws.sagemaker.jobs import JobOperations
from localaws.sagemaker.listing import Listing
from localaws.sagemaker.models.models import KIND as MODEL_KIND
from localaws.sagemaker.models.served_model import ServedModel, read_served_model
from localaws.sagemaker.records import now, picked
from localaws.sagemaker.tags import check_tags
from localaws.store import Record
from localaws.transform.processing import read_data_processing

LISTING = Listing(
    "TransformJobSummaries",
    "TransformJobName",
    lambda record: picked(
        record,
        "TransformJobName",
        "TransformJobArn",
        "CreationTime",
        "TransformEndTime",
        "LastModifiedTime",
        "TransformJobStatus",
        "FailureReason",
    ),
    status="TransformJobStatus",
)
SOURCES = ("S3Prefix", "ManifestFile")


class TransformJobs(JobOperations):
    """Creates, describes, lists and stops transform jobs."""

    kind = "Transform"
    listing = LISTING

    def create(self, request: Request) -> Params:
        """Start a transform job; it runs with the role of its model."""
        params, arn = request.params, self.arn(request)
        _check(params)
        check_tags(params.get("Tags", []))
        self.refuse_in_use(request)
        model = self._model(request)
        session = assume_role(self._platform, model.role_arn, arn)
        source = params["TransformInput"]["DataSource"]["S3DataSource"]
        check_s3_source(self._platform, session, request.caller.region, source)
        self.store(request, _new_record(params, arn))
        self._platform.supervisor.start(arn, TransformRun(self._platform, self.record(request), model, session))
        return {"TransformJobArn": arn}

    def record(self, request: Request) -> TransformRecord:
        """Return the record of the job that a request names."""
        return TransformRecord(self._platform, self.resources(request), self.arn(request))

    def describe(self, request: Request) -> Params:
        """Return a transform job."""
        return {name: value for name, value in super().describe(request).items() if name != "LastModifiedTime"}

    def stop(self, request: Request) -> Params:
        """Stop a transform job that runs."""
        if self.resources(request).get(self.name(request)) is None:
            raise ValidationError(f"Could not find job to update with name: {self.name(request)}")
        return super().stop(request)

    def _model(self, request: Request) -> ServedModel:
        models = self._platform.store.kind(MODEL_KIND, request.caller.account, request.caller.region)
        record = models.get(request.params["ModelName"])
        if record is None:
            raise ValidationError(f'Could not find model "{_model_arn(request)}".')
        return read_served_model(record)

    def context(self, request: Request) -> Mapping[str, object]:
        """Return the condition keys of CreateTransformJob. Source: the Service Authorization Reference."""
        params = request.params
        keys: dict[str, Any] = {
            "sagemaker:InstanceTypes": [params["TransformResources"]["InstanceType"]],
            "sagemaker:ModelArn": _model_arn(request),
            "sagemaker:OutputKmsKey": params["TransformOutput"].get("KmsKeyId"),
            "sagemaker:VolumeKmsKey": params["TransformResources"].get("VolumeKmsKeyId"),
        }
        return {key: value for key, value in keys.items() if value is not None}


def _model_arn(request: Request) -> str:
    return request.arn(f"model/{request.params['ModelName']}")


def _check(params: Params) -> None:
    """Refuse what AWS refuses beyond its service model, and what localaws does not offer; the words are ours.

    Raises:
        ValidationError: the request is wrong, or asks for too much.
    """
    source = params["TransformInput"]["DataSource"]["S3DataSource"]
    if source["S3DataType"] not in SOURCES:
        raise ValidationError(f"localaws does not offer the S3DataType {source['S3DataType']}; {SOURCES} work")
    if "DataCaptureConfig" in params:
        raise ValidationError("localaws does not offer DataCaptureConfig for transform jobs")
    payload, concurrent = params.get("MaxPayloadInMB", DEFAULT_PAYLOAD_MB), params.get("MaxConcurrentTransforms", 0)
    if payload > MAX_PAYLOAD_MB:
        raise ValidationError(f"MaxPayloadInMB is {payload}, and {MAX_PAYLOAD_MB} at most")
    if payload * concurrent > MAX_PAYLOAD_MB:
        raise ValidationError(
            f"MaxConcurrentTransforms * MaxPayloadInMB is {concurrent} * {payload}, and {MAX_PAYLOAD_MB} at most"
        )
    try:
        read_data_processing(params)
    except ValueError as error:
        raise ValidationError(f"Invalid DataProcessing: {error}") from None


def _new_record(params: Params, arn: str) -> Record:
    created = now()
    return {
        **{name: value for name, value in params.items() if name != "Tags"},
        "TransformInput": {"CompressionType": "None", "SplitType": "None", **params["TransformInput"]},
        "TransformOutput": {"AssembleWith": "None", **params["TransformOutput"]},
        "TransformJobArn": arn,
        "TransformJobStatus": "InProgress",
        "CreationTime": created,
        "LastModifiedTime": created,
    }
