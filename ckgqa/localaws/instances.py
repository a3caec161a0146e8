"""The records of the servers that this user started, one a port: the process and its state folder.

They are in the user's cache folder, not in the state folders, so that a port alone is enough to find a server.
"""

import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from ckgqa.runtime.files import atomic_file
from ckgqa.runtime.locks import exclusive_lock
from ckgqa.runtime.user_cache import user_cache_dir

LOOPBACK = "127.0.0.1"
CLOCK_S = 2.0
"""Largest difference between two readings of a process's start: the system's clock may have been set."""


@dataclass(frozen=True)
class Instance:
    """A server that was started on a port; it may have ended since."""

    port: int
    state: str
    """Its state folder."""
    pid: int
    created: float
    """The start of its process, in seconds since the epoch. A process that got the same pid later has another."""

    @property
    def address(self) -> str:
        """Its address for programs on this machine."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def log(self) -> Path:
        """The file with its output."""
        return log_file(Path(self.state))

    def process(self) -> psutil.Process | None:
        """Return its process, or None if it ended."""
        holder = self._holder()
        return holder if holder and abs(holder.create_time() - self.created) < CLOCK_S else None

    def left_processes(self) -> list[psutil.Process]:
        """Return the processes that it started and that still run although it ended: they are in its session."""
        if self._holder():
            return []  # it runs, or another process got its pid, which is not given while its session has members
        return [process for process in psutil.process_iter() if _session(process) == self.pid != process.pid]

    def _holder(self) -> psutil.Process | None:
        """Return the process that has its pid now, unless that one has ended and nobody took notice."""
        try:
            process = psutil.Process(self.pid)
            return None if process.status() == psutil.STATUS_ZOMBIE else process
        except psutil.NoSuchProcess:
            return None


def localaws_home() -> Path:
    """Return the folder of everything that this package stores; it need not exist."""
    return user_cache_dir() / "localaws"


def default_state(port: int) -> Path:
    """Return the state folder of a port, unless another one is named."""
    return localaws_home() / str(port)


def log_file(state: Path) -> Path:
    """Return the file with the output of a state folder's server."""
    return state / "logs" / "localaws.log"


def read_instance(port: int) -> Instance | None:
    """Read the record of a port; None if there is none."""
    try:
        return Instance(**json.loads(_record(port).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def write_instance(instance: Instance) -> None:
    """Write the record of a port."""
    with atomic_file(_record(instance.port)) as work:
        work.write_text(json.dumps(asdict(instance)), encoding="utf-8")


def remove_instance(port: int) -> None:
    """Remove the record of a port if there is one."""
    _record(port).unlink(missing_ok=True)


def known_ports() -> list[int]:
    """Return the ports that have a record or a state folder in the default place, sorted."""
    places = [*localaws_home().glob("*"), *_record(0).parent.glob("*.json")]
    return sorted({int(place.stem) for place in places if place.stem.isdecimal()})


def port_is_taken(port: int) -> bool:
    """Return whether a program listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: ended connections do not count
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError:
            return False  # a port below 1024; the server will say so
        except OSError:
            return True
    return False


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the lock that every command which starts or stops a server holds; wait for it if necessary."""
    folder = _record(0).parent
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(exclusive_lock(folder))
        except BlockingIOError:
            sys.stderr.write("Waiting for another `ckgqa localaws` command to end...\n")
            stack.enter_context(exclusive_lock(folder, timeout_s=None))
        yield


def _record(port: int) -> Path:
    return localaws_home() / "instances" / f"{port}.json"


def _session(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except (ProcessLookupError, PermissionError):
        return None
