"""Checks that several kinds of jobs make when they are created, with AWS's words."""

from typing import Any

from botocore.exceptions import ClientError

from localaws.credentials import RoleSession
from localaws.errors import ValidationError
from localaws.jobs.s3 import error_words, list_source, parse_s3_uri
from localaws.platform import Platform
from localaws.roles import RoleError


def assume_role(platform: Platform, role_arn: str, resource: str) -> RoleSession:
    """Return the session of a job's role.

    Raises:
        ValidationError: SageMaker may not assume it.
    """
    try:
        return platform.roles.assume(role_arn, resource)
    except RoleError:
        raise ValidationError(
            f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
            "'sagemaker.amazonaws.com' to assume the role."
        ) from None


def foreign_region(platform: Platform, bucket: str, region: str) -> str | None:
    """Return S3's words if a bucket is in another region or does not exist, else None."""
    try:
        found = platform.clients.root("s3", region).get_bucket_location(Bucket=bucket)
    except ClientError as error:
        return error_words(error)
    home = found.get("LocationConstraint") or "us-east-1"
    if home == region:
        return None
    return f"The bucket is in this region: {home}. Please use this region to retry the request"


def check_s3_source(platform: Platform, session: RoleSession, region: str, source: dict[str, Any]) -> None:
    """Check that the input of a training or transform job has objects that its role may list.

    Raises:
        ValidationError: it has none.
    """
    uri = parse_s3_uri(source["S3Uri"])
    words = foreign_region(platform, uri.bucket, region)
    if words is None:
        try:
            if list_source(platform.clients.of_role("s3", region, session), source):
                return
        except ClientError as error:
            words = error_words(error)
        except ValueError as error:
            words = str(error)
    tail = f" Error message from S3: {words}" if words else ""
    raise ValidationError(
        f'No S3 objects found under S3 URL "{source["S3Uri"]}" given in input data source. Please ensure that the '
        f"bucket exists in the selected region ({region}), that objects exist under that S3 prefix, and that the role "
        f'"{session.role_arn}" has "s3:ListBucket" permissions on bucket "{uri.bucket}".{tail}'
    )
