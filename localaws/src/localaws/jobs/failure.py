"""The reasons for which jobs fail, in AWS's words."""

from localaws.jobs.watch import End, Outcome

MAX_REASON = 1024
"""Longest FailureReason and ExitMessage, in characters."""
INTERNAL = "InternalServerError: We encountered an internal error.  Please try again."
OUT_OF_MEMORY = (
    "ClientError: Please use an instance type with more memory, or reduce the size of job data processed on an "
    "instance."
)
SHUTDOWN = f"{INTERNAL} (localaws ended while the job ran)"
BUG = f"{INTERNAL} (a fault of localaws; its log has the traceback)"
KILLED = f"{INTERNAL} (localaws was killed while the job ran)"


class JobFailedError(Exception):
    """A job has failed; the text becomes its FailureReason."""


def engine_failure(error: Exception) -> str:
    """Return the reason if the Docker engine refused something or went away."""
    return f"{INTERNAL} (localaws: Docker: {' '.join(str(error).split())})"[:MAX_REASON]


def disk_failure(size_gb: int) -> str:
    """Return the reason if the containers wrote more than their volume holds."""
    return f"ClientError: Insufficient disk space: the job has written more than the {size_gb} GB of VolumeSizeInGB"


def exit_failure(outcome: Outcome, message: str = "") -> str:
    """Return the reason if a container ended with a code other than 0.

    Args:
        outcome: how the containers ended.
        message: what a training job has written to `/opt/ml/output/failure`.
    """
    if outcome.out_of_memory:
        return OUT_OF_MEMORY
    tail = f", exit code: {outcome.failed_with}"
    return f"AlgorithmError: {message.strip()[: MAX_REASON - len(tail) - 16]}{tail}"


def refuse_unfinished(outcome: Outcome, volume_gb: int) -> None:
    """Raise if the containers were ended by something that makes the job fail.

    Raises:
        JobFailedError: localaws ends, or the disk is full.
    """
    if outcome.end is End.SHUTDOWN:
        raise JobFailedError(SHUTDOWN)
    if outcome.end is End.DISK:
        raise JobFailedError(disk_failure(volume_gb))
