"""Which settings of a training shape its model: the manifest and the identity of a checkpoint hold these alone."""

from ckgqa.runtime.settings import plain_settings

NON_MODEL_SETTINGS: frozenset[str] = frozenset({"checkpoint_dir", "checkpoint_minutes", "tensorboard_dir", "device"})
"""Settings that may differ between a run and its restart, because the model does not depend on them."""


def shaping_settings(settings: object) -> dict[str, object]:
    """Return the settings that shape the model, without paths in or out.

    Args:
        settings: an instance of a stage's settings dataclass.
    """
    return {name: value for name, value in plain_settings(settings).items() if name not in NON_MODEL_SETTINGS}
