"""The thresholds over which a pointer counts, chosen on the validation split and stored in config.json."""

from dataclasses import dataclass

from ckgqa.runtime.errors import InputError


@dataclass(frozen=True)
class Thresholds:
    """Probabilities, each between 0 and 1, over which a head or tail counts."""

    subject: float = 0.5
    """For the heads and tails of subjects."""
    object: float = 0.5
    """For the heads and tails of objects."""

    def __post_init__(self) -> None:
        for name, value in (("subject", self.subject), ("object", self.object)):
            if not 0 < value < 1:
                raise InputError(f"threshold '{name}' is {value}, and must lie between 0 and 1")
