"""A command of the stage measured as a process of its own, and the folders that a measurement needs."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from synthetic_facts import SEED, write_facts

from ckgqa.runtime.log import set_up_logging

SOURCE = Path(__file__).resolve().parents[1] / "src"
SIZES = (1_000_000, 2_500_000, 5_000_000, 10_000_000)
# What `csv` holds at most while it works, its input and its overflow with it, and what it leaves.
BYTES_PER_TRIPLE = 1300
CSV_BYTES_PER_TRIPLE = 450


@dataclass(frozen=True)
class Measured:
    """The cost of one run of a command."""

    seconds: float
    cpu_seconds: float
    """Of all threads: what does not depend on who else uses the machine."""
    peak_mb: float
    """Resident memory. The kernel counts from what this process held when it started the command: 50 MB."""


def measure(arguments: list[str], temporary: Path) -> Measured:
    """Run the stage's program with these words and wait for it; its log goes to standard error.

    Args:
        arguments: the command and its flags.
        temporary: where the program puts what it sorts on disk.

    Raises:
        SystemExit: the program failed.
    """
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "TMPDIR": str(temporary), "SQLITE_TMPDIR": str(temporary)}
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "ckgqa_neptune_load", *arguments], env=environment)
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    return Measured(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


@contextmanager
def work_folder(inside: Path, largest: int, kept: int = 0) -> Iterator[Path]:
    """Make a folder that is removed with the block, also after Ctrl-C and SIGTERM.

    Args:
        inside: where to make it.
        largest: triples of the largest size, which must fit.
        kept: triples of all sizes whose CSV stays.

    Raises:
        SystemExit: too little room; or a signal has come.
    """
    set_up_logging()
    inside.mkdir(parents=True, exist_ok=True)
    needed = largest * BYTES_PER_TRIPLE + kept * CSV_BYTES_PER_TRIPLE
    if shutil.disk_usage(inside).free < needed:
        raise SystemExit(f"{inside}: {needed / 1e9:.1f} GB must be free")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    with tempfile.TemporaryDirectory(prefix="scale.", dir=inside) as folder:
        yield Path(folder)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def csv_of(work: Path, size: int, seed: int = SEED) -> tuple[Path, Measured]:
    """Make facts of that size and their CSV, in `work`; the facts go at once, and of another seed are others."""
    facts, graph_csv = work / f"facts-{size}", work / f"csv-{size}"
    write_facts(facts, size, seed)
    measured = measure(["csv", "--facts", str(facts), "--graph-csv", str(graph_csv)], work)
    shutil.rmtree(facts)
    return graph_csv, measured
