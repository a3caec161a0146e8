"""The settings of `notify`; every field is a flag, and the text under it is its help."""

from dataclasses import dataclass
from typing import Literal

from ckgqa.runtime.errors import require
from ckgqa.runtime.settings import CheckedSettings, OutputPath, refusal
from ckgqa.runtime.white_space import is_blank

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class NotifySettings(CheckedSettings):
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
        super().__post_init__()
        one_line = len(self.title.splitlines()) == 1 and not is_blank(self.title)
        require(one_line, refusal("--title", repr(self.title), "one line that says what happened"))
        require(not is_blank(self.message), refusal("--message", repr(self.message), "the reason"))
