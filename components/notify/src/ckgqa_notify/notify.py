"""`notify`: a title and a message become an artefact, which stays with the run, and a record in the log."""

import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from ckgqa.runtime.errors import require
from ckgqa.runtime.files import whole_folder
from ckgqa.runtime.jsonlines import write_json
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.program import OutputPath

logger = logging.getLogger(__name__)

Level = Literal["info", "warning", "error"]
LOG_LEVELS: dict[Level, int] = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
FORMAT, VERSION = "ckgqa/notification", 1


@dataclass(frozen=True)
class NotifySettings:
    """Settings of `notify`."""

    title: str
    """What happened, in one line."""
    message: str
    """Why, and what can be done; may have several lines."""
    notification: OutputPath
    """Folder that receives notification.json."""
    level: Level = "warning"
    """How serious it is; warning, since a gate that was not passed is no fault of a program."""

    def __post_init__(self) -> None:
        require(bool(self.title.strip()), "--title is empty: say in one line what happened")
        require(len(self.title.splitlines()) == 1, "--title has several lines: one is expected, the rest is --message")
        require(bool(self.message.strip()), "--message is empty: say why it happened")


@dataclass(frozen=True)
class Notification:
    """What is told."""

    title: str
    message: str
    level: Level


def notify(settings: NotifySettings) -> None:
    """Write a notification and log it."""
    notification = Notification(settings.title, settings.message, settings.level)
    write_notification(settings.notification, notification)
    logger.log(LOG_LEVELS[notification.level], "%s: %s", notification.title, notification.message)


def write_notification(folder: Path, notification: Notification) -> None:
    """Leave the notification where the run's record finds it."""
    with whole_folder(folder) as work:
        write_json(work / "notification.json", asdict(notification))
        write_manifest(work, Manifest(FORMAT, VERSION, "", "notify notify", {"level": notification.level}))
