"""The registry's storage as a process: Debian's program `docker-registry`, on a UNIX socket in the state folder."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from localaws.errors import LocalawsError
from localaws.registry.address import StorageAddress
from localaws.registry.settings import registry_settings

PROGRAM = "docker-registry"
END_TIMEOUT_S = 10.0
TAKEOVER_TIMEOUT_S = 5.0
SOCKET_PATH_BYTES = 107
"""Longest path of a UNIX socket on Linux (`sun_path` holds 108 bytes with the closing zero)."""
_PR_SET_PDEATHSIG = 1


class RegistryProgram:
    """One process of `docker-registry`.

    Args:
        executable: its path.
        folder: folder of the layers, the socket and its configuration file.
        log: file that its output is added to.
        secret: see `registry_settings`.

    Raises:
        LocalawsError: the folder's name is too long for a UNIX socket.
    """

    poll_s = 0.2

    def __init__(self, executable: str, folder: Path, log: Path, secret: str) -> None:
        self._executable = executable
        self._folder = folder
        self._log = log
        self._secret = secret
        self._process: subprocess.Popen[bytes] | None = None
        # It is loaded here, because the forked child should only call it.
        self._libc = ctypes.CDLL(None) if sys.platform == "linux" else None
        socket = os.fsencode(self._socket)
        if len(socket) > SOCKET_PATH_BYTES:
            raise LocalawsError(
                f"{self._socket}: {len(socket)} bytes are too many for a socket's path, at most {SOCKET_PATH_BYTES} "
                "are possible; choose a state folder with a shorter name"
            )

    @property
    def address(self) -> StorageAddress:
        """Its address."""
        return StorageAddress("http://registry", str(self._socket))

    def start(self) -> None:
        """Start the process. Call it in a thread that lives as long as the process should: see `_end_with_parent`.

        Raises:
            LocalawsError: another process serves this folder, or the folder cannot be written.
        """
        try:
            self._start()
        except OSError as error:
            raise LocalawsError(f"{self._folder}: the registry does not start: {error}") from error

    def running(self) -> bool:
        """Return whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def reason(self) -> str:
        """Return the exit status and the last line of the log."""
        status = self._process.poll() if self._process else None
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return f"{PROGRAM} ended with status {status}" + (f": {lines[-1][:300]!r}" if lines else "")

    def stop(self) -> None:
        """End the process and remove its socket."""
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(END_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._socket.unlink(missing_ok=True)

    def _start(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._remove_socket()
        settings = self._folder / "config.yml"
        settings.touch(mode=0o600)
        settings.write_text(registry_settings(str(self._folder), "unix", str(self._socket), self._secret))
        # Its environment is empty, because REGISTRY_... variables would change its configuration.
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [self._executable, "serve", str(settings)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={},
                # Ctrl-C in the terminal ends localaws, which then ends the program after its last requests.
                start_new_session=True,
                preexec_fn=self._end_with_parent,  # noqa: PLW1509 - it makes one system call and takes no lock
            )

    @property
    def _socket(self) -> Path:
        return self._folder / "registry.sock"

    def _remove_socket(self) -> None:
        """Remove the socket of a process that is gone; wait for one that a killed localaws left a moment ago."""
        deadline = time.monotonic() + TAKEOVER_TIMEOUT_S
        while self.address.answers():
            if time.monotonic() > deadline:
                raise LocalawsError(f"{self._folder} is in use: stop the localaws that uses this state folder")
            time.sleep(0.1)
        self._socket.unlink(missing_ok=True)

    def _end_with_parent(self) -> None:
        """Let the kernel end the program when the thread that started it ends, also if localaws is killed."""
        if self._libc is not None:
            self._libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
