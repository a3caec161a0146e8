"""Docker asked for and absent: one message, exit 75, nothing half done."""

import pytest

from ckgqa.cli.main import main

ABSENT = ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:1"]


@pytest.mark.parametrize("host", ABSENT)
@pytest.mark.parametrize("command", [["build"], ["build", "preprocess", "--no-tests"], ["list"], ["clean"]])
def test_an_absent_engine_is_said_with_what_would_be_right(
    command: list[str], host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    assert main(["images", *command]) == 75
    said = capsys.readouterr().err
    assert f"error: Docker was asked for and does not answer at {host} (" in said
    assert "Start the engine" in said
    assert "Traceback" not in said


def test_an_unknown_image_is_refused_before_the_engine_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", ABSENT[0])
    assert main(["images", "build", "nothing"]) == 2
    assert "there is no image 'nothing'; there are: base, " in capsys.readouterr().err
