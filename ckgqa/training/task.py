"""What a model brings to the shared loop, and what of the loop can be set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from torch import Tensor, nn
from torch.nn import Parameter

from ckgqa.training.choices import Bf16


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters that learn at one rate."""

    parameters: Sequence[Parameter]
    learning_rate: float
    """Highest rate of AdamW for them, after the warm-up."""
    weight_decay: float


class Task(Protocol):
    """A model with its data. The loop owns the order of steps; the task owns what a step means.

    All random numbers of `loss` come from torch's global generator, which the loop seeds anew for every step: that is
    why a restart and an unbroken run see the same ones.
    """

    unit: str
    """What an item of a batch is called in the progress lines, such as `sentences`."""
    best_by: str
    """The name, among what `validate` gives, of the figure by which the best epoch is chosen; higher is better."""

    @property
    def model(self) -> nn.Module:
        """The network, on its device."""
        ...

    def parameter_groups(self) -> Sequence[ParameterGroup]:
        """Give all parameters that learn, each in one group."""
        ...

    def batches(self, epoch: int) -> Sequence[Sequence[int]]:
        """Give the epoch's batches as lists of item numbers; the same at every call and in every process."""
        ...

    def weight(self, batch: Sequence[int]) -> float:
        """Give what the loss of a whole batch is divided by, such as its characters."""
        ...

    def loss(self, items: Sequence[int]) -> Tensor:
        """Give the loss, summed and not averaged, of a whole batch or of one process's share of it."""
        ...

    def validate(self) -> Mapping[str, float]:
        """Measure the model as it is; the figure that `best_by` names is among what it gives."""
        ...


@dataclass(frozen=True)
class LoopSettings:
    """How long, how carefully and on what to train."""

    epochs: int
    patience: int
    """Epochs without a better one after which training stops, counted once the figure is above 0."""
    warmup_fraction: float
    """Share of all steps in which the learning rate grows from 0 to its full value; then it falls as a cosine."""
    clip_norm: float
    """Longest gradient that is followed as it is; a longer one is shortened to this."""
    ema_decay: float
    """Decay of the averaged weights, which are validated and kept; 0 keeps the last step's."""
    seed: int
    bf16: Bf16
    checkpoint_folder: Path | None
    checkpoint_minutes: float
    tensorboard_folder: Path | None

    @classmethod
    def from_settings(cls, settings: "TrainingSettings") -> Self:
        """Take what concerns the loop out of a stage's settings; an empty folder name stands for none."""
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
    """The settings of the loop, as a stage's own settings have them."""

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
class Fitted:
    """What a run of the loop found; the task's model holds the best epoch's weights."""

    best_epoch: int
    """Counted from 1."""
    history: tuple[Mapping[str, float], ...]
    """One entry an epoch: `epoch`, `loss`, and all that `validate` measured."""
