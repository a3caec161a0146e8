"""The objects in S3 that a job reads and writes."""

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from botocore.exceptions import ClientError

from localaws.clients import AwsClient
from localaws.containers.archive import stream

BLOCK = 1 << 20  # bytes
FULLY_REPLICATED = "FullyReplicated"


@dataclass(frozen=True)
class S3Uri:
    """A bucket and the start of keys."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def join(self, name: str) -> "S3Uri":
        """Return the address of a name below this one."""
        return S3Uri(self.bucket, f"{self.prefix.rstrip('/')}/{name}".lstrip("/"))


def parse_s3_uri(text: str) -> S3Uri:
    """Split `s3://BUCKET/PREFIX`; the service model has checked its form."""
    bucket, _, prefix = text.removeprefix("s3://").removeprefix("https://").partition("/")
    return S3Uri(bucket, prefix)


@dataclass(frozen=True)
class S3Object:
    """One object and its name in the folder that a job gets."""

    bucket: str
    key: str
    size: int
    name: str
    """Path in the folder, with `/`."""


def list_prefix(client: AwsClient, uri: S3Uri) -> list[S3Object]:
    """Return the objects whose keys start with a prefix, by key.

    A prefix of a whole object gives a folder with that one file. Keys that end with `/` mark folders of the console and
    are left out.

    Raises:
        ClientError: S3 refuses the listing.
        ValueError: a key is no path of a file.
    """
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=uri.bucket, Prefix=uri.prefix)
    found = [entry for page in pages for entry in page.get("Contents", ())]
    for entry in found:
        _refuse_climbing(entry["Key"])
    return [
        S3Object(uri.bucket, entry["Key"], entry["Size"], _name(entry["Key"], uri.prefix))
        for entry in found
        if not entry["Key"].endswith("/")
    ]


def _name(key: str, prefix: str) -> str:
    """Return the path of an object in its folder: what follows the prefix, or its last part."""
    rest = key.removeprefix(prefix)
    if rest and (not prefix or prefix.endswith("/") or rest.startswith("/")):
        return rest.lstrip("/")
    return key[prefix.rfind("/") + 1 :]


def list_manifest(client: AwsClient, uri: S3Uri) -> list[S3Object]:
    """Return the objects that a manifest names: `[{"prefix": "s3://..."}, "name", ...]`.

    Raises:
        ClientError: the manifest or an object of it cannot be read.
        ValueError: it is no manifest.
    """
    content = json.loads(client.get_object(Bucket=uri.bucket, Key=uri.prefix)["Body"].read())
    if not (isinstance(content, list) and content and isinstance(content[0], dict) and "prefix" in content[0]):
        raise ValueError(f"{uri} is not a manifest: expected a JSON list whose first element has the key 'prefix'")
    start = parse_s3_uri(content[0]["prefix"])
    found = []
    for name in content[1:]:
        key = start.prefix + name
        _refuse_climbing(name)
        found.append(
            S3Object(start.bucket, key, client.head_object(Bucket=start.bucket, Key=key)["ContentLength"], name)
        )
    return found


def list_source(client: AwsClient, source: dict[str, Any]) -> list[S3Object]:
    """Return the objects of an `S3DataSource` or an `S3Input`."""
    uri = parse_s3_uri(source["S3Uri"])
    return list_manifest(client, uri) if source.get("S3DataType") == "ManifestFile" else list_prefix(client, uri)


def _refuse_climbing(name: str) -> None:
    """Refuse a name that would leave the job's folder."""
    if {".", ".."} & set(name.split("/")):
        raise ValueError(f"the object {name!r} has a part '.' or '..', which is no name of a file")


def shard(objects: list[S3Object], distribution: str | None, host: int, hosts: int) -> list[S3Object]:
    """Return the objects that one of several hosts gets: all of them, or every n-th for `ShardedByS3Key`."""
    return objects if distribution in {None, FULLY_REPLICATED} else objects[host::hosts]


def error_words(error: ClientError) -> str:
    """Return S3's own words for a refusal."""
    details = error.response.get("Error", {})
    return str(details.get("Message") or details.get("Code") or error)


def error_code(error: ClientError) -> str:
    """Return S3's code for a refusal, such as `AccessDenied`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def refusal_words(error: ClientError) -> str:
    """Return a refusal with its code and its HTTP status: `AccessDenied (403): Access Denied`."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return f"{error_code(error)} ({status}): {error.response['Error'].get('Message')}"


def upload_folder(
    client: AwsClient, uri: S3Uri, archive: IO[bytes], known: dict[str, tuple[int, float]] | None = None
) -> None:
    """Upload the files of a folder from its archive, each under its path.

    Args:
        client: a client of S3.
        uri: the prefix of the keys.
        archive: a tar stream whose members stand below one folder, as the engine sends them.
        known: path -> size and time of what has been uploaded; files that are in it unchanged are skipped. None:
            everything is uploaded.

    Raises:
        ClientError: S3 refuses an object.
    """
    for name, member, content in files_of(archive):
        stamp = (member.size, member.mtime)
        if known is not None and known.get(name) == stamp:
            continue
        target = uri.join(name)
        client.upload_fileobj(content, target.bucket, target.prefix)
        if known is not None:
            known[name] = stamp


def files_of(archive: IO[bytes]) -> Iterator[tuple[str, tarfile.TarInfo, IO[bytes]]]:
    """Yield path, member and content of each file in a tar stream of one folder; links and devices are left out."""
    with tarfile.open(fileobj=archive, mode="r|") as tar:
        for member in tar:
            name = member.name.partition("/")[2]
            content = tar.extractfile(member) if member.isfile() and name else None
            if content is not None:
                # A member of a stream says that it can seek, and fails when boto3 tries.
                yield name, member, stream(iter(partial(content.read, BLOCK), b""))
