"""Programs of stages that the command line runs as subprocesses: the server of a model, and the answerer."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ckgqa.bundle import ROOT
from ckgqa.execution.local.environment import environment_of
from ckgqa.registry.model_groups import QUESTION_MODEL
from ckgqa.registry.selection import choose_model
from ckgqa.runtime.errors import EXIT_INPUT, EXIT_SERVICE, InputError, ServiceError, StageError

LOOPBACK = "127.0.0.1"
START_S = 30.0
"""Longest time until a server listens; it usually takes seconds."""
STOP_S = 25.0
"""Longest time until a server ends after SIGTERM: a little longer than its requests may take."""
POLL_S = 0.03
LISTENS = re.compile(r"listening on (http://\S+)")
"""What a server logs as soon as it accepts requests."""


@dataclass(frozen=True)
class Subprocess:
    """A running program and its output."""

    process: "subprocess.Popen[bytes]"
    output: IO[bytes]

    def text(self) -> str:
        """Return its output so far."""
        # Its own descriptor writes at the same offset, so reading must not move it.
        size = os.fstat(self.output.fileno()).st_size
        return os.pread(self.output.fileno(), size, 0).decode("utf-8", "replace")

    def reason(self) -> str:
        """Return the last line of its output, without the words before the error."""
        lines = self.text().strip().splitlines()
        return lines[-1].rpartition("error: ")[2] if lines else "it wrote nothing"


def command(stage: str, *words: str) -> list[str]:
    """Return the command line of a stage's program."""
    return [sys.executable, "-m", f"ckgqa_{stage}", *words]


def environment(stage: str) -> dict[str, str]:
    """Return the environment of a stage's program."""
    return environment_of(ROOT / "components" / stage / "src")


@contextmanager
def started(stage: str, *words: str, log: Path | None = None, **variables: str) -> Iterator[Subprocess]:
    """Run a stage's program for the time of the block, then end it and wait for its end.

    Args:
        stage: the stage of the program.
        words: its arguments.
        log: receives its output; the previous log is kept beside it. None: the output is temporary.
        variables: for its environment, unless the caller's environment has them.

    Raises:
        ServiceError: the log cannot be written.
    """
    with _output(log) as output:
        # In its own session, so that Ctrl-C reaches us alone and we stop it in order.
        process = subprocess.Popen(
            command(stage, *words),
            env={**variables, **environment(stage)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield Subprocess(process, output)
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _output(log: Path | None) -> IO[bytes]:
    if log is None:
        return tempfile.TemporaryFile()
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_name(f"{log.name}.1"))
        return log.open("w+b")
    except OSError as error:
        raise ServiceError(f"--log-dir {log.parent}: {log.name} cannot be written ({error})") from error


def free_port() -> int:
    """Return a free port of the loopback interface."""
    with socket.create_server((LOOPBACK, 0)) as listening:
        return int(listening.getsockname()[1])


def refuse_ended(program: Subprocess, what: str) -> None:
    """Check that a server still runs.

    Raises:
        StageError: it ended, see `failure`.
    """
    code = program.process.poll()
    if code is not None:
        raise failure(code, f"{what} cannot be served: {program.reason()}")


def failure(code: int, message: str) -> StageError:
    """Return the error for a program that ended with an exit code: `InputError`, `ServiceError`, or that of a bug."""
    return {EXIT_INPUT: InputError, EXIT_SERVICE: ServiceError}.get(code, StageError)(message)


def wait_until_up(program: Subprocess, what: str, patience_s: float = START_S) -> str:
    """Wait until a server listens, and return its address.

    The log of the server decides: an answer to a request might come from another program on the same port.

    Args:
        program: the server.
        what: its name for people.
        patience_s: longest time to wait, in seconds.

    Raises:
        StageError: it ended, see `failure`.
        ServiceError: it does not listen in time.
    """
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        listens = LISTENS.search(program.text())
        if listens is not None:
            return listens[1]
        refuse_ended(program, what)
        time.sleep(POLL_S)
    raise ServiceError(f"{what} does not listen after {patience_s:.0f} s: {program.reason()}")


@contextmanager
def model_server(registry: Path, model: str, log: Path | None = None) -> Iterator[tuple[str, Subprocess]]:
    """Run the server of a question model for the time of the block; it takes a while to start.

    Yields:
        Its address, and its program.

    Raises:
        InputError: there is no such model.
    """
    folder, port = choose_model(registry, QUESTION_MODEL, model), free_port()
    words = ("serve", "--model", str(folder), "--host", LOOPBACK, "--port", str(port))
    with started("train_jointbert", *words, log=log) as server:
        yield f"http://{LOOPBACK}:{port}", server
