"""Parse the log lines of a running stage: progress, metrics and errors."""

import math
import re
import signal
from dataclasses import dataclass
from typing import IO

from ckgqa.execution.records.record import RunRecord, TaskRecord
from ckgqa.runtime.errors import EXIT_BUG, EXIT_INPUT, EXIT_SERVICE
from ckgqa.runtime.log import without_credentials
from ckgqa.runtime.program import EXIT_INTERRUPTED, EXIT_TERMINATED
from ckgqa.runtime.progress import parse_progress

KILLED = {-9, 137}
"""Exit codes of a process and of a container that were killed, most likely by the kernel for lack of memory."""
STOPPED = {
    -signal.SIGINT: EXIT_INTERRUPTED,
    EXIT_INTERRUPTED: EXIT_INTERRUPTED,
    -signal.SIGTERM: EXIT_TERMINATED,
    EXIT_TERMINATED: EXIT_TERMINATED,
}
"""Exit code of a stage that was stopped from outside (`kill`, `docker stop`) -> exit code of the run."""
_NUMBER = r"(?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|-?inf|nan)"
_METRICS = re.compile(rf": (?P<metrics>\w+={_NUMBER}(?: \w+={_NUMBER})*)$")
_ERROR = re.compile(r" ERROR [\w.]+: (?:error: )?(?P<text>.*)$")


@dataclass(frozen=True)
class LogParser:
    """Writes the lines of a task to its log, and progress, metrics and errors in them to the run's record."""

    record: RunRecord
    task: str
    log: IO[str]

    def __call__(self, line: str) -> None:
        """Parse one line."""
        line = without_credentials(line)
        self.log.write(line + "\n")
        self.log.flush()
        entry = self.record.tasks[self.task]
        if progress := parse_progress(line):
            self.record.show_progress(self.task, progress)
        elif metrics := _METRICS.search(line):
            pairs = (pair.split("=") for pair in metrics["metrics"].split())
            values = {name: float(value) for name, value in pairs}
            entry.metrics.update({name: value for name, value in values.items() if math.isfinite(value)})
        elif error := _ERROR.search(line):
            entry.error = error["text"]


def as_exit_code(code: int, task: TaskRecord) -> int:
    """Map the exit code of a process or container to one of `ckgqa.runtime.errors`, and record the reason."""
    if code in KILLED:
        task.error = "killed from outside, most likely by the kernel for lack of memory"
        return EXIT_SERVICE
    if code in STOPPED:
        task.error = "stopped from outside"
        return STOPPED[code]
    if code in {0, EXIT_BUG, EXIT_INPUT, EXIT_SERVICE}:
        return code
    task.error = task.error or f"ended with {code}"
    return EXIT_BUG
