"""notify: writes down what it is told."""

import sys
from dataclasses import dataclass

from ckgqa.runtime.files import atomic_folder
from ckgqa.runtime.program import Command, main
from ckgqa.runtime.settings import OutputPath


@dataclass(frozen=True)
class NotifySettings:
    title: str
    message: str
    notification: OutputPath


def notify(settings: NotifySettings) -> None:
    with atomic_folder(settings.notification) as folder:
        (folder / "notification.txt").write_text(f"{settings.title}: {settings.message}")


sys.exit(main("ckgqa_notify", "Tells.", [Command("notify", NotifySettings, notify)]))
