"""Split an object into records, in constant memory.

A record keeps its frame beside its payload: AWS removes the frame of a record for `SingleRecord`, and leaves it in the
mini-batches of `MultiRecord`. The frame of a line is its newline character.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from localaws.transform.errors import DataError, OversizeError

UNLIMITED = 0
RECORD_IO_MAGIC = 0xCED7230A
"""Source: the RecordIO format of MXNet, `dmlc/recordio.h`."""
RECORD_IO_LENGTH = (1 << 29) - 1
TF_HEADER = struct.Struct("<QI")
TF_FOOTER = 4
MAX_RECORD = 1 << 31
"""Largest record in bytes if there is no other limit; a wrong length must not take the memory."""


@dataclass(frozen=True)
class Record:
    """One record of an object."""

    framed: bytes
    """As it stands in the object."""
    payload: bytes
    """Without its frame."""


def split_lines(stream: IO[bytes], limit: int) -> Iterator[Record]:
    """Split at newline characters; the last line may end without one.

    Raises:
        OversizeError: a line has more than `limit` bytes, its newline included.
    """
    while line := stream.readline(limit + 1 if limit else -1):
        if limit and len(line) > limit:
            raise OversizeError(limit)
        yield Record(line, line.removesuffix(b"\n").removesuffix(b"\r"))


def split_tf_records(stream: IO[bytes], limit: int) -> Iterator[Record]:
    """Split TensorFlow's format: length (8 bytes), its checksum (4), the payload, its checksum (4).

    Raises:
        DataError: the object ends inside of a record.
        OversizeError: a record has more than `limit` bytes.
    """
    while header := stream.read(TF_HEADER.size):
        length = TF_HEADER.unpack(_whole(header, TF_HEADER.size, "TFRecord"))[0]
        _check_size(length + len(header) + TF_FOOTER, limit)
        rest = _whole(stream.read(length + TF_FOOTER), length + TF_FOOTER, "TFRecord")
        yield Record(header + rest, rest[:length])


def split_record_io(stream: IO[bytes], limit: int) -> Iterator[Record]:
    """Split MXNet's format: a magic number (4 bytes), the length (4), the payload, zeros up to a multiple of 4 bytes.

    Raises:
        DataError: the object has another format, ends inside of a record, or has records in several parts.
        OversizeError: a record has more than `limit` bytes.
    """
    while header := stream.read(8):
        magic, word = struct.unpack("<II", _whole(header, 8, "RecordIO"))
        if magic != RECORD_IO_MAGIC:
            raise DataError("Failed to parse the input as RecordIO: the magic number is wrong")
        if word > RECORD_IO_LENGTH:
            raise DataError("Failed to parse the input as RecordIO: localaws does not read records in several parts")
        padded = (word + 3) // 4 * 4
        _check_size(padded + len(header), limit)
        rest = _whole(stream.read(padded), padded, "RecordIO")
        yield Record(header + rest, rest[:word])


SPLITTERS: Mapping[str, Callable[[IO[bytes], int], Iterator[Record]]] = {
    "Line": split_lines,
    "TFRecord": split_tf_records,
    "RecordIO": split_record_io,
}
"""`SplitType` -> the function that splits a stream into records of at most so many bytes."""


def _check_size(size: int, limit: int) -> None:
    if size > (limit or MAX_RECORD):
        raise OversizeError(limit or MAX_RECORD)


def _whole(data: bytes, size: int, name: str) -> bytes:
    if len(data) < size:
        raise DataError(f"Failed to parse the input as {name}: it ends inside of a record")
    return data
