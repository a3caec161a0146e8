"""A task small enough to be checked by hand: a line through points, with noise from torch's generator."""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ckgqa.training.distributed import join
from ckgqa.training.lengths import batches_by_length
from ckgqa.training.loop import fit
from ckgqa.training.task import LoopSettings, ParameterGroup

POINTS = 40


class LineTask:
    """Fits y = 2x - 1 by a small network; implements `ckgqa.training.task.TrainingTask`."""

    unit = "points"
    monitor = "score"

    def __init__(self, noise: float = 0.1, die_at: int = -1, scores: Sequence[float] = ()) -> None:
        torch.manual_seed(3)
        self.model = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
        self.x = torch.linspace(-1, 1, POINTS)[:, None]
        self.noise, self.die_at, self.scores = noise, die_at, list(scores)
        self.losses = 0
        self.validated: list[list[Tensor]] = []

    def parameter_groups(self) -> Sequence[ParameterGroup]:
        first, second = self.model[0], self.model[2]
        return [
            ParameterGroup(list(first.parameters()), 0.02, 0.1),
            ParameterGroup(list(second.parameters()), 0.05, 0.0),
        ]

    def batches(self, epoch: int) -> Sequence[Sequence[int]]:
        return batches_by_length([1] * POINTS, 6, 6, np.random.default_rng(epoch))

    def weight(self, batch: Sequence[int]) -> float:
        return float(len(batch))

    def loss(self, items: Sequence[int]) -> Tensor:
        self.losses += 1
        if self.losses == self.die_at:
            raise KeyboardInterrupt
        x = self.x[list(items)]
        noisy = x + self.noise * torch.randn_like(x)
        return ((self.model(noisy) - (2 * x - 1)) ** 2).sum()

    def validate(self) -> Mapping[str, float]:
        self.validated.append(weights(self))
        if self.scores:
            return {"score": self.scores[len(self.validated) - 1]}
        return {"score": -float(((self.model(self.x) - (2 * self.x - 1)) ** 2).mean())}


def loop_settings(**changed: object) -> LoopSettings:
    base: dict[str, object] = {
        "epochs": 4, "patience": 4, "warmup_fraction": 0.1, "clip_norm": 1.0, "ema_decay": 0.9, "seed": 5,
        "bf16": "off", "checkpoint_folder": None, "checkpoint_minutes": 0.0, "tensorboard_folder": None,
    }  # fmt: skip
    return LoopSettings(**(base | changed))  # type: ignore[arg-type]


def weights(task: LineTask) -> list[Tensor]:
    return [p.detach().clone() for p in task.model.parameters()]


def main() -> None:
    """Train without noise as one of several processes, and let the main process save the weights."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    with join("cpu") as processes:
        task = LineTask(noise=0.0)
        fit(task, loop_settings(), {}, processes)
        torch.save(weights(task), out / f"{os.environ.get('RANK', '0')}-of-{processes.count}.pt")


if __name__ == "__main__":
    main()
