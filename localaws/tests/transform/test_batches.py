import io
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from localaws.transform.batches import Batch, Batching
from localaws.transform.errors import OversizeError
from localaws.transform.output import append

RECORDS = b"aa\nbb\nccc\nd\n"


def batching(split: str = "Line", strategy: str = "MultiRecord", limit: int = 6, prepare=None) -> Batching:
    return Batching(split, strategy, limit, prepare, Path("/tmp"))


def read(batch: Batch) -> bytes:
    assert isinstance(batch.body, bytes)
    return batch.body


def bodies(content: bytes, **settings) -> list[bytes]:
    return [read(one) for one in batching(**settings).batches(io.BytesIO(content))]


def test_a_mini_batch_has_as_many_records_as_fit():
    assert bodies(RECORDS) == [b"aa\nbb\n", b"ccc\nd\n"]
    assert bodies(RECORDS, limit=5) == [b"aa\n", b"bb\n", b"ccc\n", b"d\n"]
    assert bodies(RECORDS, limit=100) == [RECORDS]


def test_a_single_record_has_no_newline():
    assert bodies(RECORDS, strategy="SingleRecord") == [b"aa", b"bb", b"ccc", b"d"]


def test_a_mini_batch_knows_its_records():
    first, second = batching().batches(io.BytesIO(RECORDS))
    assert (first.records, second.records) == ([b"aa", b"bb"], [b"ccc", b"d"])


def test_an_object_that_is_not_split_is_one_mini_batch():
    for strategy in ("MultiRecord", "SingleRecord"):
        assert bodies(RECORDS, split="None", strategy=strategy, limit=12) == [RECORDS]
        assert bodies(b"", split="None", strategy=strategy) == [b""]
        with pytest.raises(OversizeError):
            bodies(RECORDS, split="None", strategy=strategy, limit=11)


def test_without_a_limit_the_object_goes_through_a_file():
    for split in ("None", "Line"):
        (batch,) = batching(split=split, limit=0).batches(io.BytesIO(RECORDS))
        assert not isinstance(batch.body, bytes)
        with batch.body:
            assert batch.body.read() == RECORDS
    assert bodies(RECORDS, strategy="SingleRecord", limit=0) == [b"aa", b"bb", b"ccc", b"d"]


def test_records_are_filtered_before_they_are_counted():
    assert bodies(RECORDS, prepare=lambda record: record[:1]) == [b"a\nb\nc\n", b"d\n"]
    assert bodies(RECORDS, strategy="SingleRecord", prepare=bytes.upper) == [b"AA", b"BB", b"CCC", b"D"]
    assert bodies(b"ab", split="None", prepare=bytes.upper) == [b"AB"]


LINES = st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b" ").replace(b"\r", b" ")), max_size=30)


@given(LINES, st.sampled_from(["MultiRecord", "SingleRecord"]), st.integers(21, 80), st.booleans())
def test_the_echo_of_the_mini_batches_is_the_input(lines, strategy, limit, ends_with_newline):
    content = b"\n".join(lines) + (b"\n" if ends_with_newline and lines else b"")
    output = io.BytesIO()
    for body in bodies(content, strategy=strategy, limit=limit):
        assert len(body) <= limit
        append(output, io.BytesIO(body), "Line")
    expected = content + (b"\n" if content and not content.endswith(b"\n") else b"")
    assert output.getvalue() == expected


@given(LINES, st.integers(21, 80))
def test_mini_batches_are_as_large_as_they_can_be(lines, limit):
    content = b"".join(line + b"\n" for line in lines)
    found = batching(limit=limit).batches(io.BytesIO(content))
    for one, after in itertools.pairwise(found):
        assert len(read(one)) + len(after.records[0]) + 1 > limit
