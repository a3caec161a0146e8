"""Only the settings that shape a model belong to its identity."""

from dataclasses import dataclass
from pathlib import Path

from ckgqa.runtime.settings import InputPath
from ckgqa.training.identity import NON_MODEL_SETTINGS, shaping_settings


@dataclass(frozen=True)
class Settings:
    sentences: InputPath
    epochs: int = 3
    seed: int = 13
    device: str = "cpu"
    checkpoint_dir: str = "there"
    checkpoint_minutes: float = 1.0
    tensorboard_dir: str = ""


def test_paths_and_what_a_restart_may_change_are_left_out():
    settings = Settings(Path("sentences"))
    assert shaping_settings(settings) == {"epochs": 3, "seed": 13}
    assert all(hasattr(settings, name) for name in NON_MODEL_SETTINGS)
