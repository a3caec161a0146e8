"""An exponential moving average of the weights, which is validated and saved instead of the last step's weights.

The class `AveragedModel` of torch copies the first step's weights, and has one decay for all steps. This average starts
at the initial weights, and its decay grows over the first steps; the update itself is torch's.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

# The average forgets the first steps' random weights soon: the decay of step n is at most (1 + n) / (WARM_UP + n).
WARM_UP = 10


class WeightAverage:
    """Averages a model's parameters over the steps.

    Args:
        model: the model whose parameters are averaged.
        decay: share of the average that each step keeps, 0 to 1; with 0 the average equals the weights.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self._parameters: list[Tensor] = [p for p in model.parameters() if p.requires_grad]
        self._decay = decay
        self.average = [p.detach().clone() for p in self._parameters]
        self.steps = 0

    def update(self) -> None:
        """Move the average towards the model's weights after a step."""
        self.steps += 1
        decay = min(self._decay, (1 + self.steps) / (WARM_UP + self.steps))
        move_average = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
        move_average(self.average, [p.detach() for p in self._parameters], self.steps)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Load the average into the model for the block, and the model's own weights after it."""
        weights = [p.detach().clone() for p in self._parameters]
        self.load(self.average)
        try:
            yield
        finally:
            self.load(weights)

    def restore(self, average: list[Tensor], steps: int) -> None:
        """Resume from the state of a checkpoint."""
        self.average = [new.to(old.device) for new, old in zip(average, self.average, strict=True)]
        self.steps = steps

    def load(self, weights: list[Tensor]) -> None:
        """Load weights, in the order of the model's parameters, into the model."""
        with torch.no_grad():
            for parameter, values in zip(self._parameters, weights, strict=True):
                parameter.copy_(values)
