"""Settings of `train` as the words of a command line."""

from ckgqa_train_casrel.settings import TrainSettings

from ckgqa.runtime.settings import flags_of


def arguments(settings: TrainSettings) -> list[str]:
    """Write every setting that is not left out as its flag and its value."""
    given = {flag.option: getattr(settings, flag.name) for flag in flags_of(TrainSettings)}
    return [word for option, value in given.items() if value is not None for word in (option, str(value))]
