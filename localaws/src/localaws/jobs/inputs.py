"""The input of a job: objects from S3 become files in the archive of each container."""

import gzip
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from localaws.clients import AwsClient
from localaws.containers.archive import InputArchive
from localaws.jobs.s3 import S3Object, list_source, shard


@dataclass(frozen=True)
class InputFolder:
    """One folder of a job that is filled from S3."""

    path: str
    """Where the containers find it."""
    source: dict[str, Any]
    """`S3DataSource` or `S3Input`: `S3Uri`, `S3DataType`, `S3DataDistributionType`."""
    gunzip: bool = False
    """Decompress objects whose names end with `.gz`."""


def list_folders(client: AwsClient, folders: Sequence[InputFolder]) -> list[tuple[InputFolder, list[S3Object]]]:
    """Return the objects of every folder.

    Raises:
        ClientError: S3 refuses a listing.
        ValueError: a manifest is wrong.
    """
    return [(folder, list_source(client, folder.source)) for folder in folders]


def add_folder(  # noqa: PLR0917 -- the parts of one step
    archive: InputArchive,
    client: AwsClient,
    folder: InputFolder,
    objects: list[S3Object],
    host: int,
    hosts: int,
) -> None:
    """Add the objects that one host gets to its archive.

    Raises:
        ClientError: S3 refuses an object.
    """
    archive.add_folder(folder.path)
    for one in shard(objects, folder.source.get("S3DataDistributionType"), host, hosts):
        body = client.get_object(Bucket=one.bucket, Key=one.key)["Body"]
        path = f"{folder.path.rstrip('/')}/{one.name}"
        if folder.gunzip and one.name.endswith(".gz"):
            _add_decompressed(archive, path.removesuffix(".gz"), body)
        else:
            archive.add_file(path, one.size, body)


def _add_decompressed(archive: InputArchive, path: str, body: IO[bytes]) -> None:
    with tempfile.TemporaryFile() as plain, gzip.GzipFile(fileobj=body) as compressed:
        shutil.copyfileobj(compressed, plain)
        size = plain.tell()
        plain.seek(0)
        archive.add_file(path, size, plain)
