"""The model data of containers in S3: whether it is there, and whether a role or a caller may read it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from localaws.api import Request
from localaws.clients import AwsClient
from localaws.credentials import RoleSession
from localaws.errors import AwsError, ValidationError
from localaws.jobs.s3 import S3Uri, error_code, parse_s3_uri
from localaws.platform import Platform
from localaws.sagemaker.checks import foreign_region

MISSING = {"404", "NoSuchKey", "NoSuchBucket", "NotFound"}


@dataclass(frozen=True)
class ModelObject:
    """Model data of one container."""

    uri: str
    folder: bool
    """It is every object below a prefix."""


def single_object(container: dict[str, Any]) -> ModelObject | None:
    """Return the model data that a container names by `ModelDataUrl`, or None."""
    url = container.get("ModelDataUrl")
    return ModelObject(url, folder=container.get("Mode") == "MultiModel") if url else None


def source_object(source: dict[str, Any]) -> ModelObject:
    """Return the model data of an `S3ModelDataSource`.

    Raises:
        ValidationError: the address of a prefix does not end with a slash; the words are ours.
    """
    folder = source["S3DataType"] == "S3Prefix"
    if folder and not source["S3Uri"].endswith("/"):
        raise ValidationError(f'S3Uri "{source["S3Uri"]}" of S3DataType S3Prefix must end with a forward slash.')
    if folder and source["CompressionType"] == "Gzip":
        raise ValidationError("CompressionType Gzip is not supported with S3DataType S3Prefix.")
    return ModelObject(source["S3Uri"], folder)


def data_sources(container: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every `S3ModelDataSource` of a container."""
    for one in (container.get("ModelDataSource", {}), *container.get("AdditionalModelDataSources", ())):
        if "S3DataSource" in one:
            yield one["S3DataSource"]


@dataclass(frozen=True)
class ModelDataReader:
    """Looks at model data with the permissions of somebody."""

    platform: Platform
    region: str
    client: AwsClient
    refusal: Callable[[str], str]
    """Returns the words for data, named by its address, that may not be read."""
    authorize: Callable[[str, str], None] = lambda _action, _path: None
    """Checks an action on `BUCKET` or `BUCKET/KEY`, if the client's own permissions are others."""

    def etag(self, data: ModelObject) -> str:
        """Return the ETag of an object, without quotation marks; nothing for a prefix.

        Raises:
            ValidationError: the data is not there or may not be read, with AWS's words for CreateModel.
        """
        uri = parse_s3_uri(data.uri)
        if foreign_region(self.platform, uri.bucket, self.region) is not None:
            raise ValidationError(self.refusal(data.uri))
        try:
            return self._look(data, uri)
        except ClientError as error:
            if error_code(error) in MISSING:
                raise _missing(data.uri) from None
            raise ValidationError(self.refusal(data.uri)) from None
        except AwsError as error:
            if error.code == "AccessDeniedException":
                raise ValidationError(self.refusal(data.uri)) from None
            raise

    def _look(self, data: ModelObject, uri: S3Uri) -> str:
        if data.folder:
            self.authorize("s3:ListBucket", uri.bucket)
            if not self.client.list_objects_v2(Bucket=uri.bucket, Prefix=uri.prefix, MaxKeys=1).get("Contents"):
                raise _missing(data.uri)
            return ""
        self.authorize("s3:GetObject", f"{uri.bucket}/{uri.prefix}")
        if not uri.prefix:
            raise _missing(data.uri)
        return str(self.client.head_object(Bucket=uri.bucket, Key=uri.prefix)["ETag"]).strip('"')


def reader_of_role(platform: Platform, region: str, session: RoleSession) -> ModelDataReader:
    """Return a reader with the permissions of a model's role."""

    def refusal(uri: str) -> str:
        return (
            f'Could not access model data at {uri}. Please ensure that the role "{session.role_arn}" exists and that '
            'its trust relationship policy allows the action "sts:AssumeRole" for the service principal '
            '"sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object '
            f"is located in {region}. If your Model uses multiple models or uncompressed models, please ensure that "
            'the role has "s3:ListBucket" permission.'
        )

    return ModelDataReader(platform, region, platform.clients.of_role("s3", region, session), refusal)


def reader_of_caller(platform: Platform, request: Request) -> ModelDataReader:
    """Return a reader with the permissions of the caller, whose policies are checked in place of his secret key.

    CreateModelPackage names no role, so AWS reads with the permissions of its caller. The words of the refusal are
    ours.
    """
    caller = request.caller

    def refusal(uri: str) -> str:
        return (
            f'Could not access model data at {uri}. Please ensure that "{caller.arn}" has "s3:GetObject" permissions '
            f"and that the object is located in {caller.region}."
        )

    def authorize(action: str, path: str) -> None:
        partition = request.arn("").split(":")[1]
        platform.base.authorize(caller, action, f"arn:{partition}:s3:::{path}", {})

    client = platform.clients.root("s3", caller.region)
    return ModelDataReader(platform, caller.region, client, refusal, authorize)


def _missing(uri: str) -> ValidationError:
    return ValidationError(f"Could not find model data at {uri}.")
