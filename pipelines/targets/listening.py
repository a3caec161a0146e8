"""What a stage says while it runs: progress, metrics and its error, read from the lines of its log."""

import math
import re
import signal
from dataclasses import dataclass
from typing import IO

from ckgqa.bundle.pipelines.record import RunRecord, TaskRecord
from ckgqa.runtime.errors import EXIT_BUG, EXIT_INPUT, EXIT_SERVICE
from ckgqa.runtime.log import without_credentials
from ckgqa.runtime.program import EXIT_INTERRUPTED, EXIT_TERMINATED
from ckgqa.runtime.progress import parse_progress

SHORT_OF_MEMORY = {-9, 137}
"""Exit codes of a process and of a container that were killed, which on one machine is the kernel, out of memory."""
STOPPED = {
    -signal.SIGINT: EXIT_INTERRUPTED,
    EXIT_INTERRUPTED: EXIT_INTERRUPTED,
    -signal.SIGTERM: EXIT_TERMINATED,
    EXIT_TERMINATED: EXIT_TERMINATED,
}
"""What a stage that somebody else stopped (by `kill`, `docker stop`) ends with, and the exit code that this is."""
_NUMBER = r"(?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|-?inf|nan)"
_METRICS = re.compile(rf": (?P<metrics>\w+={_NUMBER}(?: \w+={_NUMBER})*)$")
_ERROR = re.compile(r" ERROR [\w.]+: (?:error: )?(?P<text>.*)$")


@dataclass(frozen=True)
class Listener:
    """Writes a task's lines to its log, and what they tell to the run's record."""

    record: RunRecord
    task: str
    log: IO[str]

    def __call__(self, line: str) -> None:
        """Take one line."""
        line = without_credentials(line)
        self.log.write(line + "\n")
        self.log.flush()
        kept = self.record.tasks[self.task]
        if progress := parse_progress(line):
            self.record.show_progress(self.task, progress)
        elif metrics := _METRICS.search(line):
            pairs = (pair.split("=") for pair in metrics["metrics"].split())
            found = {name: float(value) for name, value in pairs}
            kept.metrics.update({name: value for name, value in found.items() if math.isfinite(value)})
        elif error := _ERROR.search(line):
            kept.error = error["text"]


def as_exit_code(code: int, task: TaskRecord) -> int:
    """Turn what a process or container ended with into an exit code of `ckgqa.runtime.errors`; say so in its error."""
    if code in SHORT_OF_MEMORY:
        task.error = "killed from outside, most likely by the kernel for want of memory"
        return EXIT_SERVICE
    if code in STOPPED:
        task.error = "stopped from outside"
        return STOPPED[code]
    if code in {0, EXIT_BUG, EXIT_INPUT, EXIT_SERVICE}:
        return code
    task.error = task.error or f"ended with {code}"
    return EXIT_BUG
