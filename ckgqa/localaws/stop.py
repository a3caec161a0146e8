"""Stop a server, and remove everything that it leaves: processes, containers, networks, its record and its state."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from ckgqa.localaws.docker_leftovers import remove_leftovers
from ckgqa.localaws.instances import LOOPBACK, default_state, port_is_taken, read_instance, remove_instance
from ckgqa.localaws.processes import STOP_S, end_processes
from ckgqa.localaws.server_settings import read_settings
from ckgqa.localaws.server_status import ask_status
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.settings import refusal


@dataclass
class Removed:
    """What a stop found and removed."""

    server: bool = False
    left: list[str] = field(default_factory=list)
    """What a server left that ended without cleaning up."""
    state: Path | None = None
    kept_state: Path | None = None


def stop(port: int, state: Path | None, *, keep_state: bool, patience_s: float = STOP_S) -> Removed:
    """Stop the server on a port and remove what it leaves, also if it ended long ago.

    The caller holds the lock `one_at_a_time`.

    Args:
        port: its port.
        state: its state folder; None is the recorded or the default one.
        keep_state: leave the state folder for the next start.
        patience_s: longest time until the server ends by itself, in seconds.

    Raises:
        InputError: `state` is no state folder.
        ServiceError: somebody else's server runs on the port, or Docker does not answer.
    """
    known = read_instance(port)
    process = known.process() if known else None
    if process is None and ask_status(port):
        raise ServiceError(f"the localaws on port {port} was not started from here; stop it where it was started")
    folder = state.absolute() if state else Path(known.state) if known else default_state(port).absolute()
    removed = Removed(server=process is not None)
    if process:
        end_processes([process], patience_s)
    if known:
        left = known.left_processes()
        removed.left += [f"process {process.pid}" for process in left]
        end_processes(left)
        if port_is_taken(port) and removed.server:
            raise ServiceError(f"the server ended, but another program listens on port {port} of {LOOPBACK}")
    try:
        removed.left += remove_leftovers(f"localaws-{port}", needed=known is not None)
    finally:
        if keep_state:
            removed.kept_state = folder if folder.is_dir() else None
        elif _remove_state(folder):
            removed.state = folder
        remove_instance(port)
    return removed


def state_port(state: Path) -> int:
    """Return the port of the server whose state folder this is.

    Raises:
        InputError: it is no state folder.
    """
    settings = read_settings(state)
    if settings is None:
        raise InputError(refusal("--state", state, "a state folder of localaws"))
    return settings.port


def _remove_state(folder: Path) -> bool:
    """Remove a state folder; leave any other folder alone."""
    if not folder.is_dir() or read_settings(folder) is None:
        return False
    shutil.rmtree(folder)
    return True
