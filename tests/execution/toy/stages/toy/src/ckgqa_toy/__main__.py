"""read: numbers from a file, multiplied; judge: a tenth of their mean as the score; build: their sum, or an error."""

import logging
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.files import atomic_folder, write_value
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.program import Command, main
from ckgqa.runtime.progress import track
from ckgqa.runtime.settings import InputPath, OutputPath, OutputValue

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReadSettings:
    raw: InputPath
    numbers: OutputPath
    factor: int = 1
    """What each number is multiplied by."""


@dataclass(frozen=True)
class JudgeSettings:
    numbers: InputPath
    f1: OutputValue


@dataclass(frozen=True)
class BuildSettings:
    numbers: InputPath
    total: OutputPath
    behave: Literal["well", "input", "service", "once", "bug", "killed", "silent", "slow"] = "well"
    """What goes wrong."""
    url: str = ""
    """Address of a graph outside the run."""
    registry: str = ""
    """A folder outside the run; gets a file named by the run."""
    run: str = ""
    """The run's name."""
    checkpoint_dir: Path | None = None
    """Outlives the process."""


def read(settings: ReadSettings) -> None:
    words = list(track(settings.raw.read_text().split(), None, "numbers", "read"))
    with atomic_folder(settings.numbers) as folder:
        (folder / "numbers.txt").write_text(" ".join(str(float(word) * settings.factor) for word in words))


def judge(settings: JudgeSettings) -> None:
    numbers = _numbers(settings.numbers)
    f1 = sum(numbers) / len(numbers) / 10
    log_metrics(logger, f1=f1)
    write_value(settings.f1, f1)


def build(settings: BuildSettings) -> None:
    assert settings.checkpoint_dir is not None
    logger.info("an address of %d characters", len(settings.url))
    settings.checkpoint_dir.mkdir(parents=True, exist_ok=True)
    mark = settings.checkpoint_dir / "been-here"
    again = mark.exists()
    mark.write_text("yes")
    match settings.behave:
        case "input":
            raise InputError("numbers.txt line 1: as wrong as asked for")
        case "service":
            raise ServiceError(f"the service is late, as asked for {settings.url}".strip())
        case "once" if not again:
            raise ServiceError("late the first time, as asked for")
        case "bug":
            raise ZeroDivisionError("as asked for")
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "silent":
            return
        case "slow" if not again:
            logger.info("progress title=build done=1 total=100 unit=numbers")
            time.sleep(60)
    if settings.registry:
        (Path(settings.registry) / settings.run).touch()
    with atomic_folder(settings.total) as folder:
        (folder / "total.txt").write_text(f"{sum(_numbers(settings.numbers))} {'again' if again else 'first'}")


def _numbers(folder: Path) -> list[float]:
    return [float(word) for word in (folder / "numbers.txt").read_text().split()]


sys.exit(
    main(
        "ckgqa_toy",
        "Toys with numbers.",
        [
            Command("read", ReadSettings, read),
            Command("judge", JudgeSettings, judge),
            Command("build", BuildSettings, build),
        ],
    )
)
