"""An exponential moving average of the weights: what is validated and kept instead of the last step's."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

# How long the first steps' random weights are remembered: the decay grows as (1 + n) / (WARM_UP + n) to its value.
WARM_UP = 10


class WeightAverage:
    """Averages a model's parameters over the steps.

    Args:
        model: the model whose parameters are followed.
        decay: share of the average that stays at each step, 0..1; 0 follows the weights exactly.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self._live: list[Tensor] = [p for p in model.parameters() if p.requires_grad]
        self._decay = decay
        self.average = [p.detach().clone() for p in self._live]
        self.steps = 0

    def update(self) -> None:
        """Take the model's weights after a step into the average."""
        self.steps += 1
        decay = min(self._decay, (1 + self.steps) / (WARM_UP + self.steps))
        with torch.no_grad():
            torch._foreach_lerp_(self.average, [p.detach() for p in self._live], 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the average into the model for the block, and the live weights back after it."""
        live = [p.detach().clone() for p in self._live]
        self.put(self.average)
        try:
            yield
        finally:
            self.put(live)

    def restore(self, average: list[Tensor], steps: int) -> None:
        """Go on from what a checkpoint held."""
        self.average = [new.to(old.device) for new, old in zip(average, self.average, strict=True)]
        self.steps = steps

    def put(self, weights: list[Tensor]) -> None:
        """Put weights, in the order of the model's parameters, into the model."""
        with torch.no_grad():
            torch._foreach_copy_(self._live, weights)
