import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from localaws.errors import LocalawsError
from localaws.registry.backend import RegistryBackend
from localaws.registry.program import PROGRAM

needs_program = pytest.mark.skipif(not shutil.which(PROGRAM), reason=f"needs the program {PROGRAM}")


def until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(pid):
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


@needs_program
def test_it_is_ready_when_entered_and_gone_afterwards(configuration, state):
    backend = RegistryBackend(configuration)
    with backend:
        assert backend.address.answers()
        pid = backend._server._process.pid
        assert (state / "registry" / "config.yml").stat().st_mode & 0o777 == 0o600
    assert not alive(pid)
    assert not backend.address.answers()
    assert not (state / "registry" / "registry.sock").exists()
    assert (state / "logs" / "registry.log").exists()


@needs_program
def test_it_starts_again_when_it_dies(configuration):
    with RegistryBackend(configuration) as backend:
        for _ in range(2):
            pid = backend._server._process.pid
            os.kill(pid, signal.SIGKILL)
            until(lambda old=pid: backend._server._process.pid != old and backend.address.answers())


@needs_program
def test_a_killed_localaws_takes_the_program_with_it(configuration):
    program = (
        "import sys, time; from localaws.configuration import Configuration as C;"
        "from localaws.registry.backend import RegistryBackend as B;"
        "b = B(C(state=sys.argv[1], models='', access_key='', secret_key=''));"
        "b.__enter__(); print(b._server._process.pid, flush=True); time.sleep(600)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", program, configuration.state], stdout=subprocess.PIPE, text=True, env=environment
    ) as localaws:
        pid = int(localaws.stdout.readline())
        assert alive(pid)
        with pytest.raises(LocalawsError, match="in use"), RegistryBackend(configuration):
            pass
        assert alive(pid)
        localaws.kill()
    # The next start finds the socket, and no program behind it.
    with RegistryBackend(configuration) as backend:
        assert backend.address.answers()
        until(lambda: not alive(pid))


@needs_program
def test_a_program_that_does_not_start_is_one_line(configuration, state):
    (state / "registry").mkdir(parents=True)
    (state / "registry" / "registry.sock").mkdir()
    with pytest.raises(LocalawsError), RegistryBackend(configuration):
        pass


def test_a_program_that_fails_is_reported_with_its_last_line(configuration, tmp_path, monkeypatch):
    program = tmp_path / "bin" / PROGRAM
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho cannot listen\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/bin:/usr/bin")
    with pytest.raises(LocalawsError) as caught, RegistryBackend(configuration):
        pass
    assert "cannot listen" in str(caught.value)
    assert "status 3" in str(caught.value)


def test_without_program_and_engine_one_line_says_what_to_install(configuration, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(LocalawsError) as caught:
        RegistryBackend(configuration)
    assert "apt-get install docker-registry" in str(caught.value)
    assert "registry:2" in str(caught.value)
    assert "\n" not in str(caught.value)


@needs_program
def test_a_state_folder_with_too_long_a_name_is_refused(configuration, tmp_path):
    state = str(tmp_path / ("long" * 30))
    with pytest.raises(LocalawsError):
        RegistryBackend(dataclasses.replace(configuration, state=state))
