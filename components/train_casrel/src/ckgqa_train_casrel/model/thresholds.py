"""The decision thresholds of a model: `train` chooses them on the validation split, and config.json holds them."""

from dataclasses import dataclass

from ckgqa.runtime.errors import require


@dataclass(frozen=True)
class Thresholds:
    """Minimum probabilities of pointers, and the minimum score of a triple."""

    subject: float = 0.5
    """Probability, between 0 and 1, that the head and the tail of a subject must each reach."""
    object: float = 0.5
    """The same for the heads and tails of objects."""
    triple: float = 0.0
    """Minimum score of a triple, 0 to below 1; 0 accepts every triple that the pointers form."""

    def __post_init__(self) -> None:
        for name, value in (("subject", self.subject), ("object", self.object)):
            require(0 < value < 1, f"threshold '{name}' is {value}: expected a number above 0 and below 1")
        require(0 <= self.triple < 1, f"threshold 'triple' is {self.triple}: expected a number from 0 to below 1")
