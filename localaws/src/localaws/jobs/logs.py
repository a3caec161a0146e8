"""The log of a job: lines go to CloudWatch Logs while the job runs, and metrics are read from them."""

import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import regex
from botocore.exceptions import BotoCoreError, ClientError

from localaws.clients import AwsClient
from localaws.containers.engine import ENGINE_ERRORS

logger = logging.getLogger(__name__)

FLUSH_S = 0.5
MAX_EVENTS = 1000
MAX_BYTES = 900_000  # a request holds 1 MiB, and each event costs 26 bytes more
MAX_LINE = 200_000  # bytes of one event; CloudWatch takes 256 KiB
MATCH_S = 1.0  # longest time for one expression on one line


@dataclass(frozen=True)
class LogStream:
    """One stream of CloudWatch Logs."""

    client: AwsClient
    """Client of CloudWatch Logs."""
    group: str
    name: str

    def create(self) -> bool:
        """Make the group and the stream; return False if the role may not, as on AWS, where the log is then lost."""
        try:
            self._ensure(self.client.create_log_group, logGroupName=self.group)
            self._ensure(self.client.create_log_stream, logGroupName=self.group, logStreamName=self.name)
        except ClientError as error:
            logger.warning("%s: no log in CloudWatch (%s)", self.name, error)
            return False
        return True

    @staticmethod
    def _ensure(create: Callable[..., object], **words: str) -> None:
        try:
            create(**words)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                raise

    def put(self, events: list[dict[str, Any]]) -> None:
        """Write events; a refusal is logged and the events are lost."""
        try:
            self.client.put_log_events(logGroupName=self.group, logStreamName=self.name, logEvents=events)
        except (ClientError, BotoCoreError) as error:
            logger.warning("%s: %d lines did not reach CloudWatch (%s)", self.name, len(events), error)


class LogShipper:
    """Follows the output of one container to its end, in threads of its own.

    Args:
        chunks: the output.
        stream: receives its lines.
        on_line: is called with each of them.
        notices: lines of localaws, before those of the container.
    """

    def __init__(
        self, chunks: Iterator[bytes], stream: LogStream, on_line: Callable[[str], None], notices: Iterable[str] = ()
    ) -> None:
        self._chunks = chunks
        self._stream = stream
        self._on_line = on_line
        self._lines: queue.SimpleQueue[tuple[int, str] | None] = queue.SimpleQueue()
        for notice in notices:
            self._lines.put((int(time.time() * 1000), notice))
        self._threads = [threading.Thread(target=step, daemon=True) for step in (self._read, self._ship)]
        for thread in self._threads:
            thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait until everything is written."""
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _read(self) -> None:
        try:
            for line in split_lines(self._chunks):
                self._lines.put((int(time.time() * 1000), line))
                self._on_line(line)
        except ENGINE_ERRORS as error:
            logger.warning("%s: the engine broke off the log (%s)", self._stream.name, error)
        finally:
            self._lines.put(None)

    def _ship(self) -> None:
        there = False
        ended = False
        while not ended:
            events, ended = self._batch()
            if events:
                # As on AWS, a container that writes nothing has no stream.
                there = there or self._stream.create()
                if there:
                    self._stream.put(events)

    def _batch(self) -> tuple[list[dict[str, Any]], bool]:
        """Wait for the next line, then collect what comes within a moment; return it, and whether it was the last."""
        events: list[dict[str, Any]] = []
        size = 0
        deadline: float | None = None
        while len(events) < MAX_EVENTS and size < MAX_BYTES:
            try:
                item = self._lines.get(timeout=None if deadline is None else max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if item is None:
                return events, True
            deadline = deadline or time.monotonic() + FLUSH_S
            at, line = item
            events.append({"timestamp": at, "message": line})
            size += len(line.encode()) + 26
        return events, False


def split_lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Split chunks into lines; a line that is too long for one event is cut into several."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield from _cut(line)
        while len(rest) > MAX_LINE:
            yield rest[:MAX_LINE].decode("utf-8", "replace")
            rest = rest[MAX_LINE:]
    if rest:
        yield from _cut(rest)


def _cut(line: bytes) -> Iterator[str]:
    text = line.removesuffix(b"\r")
    for start in range(0, max(len(text), 1), MAX_LINE):
        yield text[start : start + MAX_LINE].decode("utf-8", "replace") or " "  # CloudWatch takes no empty message


class MetricReader:
    """Reads metrics from lines by the regular expressions of a training job's `MetricDefinitions`."""

    def __init__(self, definitions: Iterable[dict[str, str]]) -> None:
        self._patterns = [(one["Name"], regex.compile(one["Regex"])) for one in definitions]
        self.last: dict[str, tuple[float, float]] = {}
        """Name -> the last value and its time."""
        self._new: list[tuple[str, float, float]] = []
        self._lock = threading.Lock()

    def read(self, line: str) -> None:
        """Note the metrics of a line: the first group of each expression that matches, if it is a number."""
        for name, pattern in self._patterns:
            value = _number(pattern, line)
            if value is not None:
                with self._lock:
                    self.last[name] = (value, time.time())
                    self._new.append((name, value, time.time()))

    def take_new(self) -> list[tuple[str, float, float]]:
        """Return name, value and time of what was read since the last call."""
        with self._lock:
            new, self._new = self._new, []
        return new


def _number(pattern: "regex.Pattern[str]", line: str) -> float | None:
    try:
        match = pattern.search(line, timeout=MATCH_S)
        value = float(match[1]) if match else math.nan
    except (TimeoutError, IndexError, TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None  # JSON has no other number
