"""Programs of stages that the command line runs beside itself: the model's server, and what answers from it."""

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
from ckgqa.bundle.pipelines.targets.environment import environment_of
from ckgqa.registry.folder import FolderRegistry
from ckgqa.runtime.errors import EXIT_INPUT, InputError, ServiceError

QUESTION_MODELS = "question-model"
LOOPBACK = "127.0.0.1"
START_S = 30.0
"""Longest time that a server may take to answer; seconds is usual."""
STOP_S = 25.0
"""Longest time that it may take to end after SIGTERM: a little more than it lets its requests have."""
POLL_S = 0.03
LISTENS = re.compile(r"listening on (http://\S+)")
"""What a server logs as soon as it can be asked."""


@dataclass(frozen=True)
class Started:
    """A program that runs, and what it says."""

    process: "subprocess.Popen[bytes]"
    output: IO[bytes]

    def said(self) -> str:
        """Return all that it has said so far."""
        # Its own descriptor writes at the same offset, so reading must not move it.
        size = os.fstat(self.output.fileno()).st_size
        return os.pread(self.output.fileno(), size, 0).decode("utf-8", "replace")

    def reason(self) -> str:
        """Return the last line that it has said."""
        lines = self.said().strip().splitlines()
        return lines[-1].rpartition("error: ")[2] if lines else "it said nothing"


def command(stage: str, *words: str) -> list[str]:
    """Return the command line of a stage's program."""
    return [sys.executable, "-m", f"ckgqa_{stage}", *words]


def environment(stage: str) -> dict[str, str]:
    """Return the environment of a stage's program."""
    return environment_of(ROOT / "components" / stage / "src")


@contextmanager
def started(stage: str, *words: str, **variables: str) -> Iterator[Started]:
    """Run a stage's program for the time of the block, then end it and wait for its end.

    Args:
        stage: whose program.
        words: of its command line.
        variables: for its environment, where the caller's does not have them.
    """
    with tempfile.TemporaryFile() as output:
        # A session of its own: a Ctrl-C reaches us alone, and we end it in order.
        process = subprocess.Popen(
            command(stage, *words),
            env={**variables, **environment(stage)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield Started(process, output)
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.create_server((LOOPBACK, 0)) as listening:
        return int(listening.getsockname()[1])


def refuse_ended(program: Started, what: str) -> None:
    """See that a server still runs.

    Raises:
        InputError: it ended because what it was given is wrong.
        ServiceError: it ended for another reason.
    """
    code = program.process.poll()
    if code is not None:
        error = InputError if code == EXIT_INPUT else ServiceError
        raise error(f"{what} cannot be served: {program.reason()}")


def wait_until_up(program: Started, what: str) -> str:
    """Wait until a server listens, and return its address.

    Its own log says so: an answer to a request might come from another program that has the port.

    Raises:
        InputError: it ended because what it was given is wrong.
        ServiceError: it ended for another reason, or does not listen in time.
    """
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        listens = LISTENS.search(program.said())
        if listens is not None:
            return listens[1]
        refuse_ended(program, what)
        time.sleep(POLL_S)
    raise ServiceError(f"{what} does not listen after {START_S:.0f} s: {program.reason()}")


def model_folder(models_dir: Path, model: str) -> Path:
    """Return the folder of the question model that is meant.

    Args:
        models_dir: of the registry.
        model: a model's folder, an id of the registry, or empty for the newest approved one.

    Raises:
        InputError: there is none, or the one that is named is not approved.
    """
    if model and Path(model).is_dir():
        return Path(model)
    registry = FolderRegistry(models_dir)
    if not model:
        return registry.approved(QUESTION_MODELS).model_folder
    package = registry.package(model)
    if package.status != "approved":
        raise InputError(f"{package.id} is {package.status}; `ckgqa models approve {package.id}` lets it be served")
    package.refuse_changed()
    return package.model_folder


@contextmanager
def model_server(models_dir: Path, model: str) -> Iterator[tuple[str, Started]]:
    """Run the server of a question model for the time of the block; it may not answer at once.

    Yields:
        Its address, and its program.

    Raises:
        InputError: there is no such model.
    """
    folder, port = model_folder(models_dir, model), free_port()
    words = ("serve", "--model", str(folder), "--host", LOOPBACK, "--port", str(port))
    with started("train_jointbert", *words) as server:
        yield f"http://{LOOPBACK}:{port}", server
