"""How long `duie` takes beside `json.loads` over the same lines, and how much memory it holds at two sizes.

    python components/preprocess/benchmarks/duie_speed.py --raw DuIE_2_0.zip

The lines are those of the archive's train.json, over and over, each with a number in its text so that no two are
equal. Both are timed in this process after the imports, best of several rounds; memory is the peak of a process of its
own for each size, so that one does not hide the other. Without `--raw` the bundled sample is used.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
from ckgqa_preprocess.archive import open_archive
from ckgqa_preprocess.duie.settings import DuieSettings
from ckgqa_preprocess.duie.stage import DUIE, preprocess_duie

from ckgqa.runtime.log import log_metrics, set_up_logging
from ckgqa.sample import write_sample

logger = logging.getLogger("duie_speed")

SIZES = (100_000, 500_000)
ROUNDS = 3
KIB_IN_MIB = 1024
# VmHWM, since getrusage's ru_maxrss begins with what the parent held.
PEAK_OF = """
import pathlib, sys
from ckgqa_preprocess.duie.settings import DuieSettings
from ckgqa_preprocess.duie.stage import preprocess_duie
preprocess_duie(DuieSettings(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
status = pathlib.Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


def main() -> None:
    """Measure and log the figures."""
    parser = argparse.ArgumentParser(description="Times duie beside json.loads and measures its memory.")
    parser.add_argument("--raw", type=Path, help="a DuIE archive (default: the bundled sample)")
    chosen = parser.parse_args()
    set_up_logging()
    with tempfile.TemporaryDirectory(prefix="duie-speed-") as work:
        folder = Path(work)
        raw = chosen.raw
        if raw is None:
            raw = folder / "sample.zip"
            write_sample(raw)
        for size in SIZES:
            big = _multiply(raw, folder / f"raw-{size}", size)
            log_metrics(logger, lines=size, peak_rss_mib=_peak_mib(big, folder / "out"))
        lines = (big / "train.json").read_bytes().splitlines()
        loads_s = _best(lambda: _loads(lines))
        lines.clear()
        # dev.json is one line, so that both read the same.
        duie_s = _best(lambda: preprocess_duie(DuieSettings(big, folder / "out")))
        log_metrics(logger, lines=SIZES[-1], loads_s=loads_s, duie_s=duie_s, ratio=duie_s / loads_s)


def _multiply(raw: Path, folder: Path, size: int) -> Path:
    """Write a folder whose train.json has `size` lines, and whose dev.json has one."""
    folder.mkdir()
    with open_archive(raw, DUIE) as archive:
        (folder / "schema.json").write_bytes(b"\n".join(archive.lines("schema")))
        records = [json.loads(line) for line in archive.lines("train") if line.strip()]
    endless = ((number, record) for number in count() for record in records)
    with (folder / "train.json").open("w", encoding="utf-8") as out:
        for number, record in islice(endless, size):
            out.write(json.dumps({**record, "text": f"{record['text']}{number}"}, ensure_ascii=False) + "\n")
    (folder / "dev.json").write_text(json.dumps(records[0], ensure_ascii=False), encoding="utf-8")
    return folder


def _loads(lines: list[bytes]) -> None:
    for line in lines:
        json.loads(line)


def _best(work: Callable[[], None]) -> float:
    """Return the seconds of the fastest round."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def _peak_mib(raw: Path, out: Path) -> float:
    """Run the command in a process of its own and return its peak resident memory, which Linux counts in KiB."""
    words = [sys.executable, "-c", PEAK_OF, str(raw), str(out)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    return int(ended.stdout) / KIB_IN_MIB


if __name__ == "__main__":
    main()
