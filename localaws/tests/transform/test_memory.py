import io
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

from localaws.transform.batches import Batching
from localaws.transform.concurrency import ordered
from localaws.transform.output import append

MIB = 1 << 20


class Lines(io.RawIOBase):
    """An object of many lines that never is in memory as a whole."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._block = (b"x" * 1023 + b"\n") * 64

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self._left, len(self._block))
        size -= size % 1024
        buffer[:size] = self._block[:size]
        self._left -= size
        return size


def test_an_object_of_500_mb_takes_the_memory_of_its_mini_batches(tmp_path: Path):
    size = 500 * MIB
    batching = Batching("Line", "MultiRecord", 4 * MIB, None, tmp_path)
    written = 0
    tracemalloc.start()
    try:
        batches = batching.batches(io.BufferedReader(Lines(size)))
        with tempfile.TemporaryFile() as output:
            for batch, answer in ordered(batches, lambda one: one.body, 2):
                assert isinstance(answer, bytes)
                append(output, io.BytesIO(answer), "Line")
                written += output.tell()
                output.seek(0)  # the disk of a test is small
                del batch, answer
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert written == size
    assert peak < 64 * MIB
