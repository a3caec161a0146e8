"""Progress of long work: a live bar on a terminal, otherwise a log line every few seconds.

The line is `progress title=train done=1234 total=25776 unit=sentences`, and a pipeline's runner shows it live;
without a known total, `total` is absent.
"""

import logging
import re
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

LINE_PERIOD_S = 5.0
BAR_PERIOD_S = 0.2
BAR_CHARS = 30
_LINE = re.compile(r"progress title=(?P<title>\S+) done=(?P<done>\d+)(?: total=(?P<total>\d+))? unit=(?P<unit>\S+)")


@dataclass(frozen=True)
class ProgressLine:
    """The content of a progress line."""

    title: str
    done: int
    total: int | None
    unit: str


def parse_progress(line: str) -> ProgressLine | None:
    """Parse the progress in a log line, or return None if the line has none."""
    found = _LINE.search(line)
    if found is None:
        return None
    total = found["total"]
    return ProgressLine(found["title"], int(found["done"]), None if total is None else int(total), found["unit"])


class Progress:
    """Reports how far a piece of work is. Use it as a context manager and call `advance`.

    Args:
        total: the number of units, or None if it is not known.
        unit: the name of the units, such as `sentences`; one word.
        title: the name of the work, such as `train`; one word.
    """

    def __init__(self, total: int | None, unit: str, title: str) -> None:
        self.total = total
        self.unit = unit
        self.title = title
        self.done = 0
        self.note = ""
        self._bar = sys.stderr.isatty()
        self._started = self._shown = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._show(time.monotonic())
        if self._bar:
            sys.stderr.write("\n")

    def advance(self, count: int = 1, note: str = "") -> None:
        """Count `count` more units; on a terminal, the bar ends with `note` (such as the loss)."""
        self.done += count
        self.note = note or self.note
        now = time.monotonic()
        if now - self._shown >= (BAR_PERIOD_S if self._bar else LINE_PERIOD_S):
            self._show(now)

    def _show(self, now: float) -> None:
        self._shown = now
        if self._bar:
            sys.stderr.write(f"\r{self._bar_text(now)}\x1b[K")
            sys.stderr.flush()
        else:
            total = "" if self.total is None else f" total={self.total}"
            logger.info("progress title=%s done=%d%s unit=%s", self.title, self.done, total, self.unit)

    def _bar_text(self, now: float) -> str:
        rate = self.done / max(now - self._started, 1e-9)
        if not self.total:
            return f"{self.title} {self.done} {self.unit} {rate:.0f}/s {self.note}"
        share = min(self.done / self.total, 1.0)
        bar = ("█" * round(share * BAR_CHARS)).ljust(BAR_CHARS, "░")
        left_s = (self.total - self.done) / rate if rate else 0.0
        counted = f"{self.done}/{self.total} {self.unit} {rate:.0f}/s {left_s:.0f}s left"
        return f"{self.title} {bar} {share:4.0%} {counted} {self.note}"


def track(items: Iterable[Item], total: int | None, unit: str, title: str) -> Iterator[Item]:
    """Yield the items and report how many have been taken."""
    with Progress(total, unit, title) as progress:
        for item in items:
            yield item
            progress.advance()
