import io
import json
import tarfile

import pytest
from localaws.jobs.s3 import S3Object, list_manifest, list_prefix, parse_s3_uri, shard, upload_folder


class FakeS3:
    """The calls of S3 that the module makes, over a dictionary of keys."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects
        self.uploaded: dict[str, bytes] = {}

    def get_paginator(self, name: str) -> "FakeS3":
        assert name == "list_objects_v2"
        return self

    def paginate(self, Bucket: str, Prefix: str) -> list[dict]:  # noqa: N803 -- as in boto3
        assert Bucket == "data"
        found = [{"Key": key, "Size": len(body)} for key, body in self.objects.items() if key.startswith(Prefix)]
        return [{"Contents": [one]} for one in found] or [{}]

    def get_object(self, Bucket: str, Key: str) -> dict:  # noqa: N803 -- as in boto3
        assert Bucket == "data"
        return {"Body": io.BytesIO(self.objects[Key])}

    def head_object(self, Bucket: str, Key: str) -> dict:  # noqa: N803 -- as in boto3
        assert Bucket == "data"
        return {"ContentLength": len(self.objects[Key])}

    def upload_fileobj(self, content, bucket: str, key: str) -> None:
        self.uploaded[f"{bucket}/{key}"] = content.read()


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("in/", ["a", "b/c", "b.txt"]),
        ("in", ["a", "b/c", "b.txt"]),
        ("in/a", ["a"]),  # a whole object: a folder with one file
        ("in/b", ["b/c", "b.txt"]),  # no folder, but the start of two keys
        ("", ["in/a", "in/b/c", "in/b.txt"]),
        ("in/b/", ["c"]),
        ("other", []),
    ],
)
def test_names_in_the_folder_of_a_prefix(prefix, names):
    s3 = FakeS3({"in/": b"", "in/a": b"1", "in/b/c": b"22", "in/b.txt": b"333"})
    uri = parse_s3_uri(f"s3://data/{prefix}")
    expected = ["c" if prefix == "in/b" and name == "b/c" else name for name in names]
    assert [one.name for one in list_prefix(s3, uri)] == expected


def test_a_manifest_names_objects_below_its_prefix():
    manifest = json.dumps([{"prefix": "s3://data/x/"}, "a", "b/c"]).encode()
    s3 = FakeS3({"m": manifest, "x/a": b"1", "x/b/c": b"22"})
    found = list_manifest(s3, parse_s3_uri("s3://data/m"))
    assert found == [S3Object("data", "x/a", 1, "a"), S3Object("data", "x/b/c", 2, "b/c")]
    with pytest.raises(ValueError, match="not a manifest"):
        list_manifest(FakeS3({"m": b"[]"}), parse_s3_uri("s3://data/m"))


def test_a_key_that_climbs_out_of_its_folder_is_refused():
    with pytest.raises(ValueError, match="no name of a file"):
        list_prefix(FakeS3({"in/../../bin/train": b""}), parse_s3_uri("s3://data/in/"))


def test_shards_are_disjoint_and_complete():
    objects = [S3Object("data", str(number), 1, str(number)) for number in range(7)]
    shards = [shard(objects, "ShardedByS3Key", host, 3) for host in range(3)]
    assert sorted((one for part in shards for one in part), key=lambda one: one.key) == objects
    assert shard(objects, "FullyReplicated", 2, 3) == objects


def archive(files: dict[str, bytes]) -> io.BytesIO:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), 5
            tar.addfile(member, io.BytesIO(content))
    target.seek(0)
    return target


def test_a_folder_is_uploaded_and_what_is_known_is_not_uploaded_again():
    s3, known = FakeS3({}), {}
    upload_folder(s3, parse_s3_uri("s3://data/out/"), archive({"out/a": b"1", "out/sub/b": b"22"}), known)
    assert s3.uploaded == {"data/out/a": b"1", "data/out/sub/b": b"22"}
    s3.uploaded = {}
    upload_folder(s3, parse_s3_uri("s3://data/out"), archive({"out/a": b"1", "out/sub/b": b"333"}), known)
    assert s3.uploaded == {"data/out/sub/b": b"333"}
