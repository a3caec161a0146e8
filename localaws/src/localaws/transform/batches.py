"""Group the records of an object into mini-batches: the body of one invocation each."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from localaws.transform.errors import OversizeError
from localaws.transform.records import SPLITTERS, UNLIMITED, Record

MULTI_RECORD = "MultiRecord"
MIB = 1 << 20


@dataclass(frozen=True)
class Batch:
    """The body of one invocation, and the records it was made from."""

    body: bytes | IO[bytes]
    """A file, which the receiver closes, if it may be of any size."""
    records: list[bytes] = field(default_factory=list)
    """The payloads of the records before any filter, which a join needs."""


@dataclass(frozen=True)
class Batching:
    """How objects become mini-batches."""

    split: str
    """`SplitType`."""
    strategy: str
    """`BatchStrategy`: `MultiRecord` or `SingleRecord`."""
    limit: int
    """Largest body in bytes; 0: any size."""
    prepare: Callable[[bytes], bytes] | None
    """Filters the payload of a record; None: records are sent as they are."""
    work: Path
    """Folder for temporary files."""

    def batches(self, stream: IO[bytes]) -> Iterator[Batch]:
        """Yield the mini-batches of an object, in order.

        Raises:
            DataError: the object cannot be split or filtered, or a record is too large.
        """
        multiple = self.strategy == MULTI_RECORD
        if self.split == "None" or (multiple and self.limit == UNLIMITED and self.prepare is None):
            yield self._whole(stream)
        elif multiple:
            yield from self._multiple(SPLITTERS[self.split](stream, self.limit))
        else:
            for record in SPLITTERS[self.split](stream, self.limit):
                yield Batch(self._prepared(record.payload), [record.payload])

    def _multiple(self, records: Iterator[Record]) -> Iterator[Batch]:
        bodies: list[bytes] = []
        payloads: list[bytes] = []
        size = 0
        for record in records:
            body = record.framed if self.prepare is None else self._prepared(record.payload) + b"\n"
            if bodies and self.limit and size + len(body) > self.limit:
                yield Batch(b"".join(bodies), payloads)
                bodies, payloads, size = [], [], 0
            bodies.append(body)
            payloads.append(record.payload)
            size += len(body)
        if bodies:
            yield Batch(b"".join(bodies), payloads)

    def _whole(self, stream: IO[bytes]) -> Batch:
        if self.limit == UNLIMITED and self.prepare is None:
            copy = tempfile.TemporaryFile(dir=self.work)  # noqa: SIM115 -- the receiver closes it
            shutil.copyfileobj(stream, copy, MIB)
            copy.seek(0)
            return Batch(copy)
        content = stream.read(self.limit + 1 if self.limit else -1)
        if self.limit and len(content) > self.limit:
            raise OversizeError(self.limit)
        return Batch(self._prepared(content), [content])

    def _prepared(self, payload: bytes) -> bytes:
        return payload if self.prepare is None else self.prepare(payload)
