"""Start a server, after everything that would keep it from running was looked at, and wait until it is ready."""

import dataclasses
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import psutil

from ckgqa.localaws.docker_leftovers import remove_leftovers
from ckgqa.localaws.environment import ServerProgram
from ckgqa.localaws.instances import (
    LOOPBACK,
    Instance,
    default_state,
    log_file,
    port_is_taken,
    read_instance,
    remove_instance,
    write_instance,
)
from ckgqa.localaws.processes import end_processes
from ckgqa.localaws.server_settings import (
    CONFIGURATION,
    differences,
    make_configuration,
    read_settings,
    write_settings,
)
from ckgqa.localaws.server_status import ask_status
from ckgqa.runtime.errors import EXIT_INPUT, EXIT_SERVICE, InputError, ServiceError, StageError
from ckgqa.runtime.settings import refusal

if TYPE_CHECKING:
    from localaws.configuration import Configuration

START_S = 120.0
"""Longest time until the server is ready; it usually takes seconds, and longer if its images are pulled."""
POLL_S = 0.1
"""Interval of the questions whether it is."""


@dataclasses.dataclass(frozen=True)
class Started:
    """A server that is ready."""

    instance: Instance
    process: "subprocess.Popen[bytes] | None"
    """Its process; None if it ran already."""


def start(
    state: Path | None,
    choices: Mapping[str, Any],
    find_program: Callable[[], ServerProgram],
    *,
    foreground: bool = False,
    patience_s: float = START_S,
) -> Started:
    """Start a server and wait until it is ready, unless it already runs with the same settings.

    The caller holds the lock `one_at_a_time`.

    Args:
        state: the state folder; None is the one that the port had last, or the default one.
        choices: values of `localaws.configuration.Configuration`'s fields, the port included.
        find_program: called if a server is to be started.
        foreground: let it write to this program's standard error instead of its log.
        patience_s: longest time until it is ready, in seconds.

    Raises:
        InputError: a setting is wrong, a server with other settings runs, or the folder is something else's.
        ServiceError: the port is taken, or the server is not ready in time.
        StageError: the server ended; the exit code is its own.
    """
    port = int(choices["port"])
    known = read_instance(port)
    folder = state.absolute() if state else Path(known.state) if known else default_state(port).absolute()
    asked = make_configuration(folder, choices)
    if known and known.process():
        _refuse_other_settings(known, asked)
        return Started(known, None)
    _refuse_folder(folder, port)
    _refuse_taken_port(port)
    program = find_program()
    asked = dataclasses.replace(asked, models=str(program.models))
    return _launch(asked, program, foreground=foreground, patience_s=patience_s)


def wait_for_end(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Wait until a server in the foreground ends; an exception stops it first.

    Raises:
        StageError: it ended by itself; the exit code is its own.
    """
    try:
        code = process.wait()
    finally:
        _end(process, port)
    if code:
        raise _failure(code, "localaws ended, see above")


def _refuse_other_settings(running: Instance, asked: "Configuration") -> None:
    """Raise InputError if a running server is not the one that is asked for."""
    there = read_settings(Path(running.state))
    other = [f"state={running.state}, not {asked.state}"] if running.state != asked.state else []
    other += differences(there, asked) if there else []
    if other:
        stop = f"stop it first: ckgqa localaws down --port {running.port} --keep-state"
        raise InputError(f"localaws runs on port {running.port} with {'; '.join(other)}; {stop}")


def _refuse_folder(folder: Path, port: int) -> None:
    """Raise InputError if a folder is not for a state, or holds that of a running server."""
    allowed = "a state folder of localaws, or one that is empty or does not exist"
    try:
        if not (folder / CONFIGURATION).exists() and any(folder.iterdir()):
            raise InputError(refusal("--state", folder, allowed))
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise InputError(refusal("--state", folder, allowed)) from error
    there = read_settings(folder)
    if there is None or there.port == port:
        return
    answer = ask_status(there.port) or {}
    if answer.get("state") == str(folder):
        raise InputError(refusal("--state", folder, f"a folder that the localaws on port {there.port} does not use"))


def _refuse_taken_port(port: int) -> None:
    """Raise ServiceError if the port is taken."""
    if port_is_taken(port):
        answer = ask_status(port)
        holder = f"another localaws (state {answer.get('state')})" if answer else "another program"
        raise ServiceError(f"port {port} of {LOOPBACK} is taken by {holder}; stop it, or name another with --port")


def _launch(configuration: "Configuration", program: ServerProgram, *, foreground: bool, patience_s: float) -> Started:
    """Start the process, record it, and wait until it is ready; stop it again if anything goes wrong."""
    state = Path(configuration.state)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    file, log = write_settings(configuration), log_file(state)
    with ExitStack() as stack:
        output = None if foreground else stack.enter_context(_new_log(log))
        # In its own session, so that Ctrl-C reaches us alone, and so that its own processes can be found.
        process = subprocess.Popen(
            [*program.command, str(file)],
            env=program.environment(),
            stdin=subprocess.DEVNULL,
            stdout=output or 2,
            stderr=output or 2,
            start_new_session=True,
        )
    try:
        created = psutil.Process(process.pid).create_time()
        instance = Instance(configuration.port, configuration.state, process.pid, created)
        write_instance(instance)
        _wait_until_ready(process, configuration, None if foreground else log, patience_s)
    except BaseException:
        _end(process, configuration.port)
        if not port_is_taken(configuration.port):  # by another server, of the same name
            remove_leftovers(configuration.instance, needed=False)
        raise
    if not foreground:
        process.returncode = 0  # it outlives this program on purpose, which Popen would warn about
    return Started(instance, process)


def _new_log(log: Path) -> IO[bytes]:
    """Open the log; the previous one is kept beside it."""
    log.parent.mkdir(exist_ok=True)
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
    return log.open("wb")


def _wait_until_ready(
    process: "subprocess.Popen[bytes]", configuration: "Configuration", log: Path | None, patience_s: float
) -> None:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        code = process.poll()
        if code is not None:
            raise _failure(code, f"localaws does not start: {_reason(log)}")
        answer = ask_status(configuration.port) or {}
        if answer.get("ready") and answer["instance"] == configuration.instance:
            return
        time.sleep(POLL_S)
    where = f"; its log: {log}" if log else ""
    raise ServiceError(f"localaws is not ready after {patience_s:.0f} s, and was stopped{where}")


def _reason(log: Path | None) -> str:
    """Return the last line of a log, without the words before the error."""
    if log is None:
        return "see above"
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f"{lines[-1].rpartition('error: ')[2] if lines else 'it wrote nothing'} (its log: {log})"


def _failure(code: int, message: str) -> StageError:
    return {EXIT_INPUT: InputError, EXIT_SERVICE: ServiceError}.get(code, StageError)(message)


def _end(process: "subprocess.Popen[bytes]", port: int) -> None:
    """End a server that is not wanted, and forget it."""
    instance = read_instance(port)
    if process.poll() is None:
        end_processes([psutil.Process(process.pid)])
        process.wait()
    if instance and instance.pid == process.pid:
        end_processes(instance.left_processes())
        remove_instance(port)
