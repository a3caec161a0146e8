"""The thresholds over which something counts, chosen on the validation split and stored in config.json."""

from dataclasses import dataclass

from ckgqa.runtime.errors import require


@dataclass(frozen=True)
class Thresholds:
    """What a pointer, and what a whole triple, must reach."""

    subject: float = 0.5
    """Probability, between 0 and 1, that the head and the tail of a subject must each have."""
    object: float = 0.5
    """The same for the heads and tails of objects."""
    triple: float = 0.0
    """Least score of a triple, 0 to below 1; 0 takes whatever the pointers give."""

    def __post_init__(self) -> None:
        for name, value in (("subject", self.subject), ("object", self.object)):
            require(0 < value < 1, f"threshold '{name}' is {value}, and must lie between 0 and 1")
        require(0 <= self.triple < 1, f"threshold 'triple' is {self.triple}, and must be at least 0 and below 1")
