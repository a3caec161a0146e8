"""`notify`: write a title and a message as an artefact of the run, and log them."""

import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from ckgqa.runtime.artefacts import NOTIFICATION, NOTIFICATION_JSON
from ckgqa.runtime.files import atomic_folder
from ckgqa.runtime.jsonlines import write_json
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa_notify.settings import Level, NotifySettings

logger = logging.getLogger(__name__)

LOG_LEVELS: dict[Level, int] = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


@dataclass(frozen=True)
class Notification:
    """The content of a notification."""

    title: str
    message: str
    level: Level


def notify(settings: NotifySettings) -> None:
    """Write a notification and log it."""
    notification = Notification(settings.title, settings.message, settings.level)
    write_notification(settings.notification, notification)
    logger.log(LOG_LEVELS[notification.level], "%s: %s", notification.title, notification.message)


def write_notification(folder: Path, notification: Notification) -> None:
    """Write the notification's artefact."""
    with atomic_folder(folder) as work:
        write_json(work / NOTIFICATION_JSON, asdict(notification))
        write_manifest(work, Manifest(*NOTIFICATION, "", "notify notify", {"level": notification.level}))
