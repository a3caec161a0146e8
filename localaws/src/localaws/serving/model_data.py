"""`model.tar.gz`: from S3 to `/opt/ml/model` of a container."""

import tempfile
from pathlib import Path
from typing import IO

from botocore.exceptions import BotoCoreError, ClientError

from localaws.clients import AwsClient
from localaws.jobs.s3 import parse_s3_uri

CHUNK = 1 << 20


class ModelDataError(Exception):
    """A model's data cannot be downloaded or unpacked; the text is AWS's, as users report it for endpoints."""


class BadArchiveError(Exception):
    """The engine does not unpack a model's archive; the text is the engine's."""


def download_model(client: AwsClient, url: str, work: Path) -> IO[bytes]:
    """Return `model.tar.gz` as a temporary file.

    Args:
        client: a client of S3 with the credentials of the model's role.
        url: its address in S3.
        work: folder for temporary files.

    Raises:
        ModelDataError: the role may not read it, or it is not there.
    """
    uri = parse_s3_uri(url)
    target = tempfile.TemporaryFile(dir=work)  # noqa: SIM115 -- the caller closes it
    try:
        body = client.get_object(Bucket=uri.bucket, Key=uri.prefix)["Body"]
        for chunk in body.iter_chunks(CHUNK):
            target.write(chunk)
    except (ClientError, BotoCoreError) as error:
        target.close()
        raise ModelDataError(
            f'Failed to download model data for container "container_1" from URL: "{url}". Please ensure that there is '
            "an object located at the URL and that the role passed to CreateModel has permissions to download the "
            "object."
        ) from error
    target.seek(0)
    return target


def extract_failure(url: str) -> str:
    """Return AWS's words for an object that is no archive."""
    return (
        f'Failed to extract model data archive for container "container_1" from URL "{url}". Please ensure that the '
        "object located at the URL is a valid tar.gz archive."
    )
