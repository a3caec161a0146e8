"""A program that the command line runs ends with an exit code, and the command line with the same."""

import sys

import pytest

from ckgqa.cli import subprocess_services as services
from ckgqa.runtime.errors import InputError, ServiceError, StageError


@pytest.mark.parametrize(
    ("code", "error", "exit_code"),
    [(2, InputError, 2), (75, ServiceError, 75), (1, StageError, 1), (-9, StageError, 1), (3, StageError, 1)],
)
def test_an_exit_code_becomes_the_error_of_the_same_meaning(code: int, error: type[StageError], exit_code: int) -> None:
    raised = services.failure(code, "why")
    assert (type(raised), raised.exit_code, str(raised)) == (error, exit_code, "why")


@pytest.mark.parametrize("code", [1, 2, 75])
def test_a_server_that_ends_ends_the_command_with_its_code(monkeypatch, code: int) -> None:
    text = f"import sys; print('error: broken'); sys.exit({code})"
    monkeypatch.setattr(services, "command", lambda *_words: [sys.executable, "-c", text])
    with (
        services.started("answer") as server,
        pytest.raises(StageError, match="the page cannot be served: broken") as raised,
    ):
        server.process.wait()
        services.wait_until_up(server, "the page")
    assert raised.value.exit_code == code
