"""The interface between a model and the shared training loop, and the settings of the loop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from torch import Tensor, nn
from torch.nn import Parameter

from ckgqa.training.choices import Bf16


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters that share a learning rate and a weight decay."""

    parameters: Sequence[Parameter]
    learning_rate: float
    """Peak learning rate of AdamW, after the warm-up."""
    weight_decay: float


class TrainingTask(Protocol):
    """A model with its data. The loop owns the order of the steps; the task owns the content of a step.

    All random numbers of `loss` come from torch's global generator, which the loop seeds anew for every step, so that a
    restarted and an uninterrupted run draw the same ones.
    """

    unit: str
    """The name of a batch's items in the progress lines, such as `sentences`."""
    monitor: str
    """The figure of `validate` that chooses the best epoch; higher is better."""

    @property
    def model(self) -> nn.Module:
        """The network, on its device."""
        ...

    def parameter_groups(self) -> Sequence[ParameterGroup]:
        """Return all trainable parameters, each in one group."""
        ...

    def batches(self, epoch: int) -> Sequence[Sequence[int]]:
        """Return the epoch's batches as lists of item numbers; the same at every call and in every process."""
        ...

    def weight(self, batch: Sequence[int]) -> float:
        """Return the divisor of a whole batch's loss, such as its number of characters."""
        ...

    def loss(self, items: Sequence[int]) -> Tensor:
        """Return the loss, summed and not averaged, of a whole batch or of one process's share of it."""
        ...

    def validate(self) -> Mapping[str, float]:
        """Evaluate the model with its present weights; the result includes the figure `monitor`."""
        ...


@dataclass(frozen=True)
class LoopSettings:
    """Settings of the loop: length, schedule, precision, checkpoints."""

    epochs: int
    patience: int
    """Epochs without a better one after which training stops, counted once the monitored figure is above 0."""
    warmup_fraction: float
    """Share of all steps in which the learning rate grows from 0 to its full value; then it falls as a cosine."""
    clip_norm: float
    """Maximum gradient norm; larger gradients are clipped."""
    ema_decay: float
    """Decay of the averaged weights, which are validated and saved; 0 saves the last step's."""
    seed: int
    bf16: Bf16
    checkpoint_folder: Path | None
    checkpoint_minutes: float
    tensorboard_folder: Path | None

    @classmethod
    def from_settings(cls, settings: "TrainingSettings") -> Self:
        """Select the settings of the loop from a stage's settings; an empty folder name means none."""
        checkpoints = Path(settings.checkpoint_dir) if settings.checkpoint_dir else None
        tensorboard = Path(settings.tensorboard_dir) if settings.tensorboard_dir else None
        return cls(
            epochs=settings.epochs,
            patience=settings.patience,
            warmup_fraction=settings.warmup_fraction,
            clip_norm=settings.clip_norm,
            ema_decay=settings.ema_decay,
            seed=settings.seed,
            bf16=settings.bf16,
            checkpoint_folder=checkpoints,
            checkpoint_minutes=settings.checkpoint_minutes,
            tensorboard_folder=tensorboard or (checkpoints and checkpoints / "tensorboard"),
        )


class TrainingSettings(Protocol):
    """The fields that a stage's settings have for the loop."""

    @property
    def epochs(self) -> int: ...  # noqa: D102
    @property
    def patience(self) -> int: ...  # noqa: D102
    @property
    def warmup_fraction(self) -> float: ...  # noqa: D102
    @property
    def clip_norm(self) -> float: ...  # noqa: D102
    @property
    def ema_decay(self) -> float: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
    @property
    def bf16(self) -> Bf16: ...  # noqa: D102
    @property
    def checkpoint_dir(self) -> str: ...  # noqa: D102
    @property
    def checkpoint_minutes(self) -> float: ...  # noqa: D102
    @property
    def tensorboard_dir(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class TrainingResult:
    """The result of a run of the loop; the task's model holds the best epoch's weights."""

    best_epoch: int
    """Counted from 1."""
    history: tuple[Mapping[str, float], ...]
    """One entry an epoch: `epoch`, `loss`, and the figures of `validate`."""
