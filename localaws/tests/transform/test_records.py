import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from localaws.transform.errors import DataError, OversizeError
from localaws.transform.records import RECORD_IO_MAGIC, SPLITTERS

# One TFRecord by hand: the length 3, a checksum, "abc", a checksum. Checksums are not looked at.
TF = b"\x03\0\0\0\0\0\0\0" + b"CRC1" + b"abc" + b"CRC2"
# One record of RecordIO by hand: the magic number, the length 5, five bytes, and zeros up to eight.
RECORD_IO = b"\x0a\x23\xd7\xce" + b"\x05\0\0\0" + b"abcde\0\0\0"


def split(kind: str, content: bytes, limit: int = 0) -> list[tuple[bytes, bytes]]:
    return [(one.framed, one.payload) for one in SPLITTERS[kind](io.BytesIO(content), limit)]


def test_lines_keep_their_newline_as_their_frame():
    assert split("Line", b"a,1\nb,2\r\n\nc,3") == [
        (b"a,1\n", b"a,1"),
        (b"b,2\r\n", b"b,2"),
        (b"\n", b""),
        (b"c,3", b"c,3"),
    ]


def test_binary_records_lose_length_checksums_and_padding():
    assert split("TFRecord", TF * 2) == [(TF, b"abc")] * 2
    assert split("RecordIO", RECORD_IO * 2) == [(RECORD_IO, b"abcde")] * 2


@pytest.mark.parametrize("kind", sorted(SPLITTERS))
def test_an_empty_object_has_no_records(kind):
    assert split(kind, b"") == []


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("TFRecord", TF[:-1]),
        ("TFRecord", TF + b"\x01"),
        ("TFRecord", b"not a record of TensorFlow"),
        ("RecordIO", RECORD_IO[:-1]),
        ("RecordIO", b"a,1\nb,2\n"),
        ("RecordIO", struct.pack("<II", RECORD_IO_MAGIC, 1 << 29 | 4) + b"part"),
    ],
)
def test_what_is_no_record_is_refused(kind, content):
    with pytest.raises(DataError):
        split(kind, content)


@pytest.mark.parametrize(("kind", "record"), [("Line", b"12345\n"), ("TFRecord", TF), ("RecordIO", RECORD_IO)])
def test_a_record_is_refused_only_if_it_is_larger_than_the_limit(kind, record):
    assert len(split(kind, record, len(record))) == 1
    with pytest.raises(OversizeError):
        split(kind, record, len(record) - 1)


def test_a_long_line_is_refused_before_it_is_read():
    stream = io.BytesIO(b"x" * 10_000_000)
    with pytest.raises(OversizeError):
        list(SPLITTERS["Line"](stream, 100))
    assert stream.tell() == 101


@given(st.binary(max_size=200))
def test_the_framed_lines_are_the_object(content):
    assert b"".join(framed for framed, _ in split("Line", content)) == content


@given(st.lists(st.binary(max_size=50), max_size=10))
def test_records_of_binary_formats_come_back(payloads):
    tf = b"".join(struct.pack("<QI", len(one), 7) + one + b"CRC2" for one in payloads)
    assert [payload for _, payload in split("TFRecord", tf)] == payloads
    record_io = b"".join(
        struct.pack("<II", RECORD_IO_MAGIC, len(one)) + one + b"\0" * (-len(one) % 4) for one in payloads
    )
    assert [payload for _, payload in split("RecordIO", record_io)] == payloads
