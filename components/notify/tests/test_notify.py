"""A notification stands in the run's folder and in the log, as it was given."""

import json
import logging
from pathlib import Path

import pytest
from ckgqa_notify.__main__ import COMMANDS
from ckgqa_notify.notify import NotifySettings, notify

from ckgqa.runtime.artefacts import NOTIFICATION
from ckgqa.runtime.manifest import read_manifest
from ckgqa.runtime.program import main

TITLE, MESSAGE = "门槛未过 (gate not passed)", 'F1 是 0.41,\n"0.6" was asked for; $HOME `ls` --level'


def run(*words: str) -> int:
    return main("ckgqa_notify", "Tells people how a run ended.", COMMANDS, ["notify", *words])


def test_the_artefact_holds_what_was_said_to_the_letter(tmp_path: Path):
    assert run("--title", TITLE, "--message", MESSAGE, "--notification", str(tmp_path / "n")) == 0
    written = json.loads((tmp_path / "n" / "notification.json").read_text(encoding="utf-8"))
    assert written == {"title": TITLE, "message": MESSAGE, "level": "warning"}
    assert read_manifest(tmp_path / "n", NOTIFICATION).made_by == "notify notify"


@pytest.mark.parametrize("level", ["info", "warning", "error"])
def test_the_log_has_it_at_its_level(tmp_path: Path, caplog: pytest.LogCaptureFixture, level: str):
    caplog.set_level(logging.INFO)
    notify(NotifySettings(TITLE, MESSAGE, tmp_path / "n", level))
    assert [(r.levelname, r.message) for r in caplog.records] == [(level.upper(), f"{TITLE}: {MESSAGE}")]
    assert json.loads((tmp_path / "n" / "notification.json").read_text(encoding="utf-8"))["level"] == level


def test_a_new_notification_takes_the_place_of_an_old_one(tmp_path: Path):
    for title in ("first", "second"):
        notify(NotifySettings(title, MESSAGE, tmp_path / "n"))
    assert json.loads((tmp_path / "n" / "notification.json").read_text(encoding="utf-8"))["title"] == "second"
    assert {path.name for path in (tmp_path / "n").iterdir()} == {"notification.json", "manifest.json"}


@pytest.mark.parametrize(
    ("title", "message", "words"),
    [
        (" ", MESSAGE, "--title ' ': expected one line"),
        ("two\nlines", MESSAGE, "--title 'two\\nlines': expected one line"),
        (TITLE, "", "--message '': expected"),
    ],
)
def test_a_notification_that_says_nothing_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], title: str, message: str, words: str
):
    assert run("--title", title, "--message", message, "--notification", str(tmp_path / "n")) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "n").exists()


def test_a_place_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(path: Path, value: object) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("ckgqa_notify.notify.write_json", full)
    assert run("--title", TITLE, "--message", MESSAGE, "--notification", str(tmp_path / "n")) == 75
    assert list(tmp_path.iterdir()) == []
