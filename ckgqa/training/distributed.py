"""Several processes that train one model: `torchrun` starts them, this module makes them one.

Each process takes its share of every batch, and the gradients are summed over all: with the losses divided by the
whole batch's weight, any number of processes takes the same step as one (up to the order of floating-point sums).
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn import Parameter

from ckgqa.runtime.errors import InputError

Item = TypeVar("Item")


@dataclass(frozen=True)
class Processes:
    """This process among all that train together; one alone where torchrun did not start us."""

    rank: int
    count: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process validates, logs and writes for all."""
        return self.rank == 0

    def share(self, batch: Sequence[Item]) -> Sequence[Item]:
        """Give this process's part of a whole batch."""
        return batch[self.rank :: self.count]

    def sum_gradients(self, parameters: Sequence[Parameter]) -> None:
        """Replace every gradient by its sum over all processes; one without a gradient counts as zeros."""
        if self.count == 1:
            return
        gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        dist.all_reduce(flat)
        for parameter, part in zip(parameters, torch.split(flat, [g.numel() for g in gradients]), strict=True):
            parameter.grad = part.view_as(parameter)

    def sum(self, value: Tensor) -> Tensor:
        """Give the sum of a number over all processes."""
        if self.count > 1:
            dist.all_reduce(value)
        return value

    def from_leader(self, value: Item) -> Item:
        """Give every process what the leader has; the others' own value is not looked at."""
        if self.count == 1:
            return value
        held = [value]
        dist.broadcast_object_list(held, src=0)
        return held[0]


@contextmanager
def join(device: str) -> Iterator[Processes]:
    """Join the processes that torchrun started, or stand alone.

    Args:
        device: `cpu`, `cuda`, or `auto` for a GPU where there is one.

    Raises:
        InputError: `cuda` is asked for and there is no GPU.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    place = choose_device(device)
    if count == 1:
        yield Processes(0, 1, place)
        return
    if place.type == "cuda":
        place = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(place)
    dist.init_process_group("nccl" if place.type == "cuda" else "gloo")
    try:
        yield Processes(dist.get_rank(), count, place)
    finally:
        dist.destroy_process_group()


def choose_device(device: str) -> torch.device:
    """Turn `auto`, `cpu` or `cuda` into a device.

    Raises:
        InputError: `cuda` is asked for and there is no GPU.
    """
    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise InputError("--device cuda: no GPU is visible here; use cpu or auto")
    return torch.device("cuda" if device != "cpu" and there else "cpu")
